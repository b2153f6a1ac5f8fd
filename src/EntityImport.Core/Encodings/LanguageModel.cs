using System.Collections.Frozen;

namespace EntityImport.Encodings;

/// <summary>How likely a word is in one language. Immutable.</summary>
internal abstract class LanguageModel
{
    /// <summary>How likely a character is that the language does not know, as a natural logarithm: names and words of others occur everywhere.</summary>
    protected const double Foreign = -12;

    /// <summary>All languages that are known.</summary>
    public static IReadOnlyList<LanguageModel> All { get; } =
    [
        .. LanguageSamples.All.Select(language => new LetterModel(language.Name, language.Letters, language.Words)),
        new CharacterModel("Japanese", CommonCharacters.Japanese, isJapanese: true),
        new CharacterModel("Chinese (simplified)", CommonCharacters.Simplified, isJapanese: false),
        new CharacterModel("Chinese (traditional)", CommonCharacters.Traditional, isJapanese: false),
        new CharacterModel("Korean", CommonCharacters.Korean, isJapanese: false),
    ];

    /// <summary>The language's name in English.</summary>
    public required string Name { get; init; }

    /// <summary>The natural logarithm of how likely a word is, as it is written but for capitals.</summary>
    /// <param name="word">Letters and marks, in lower case.</param>
    public abstract double Judge(ReadOnlySpan<char> word);
}

/// <summary>A language with an alphabet, by which letters stand beside which.</summary>
internal sealed class LetterModel : LanguageModel
{
    private const char Edge = ' ';

    /// <summary>How many times a letter counts as seen alone before it counts as seen beside another.</summary>
    private const double Backing = 6;

    private readonly FrozenDictionary<char, int> _index;
    private readonly double[] _beside;

    [System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
    public LetterModel(string name, string letters, string words)
    {
        Name = name;
        var isLatin = letters[0] < 'Ͱ';
        var alphabet = new HashSet<char>(letters) { Edge };
        if (isLatin) alphabet.UnionWith("abcdefghijklmnopqrstuvwxyz");
        var samples = words.Split((char[])[' ', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries).SelectMany(Spellings).ToList();
        foreach (var sample in samples) alphabet.UnionWith(sample);
        _index = alphabet.Select((letter, i) => (letter, i)).ToFrozenDictionary(pair => pair.letter, pair => pair.i);
        var size = alphabet.Count;
        var alone = new double[size];
        var pairs = new double[size * size];
        var before = new double[size];
        Array.Fill(alone, 0.3);
        foreach (var sample in samples)
        {
            var previous = _index[Edge];
            foreach (var letter in sample.Append(Edge))
            {
                var current = _index[letter];
                alone[current]++;
                pairs[previous * size + current]++;
                before[previous]++;
                previous = current;
            }
        }

        var all = alone.Sum();
        _beside = new double[size * size];
        for (var previous = 0; previous < size; previous++)
            for (var current = 0; current < size; current++)
                _beside[previous * size + current] = Math.Log((pairs[previous * size + current] + Backing * alone[current] / all) / (before[previous] + Backing));
    }

    /// <inheritdoc/>
    public override double Judge(ReadOnlySpan<char> word)
    {
        var size = _index.Count;
        var sum = 0.0;
        var previous = _index[Edge];
        foreach (var letter in word)
        {
            if (!_index.TryGetValue(letter, out var current))
            {
                sum += Foreign;
                previous = _index[Edge];
                continue;
            }

            sum += _beside[previous * size + current];
            previous = current;
        }

        return sum + _beside[previous * size + _index[Edge]];
    }

    /// <summary>A word as it is, and with its tone marks apart, as windows-1258 writes them.</summary>
    private static IEnumerable<string> Spellings(string word)
    {
        yield return word;
        var apart = string.Concat(word.Select(letter =>
        {
            var parts = letter.ToString().Normalize(System.Text.NormalizationForm.FormD);
            var tone = parts.IndexOfAny(['\u0300', '\u0301', '\u0303', '\u0309', '\u0323']);
            return tone < 0 || letter is < 'Ạ' or > 'ỹ' ? letter.ToString() : parts.Remove(tone, 1).Normalize(System.Text.NormalizationForm.FormC) + parts[tone];
        }));
        if (apart != word) yield return apart;
    }
}

/// <summary>A language that writes with thousands of characters, by how frequent each is.</summary>
internal sealed class CharacterModel : LanguageModel
{
    private readonly FrozenSet<char> _common;
    private readonly bool _isJapanese;
    private readonly bool _isKorean;
    private readonly double _isCommon;

    [System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
    public CharacterModel(string name, string common, bool isJapanese)
    {
        Name = name;
        _common = common.ToFrozenSet();
        _isJapanese = isJapanese;
        _isKorean = common[0] >= '가';
        _isCommon = Math.Log((isJapanese ? 0.4 : 0.75) / _common.Count);
    }

    /// <inheritdoc/>
    public override double Judge(ReadOnlySpan<char> word)
    {
        var sum = 0.0;
        foreach (var character in word) sum += JudgeCharacter(character);
        return sum;
    }

    private double JudgeCharacter(char character)
    {
        if (_common.Contains(character)) return _isCommon;
        return character switch
        {
            >= '\u3041' and <= '\u3096' => _isJapanese ? -5.5 : Foreign,
            >= '\u30A1' and <= '\u30FA' or 'ー' => _isJapanese ? -5.3 : Foreign,
            '々' => _isJapanese ? -7 : Foreign,
            >= '\uFF66' and <= '\uFF9F' => _isJapanese ? -8 : Foreign,
            >= '\uFF10' and <= '\uFF5A' => -9,
            >= '\u4E00' and <= '\u9FFF' => _isKorean ? -14 : _isJapanese ? -10 : -10.5,
            >= '가' and <= '힣' => _isKorean ? -9 : -15,
            >= 'a' and <= 'z' => -4,
            _ => -14,
        };
    }
}

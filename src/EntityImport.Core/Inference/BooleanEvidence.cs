namespace EntityImport.Inference;

/// <summary>What a column's values say about it being one of truth values: the different words, as long as there are few.</summary>
internal sealed class BooleanEvidence
{
    /// <summary>Spellings of two words: lower case, upper case, capitalized, and some more.</summary>
    private const int MaxSpellings = 8;

    private static readonly (string True, string False)[] Pairs =
    [
        ("true", "false"), ("yes", "no"), ("y", "n"), ("t", "f"), ("on", "off"),
        ("ja", "nein"), ("wahr", "falsch"), ("oui", "non"), ("vrai", "faux"), ("sí", "no"), ("si", "no"), ("sì", "no"), ("verdadero", "falso"),
        ("vero", "falso"), ("sim", "não"), ("tak", "nie"), ("ja", "nee"), ("ja", "nej"),
    ];

    private readonly List<string> _spellings = [];

    /// <summary>Whether there are too many different values.</summary>
    public bool IsHopeless { get; private set; }

    public void Add(ReadOnlySpan<char> text)
    {
        foreach (var known in _spellings)
            if (text.SequenceEqual(known)) return;
        if (_spellings.Count == MaxSpellings) IsHopeless = true;
        else _spellings.Add(text.ToString());
    }

    /// <summary>Notes a value that is no word.</summary>
    public void AddOther() => IsHopeless = true;

    /// <summary>The spellings of true and of false; null where the column holds something else.</summary>
    /// <remarks>Single letters, and <c>on</c> and <c>off</c>, may as well be codes: they count only where both occur.</remarks>
    public (IReadOnlyList<string> True, IReadOnlyList<string> False)? Words()
    {
        if (IsHopeless || _spellings.Count == 0) return null;
        foreach (var (yes, no) in Pairs)
        {
            var trues = Spellings(yes);
            var falses = Spellings(no);
            if (trues.Count + falses.Count != _spellings.Count) continue;
            var mayBeCodes = yes.Length <= 2;
            if (!mayBeCodes || (trues.Count > 0 && falses.Count > 0)) return (trues, falses);
        }

        return null;
    }

    private List<string> Spellings(string word) => _spellings.FindAll(spelling => spelling.Equals(word, StringComparison.OrdinalIgnoreCase));
}

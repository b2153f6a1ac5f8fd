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

    private readonly List<Spelling> _spellings = [];

    /// <summary>Whether there are too many different values.</summary>
    public bool IsHopeless { get; private set; }

    public void Add(ReadOnlySpan<char> text, RecordPlace place)
    {
        foreach (var known in _spellings)
        {
            if (!text.SequenceEqual(known.Text)) continue;
            known.Found.Add(text, place);
            return;
        }

        if (_spellings.Count == MaxSpellings)
        {
            IsHopeless = true;
            return;
        }

        var spelling = new Spelling(text.ToString());
        spelling.Found.Add(text, place);
        _spellings.Add(spelling);
    }

    /// <summary>Notes a value that is no word.</summary>
    public void AddOther() => IsHopeless = true;

    /// <summary>The spellings of true and of false; null where the column holds something else.</summary>
    /// <remarks>A word alone, such as the <c>NO</c> of Norway, may mean anything, unless it is true or false itself: all others count only where both occur.</remarks>
    public (IReadOnlyList<string> True, IReadOnlyList<string> False)? Words()
    {
        if (IsHopeless || _spellings.Count == 0) return null;
        foreach (var (yes, no) in Pairs)
        {
            var trues = Spellings(yes);
            var falses = Spellings(no);
            if (trues.Count + falses.Count != _spellings.Count) continue;
            if (yes == "true" || (trues.Count > 0 && falses.Count > 0)) return (trues, falses);
        }

        return null;
    }

    /// <summary>The one word of the column, where it may mean true or false; else null.</summary>
    public string? LoneWord()
    {
        if (IsHopeless || _spellings.Count == 0) return null;
        var word = _spellings[0].Text;
        return _spellings.TrueForAll(spelling => spelling.Is(word)) && Array.Exists(Pairs, pair => _spellings[0].Is(pair.True) || _spellings[0].Is(pair.False)) ? word : null;
    }

    /// <summary>What is neither true nor false in a column where most is; null where most is not.</summary>
    public Sightings? Others()
    {
        if (IsHopeless) return null;
        foreach (var (yes, no) in Pairs)
        {
            var others = _spellings.FindAll(spelling => !spelling.Is(yes) && !spelling.Is(no));
            if (others.Count == 0 || Spellings(yes).Count == 0 || Spellings(no).Count == 0) continue;
            var found = new Sightings();
            foreach (var other in others) found.Add(other.Found);
            if (found.Count * 2 <= _spellings.Sum(spelling => spelling.Found.Count)) return found;
        }

        return null;
    }

    private List<string> Spellings(string word) => _spellings.FindAll(spelling => spelling.Is(word)).ConvertAll(spelling => spelling.Text);

    private sealed class Spelling(string text)
    {
        public string Text { get; } = text;

        public Sightings Found { get; } = new();

        public bool Is(string word) => Text.Equals(word, StringComparison.OrdinalIgnoreCase);
    }
}

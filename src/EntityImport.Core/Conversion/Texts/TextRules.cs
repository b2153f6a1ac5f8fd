namespace EntityImport.Conversion.Texts;

/// <summary>What becomes of the texts of one column before they are converted, as a mapping says it of a field. Immutable.</summary>
public sealed record TextRules
{
    /// <summary>The rules of a field that says nothing.</summary>
    public static TextRules None { get; } = new();

    /// <summary>How texts are made alike; none by default. The order does not matter, see <see cref="TextNormalization"/>.</summary>
    public IReadOnlyList<TextNormalization> Normalize { get; init; } = [];

    /// <summary>Texts that are null besides the empty one, in place of the definition's; null where the definition's hold.</summary>
    public WordList? NullValues { get; init; }

    /// <summary>Texts that are 0 in fields that are numbers, in place of the definition's; null where the definition's hold.</summary>
    public WordList? ZeroValues { get; init; }

    /// <summary>Texts that stand for others, or, where those are null, for null.</summary>
    public IReadOnlyDictionary<string, string?> ValueMap { get; init; } = new Dictionary<string, string?>();
}

/// <summary>A way in which texts are made alike. Whatever order they are stated in, they are done in this one: INVISIBLE, NFC, UPPER, TRIM.</summary>
public enum TextNormalization
{
    /// <summary>White space at both ends is cut, any that Unicode has.</summary>
    Trim,

    /// <summary>Characters that nobody can see are dropped, but for white space.</summary>
    Invisible,

    /// <summary>A letter and the marks behind it become one character where there is such a one (Unicode's form C).</summary>
    Nfc,

    /// <summary>Letters become capitals, each a single one, as in no particular language: ß and ı stay.</summary>
    Upper,
}

/// <summary>What texts mean that spreadsheets were to show as they are.</summary>
public enum SpreadsheetText
{
    /// <summary>They are what they are.</summary>
    Keep,

    /// <summary><c>="00123"</c> is 00123, and so is <c>'00123</c>; an apostrophe before a letter stays.</summary>
    Unwrap,
}

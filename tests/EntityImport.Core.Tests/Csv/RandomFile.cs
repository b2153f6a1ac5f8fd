using System.Text;
using EntityImport.Csv;

namespace EntityImport.Core.Tests.Csv;

/// <summary>Random texts made of what a tokenizer may stumble over.</summary>
internal sealed class RandomFile(int seed)
{
    /// <summary>Dialects whose marks are alike, long, spaces, or begin with the same byte.</summary>
    public static readonly CsvDialect[] Dialects =
    [
        CsvDialect.Default,
        new(",", trimSpaces: false),
        new(",", escape: '\\'),
        new("\t", '\'', '\'', trimSpaces: true),
        new(" "),
        new("  ", '"', '\\'),
        new(",", '"', '¤'),
        new("||", '"', '^'),
        new(", "),
        new(" ,", trimSpaces: false),
        new(",,,,", '\''),
        new("§", '«', '\u00AC'),
        new("§¬", '«'),
        new("、。、。", '”', '“', trimSpaces: false),
        new("😀😁", '"', '\\'),
        new("，", '＂'),
        new("\uFEFF|"),
        new(",", multilineFields: false),
        new(";", escape: '\\', multilineFields: false),
        new("||", '"', '^', trimSpaces: false, multilineFields: false),
    ];

    private readonly Random _random = new(seed);

    /// <summary>A dialect.</summary>
    public CsvDialect NextDialect() => Dialects[_random.Next(Dialects.Length)];

    /// <summary>A number from <paramref name="from"/> to <paramref name="to"/>.</summary>
    public int Next(int from, int to) => _random.Next(from, to + 1);

    /// <summary>One of two.</summary>
    public bool NextBool() => _random.Next(2) == 0;

    /// <summary>A text of up to so many pieces.</summary>
    public byte[] NextText(CsvDialect dialect, int pieces)
    {
        var quote = dialect.Quote.ToString();
        string[] pieceTexts =
        [
            dialect.Delimiter, dialect.Delimiter, quote, quote, quote + dialect.Delimiter + quote, quote + "\n" + quote, quote + quote,
            dialect.Escape.ToString(), dialect.Escape + quote, "\n", "\n", "\r", "\r\n", "\n" + quote, " ", "\t", "  ", "a", "bc", "é", "\u00AC\u00A7", "、", "\0",
            "\uFEFF", "\n\uFEFF", "\n\uFEFF" + quote, "\n\uFEFF\uFEFF", "\u001A", "\u001A\r\n",
        ];
        // Of a mark of several bytes the first one alone is text.
        byte[][] alphabet =
        [
            .. pieceTexts.Select(Encoding.UTF8.GetBytes),
            dialect.DelimiterBytes[..1].ToArray(), dialect.QuoteBytes[..1].ToArray(), dialect.EscapeBytes[..1].ToArray(), [0xEF], [0xEF, 0xBB],
        ];
        var weights = alphabet.Select(_ => _random.Next(4)).ToArray();
        var lot = alphabet.SelectMany((piece, i) => Enumerable.Repeat(piece, weights[i])).Append("a"u8.ToArray()).ToArray();
        var text = new MemoryStream();
        for (var count = _random.Next(pieces + 1); count > 0; count--) text.Write(lot[_random.Next(lot.Length)]);
        return text.ToArray();
    }

    /// <summary>A text as a failing test shows it.</summary>
    public static string Show(byte[] text) => string.Concat(
        Encoding.Latin1.GetString(text).Select(c => c is >= ' ' and <= '~' and not '\\' ? c.ToString() : $"\\x{(int)c:X2}"));
}

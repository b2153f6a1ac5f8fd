using EntityImport.Csv;

namespace EntityImport.Core.Tests.Csv;

/// <summary>What the records of a text are, rule by rule.</summary>
internal static class TokenizerCases
{
    private static readonly CsvDialect Backslash = new(",", escape: '\\');
    private static readonly CsvDialect NoTrimming = new(",", trimSpaces: false);
    private static readonly CsvDialect OneLine = new(",", multilineFields: false);

    public static IEnumerable<TokenizerCase> All =>
    [
        .. LineEnds, .. BlankLines, .. Spaces, .. Quotes, .. Escapes, .. BrokenQuotes, .. OneLineFields, .. Delimiters, .. OddBytes, .. RecordLimits,
    ];

    private static IEnumerable<TokenizerCase> LineEnds =>
    [
        TokenizerCase.Of("LF", "a,b\nc,d\n", "1: [a][b]", "2: [c][d]"),
        TokenizerCase.Of("CR LF", "a,b\r\nc,d\r\n", "1: [a][b]", "2: [c][d]"),
        TokenizerCase.Of("CR", "a,b\rc,d\r", "1: [a][b]", "2: [c][d]"),
        TokenizerCase.Of("line ends mixed", "a\r\nb\nc\rd\n\re", "1: [a]", "2: [b]", "3: [c]", "4: [d]", "6: [e]"),
        TokenizerCase.Of("no final line end", "a,b\nc,d", "1: [a][b]", "2: [c][d]"),
        TokenizerCase.Of("delimiter at the end of the file", "a,b\nc,", "1: [a][b]", "2: [c][]"),
        TokenizerCase.Of("empty file", ""),
        TokenizerCase.Of("one byte", "a", "1: [a]"),
        TokenizerCase.Of("a lone CR", "\r"),
        TokenizerCase.Of("quoted line ends count as lines", "\"a\nb\",\"c\r\nd\re\"\nf,g\n", "1: [\"a\nb\"][\"c\r\nd\re\"]", "5: [f][g]"),
        TokenizerCase.Of("a quoted CR before a quoted LF is one line", "\"\r\n\"\nx", "1: [\"\r\n\"]", "3: [x]"),
        TokenizerCase.Of("a quoted LF before a quoted CR is two", "\"\n\r\"\nx", "1: [\"\n\r\"]", "4: [x]"),
        TokenizerCase.Of("a quoted CR at the end", "\"\r\"\nx", "1: [\"\r\"]", "3: [x]"),
    ];

    private static IEnumerable<TokenizerCase> BlankLines =>
    [
        TokenizerCase.Of("blank lines are passed", "\n\na,b\n\r\n\r\rc,d\n\n", "3: [a][b]", "7: [c][d]"),
        TokenizerCase.Of("blank lines count in one column", "\na\n\nb\n\n", "1: []", "2: [a]", "3: []", "4: [b]", "5: []") with { OneColumn = true },
        TokenizerCase.Of("a final line end makes no blank line", "a\n", "1: [a]") with { OneColumn = true },
        TokenizerCase.Of("a line of spaces is blank", "a,b\n \t \nc,d\n  ", "1: [a][b]", "3: [c][d]"),
        TokenizerCase.Of("a line of spaces is an empty field in one column", "a\n  \n ", "1: [a]", "2: []", "3: []") with { OneColumn = true },
        TokenizerCase.Of("a line of spaces is a field where spaces count", "a,b\n  \n", "1: [a][b]", "2: [  ]") with { Dialect = NoTrimming },
        TokenizerCase.Of("empty quotes are no blank line", "\"\"\na\n", "1: [\"\"]", "2: [a]"),
        TokenizerCase.Of("a delimiter is no blank line", ",\n", "1: [][]"),
        TokenizerCase.Of("ragged records", "a\na,b\na,b,c\n", "1: [a]", "2: [a][b]", "3: [a][b][c]"),
    ];

    private static IEnumerable<TokenizerCase> Spaces =>
    [
        TokenizerCase.Of("spaces around fields are cut", " a\t,\t b c \n", "1: [a][b c]"),
        TokenizerCase.Of("spaces around fields stay", " a\t,\t b c \n", "1: [ a\t][\t b c ]") with { Dialect = NoTrimming },
        TokenizerCase.Of("spaces around quotes are cut", " \t\"a\" , \" b \"\t\n\"c\" ", "1: [\"a\"][\" b \"]", "2: [\"c\"]"),
        TokenizerCase.Of("a quote behind a space is text where spaces count", " \"a\",b\n", "1: [ \"a\"][b]") with { Dialect = NoTrimming },
        TokenizerCase.Of("a space behind a quote is text where spaces count", "\"a\" ,b\nc,d\n", "1: TextAfterQuote+0 \"a\" ,b", "2: [c][d]") with { Dialect = NoTrimming },
        TokenizerCase.Of("other white space stays", "\u00A0a\u000B,\u3000\n", "1: [\u00A0a\u000B][\u3000]"),
        TokenizerCase.Of("fields of spaces are empty", "  , \t ,\n", "1: [][][]"),
    ];

    private static IEnumerable<TokenizerCase> Quotes =>
    [
        TokenizerCase.Of("quotes keep delimiters and line ends", "\"a,b\",\"c\nd\"\n", "1: [\"a,b\"][\"c\nd\"]"),
        TokenizerCase.Of("doubled quotes", "\"\"\"a\"\"b\"\"\",\"\"\"\"\n", "1: [\"\"a\"b\"\"][\"\"\"]"),
        TokenizerCase.Of("empty quotes", "\"\",\"\"\n", "1: [\"\"][\"\"]"),
        TokenizerCase.Of("a quote in an unquoted field is text", "3/4\" bolt,5'\"\"\nx\"y\",\"z\"\n", "1: [3/4\" bolt][5'\"\"]", "2: [x\"y\"][\"z\"]"),
        TokenizerCase.Of("a quote behind text and spaces is text", "a \"b\", c\"\n", "1: [a \"b\"][c\"]"),
        TokenizerCase.Of("a quote of two bytes", "«a,b«,«c««d«,e\u00AB\u00ACf\n", "1: [\"a,b\"][\"c«d\"][e«¬f]") with { Dialect = new CsvDialect(",", '«') },
        TokenizerCase.Of("a quote of three bytes", "”a\n”,”””” ,b\n", "1: [\"a\n\"][\"”\"][b]") with { Dialect = new CsvDialect(",", '”') },
        TokenizerCase.Of("marks that begin with the same byte", "«a§b«§«c\\«\u00ACd«§\u00AC\n", "1: [\"a§b\"][\"c«¬d\"][¬]") with { Dialect = new CsvDialect("§", '«', '\\') },
        TokenizerCase.Of("apostrophes as quotes", "'a,''b''',c'd\n", "1: [\"a,'b'\"][c'd]") with { Dialect = new CsvDialect(",", '\'') },
        TokenizerCase.Of("quotes across blocks of 64 bytes", $"\"{new string('x', 61)}\"\",\"\"{new string('y', 64)}\n\"\nz", $"1: [\"{new string('x', 61)}\",\"{new string('y', 64)}\n\"]", "3: [z]"),
    ];

    private static IEnumerable<TokenizerCase> Escapes =>
    [
        TokenizerCase.Of("an escaped quote", "\"a\\\"b\",c\n", "1: [\"a\"b\"][c]") with { Dialect = Backslash },
        TokenizerCase.Of("an escaped escape", "\"a\\\\\",\"\\\\\\\"\"\n", "1: [\"a\\\"][\"\\\"\"]") with { Dialect = Backslash },
        TokenizerCase.Of("an escape before text is text", "\"a\\b\\,\",c\n", "1: [\"a\\b\\,\"][c]") with { Dialect = Backslash },
        TokenizerCase.Of("an escaped line end, as MariaDB writes it", "\"a\\\nb\\\r\nc\",d\ne", "1: [\"a\nb\r\nc\"][d]", "4: [e]") with { Dialect = Backslash },
        TokenizerCase.Of("an escape outside of quotes is text", "a\\,b\\\"\n\\\"c\",\\\n", "1: [a\\][b\\\"]", "2: [\\\"c\"][\\]") with { Dialect = Backslash },
        TokenizerCase.Of("quotes are not doubled where there is an escape", "\"a\"\"b\"\nc", "1: TextAfterQuote+0 \"a\"\"b\"", "2: [c]") with { Dialect = Backslash },
        TokenizerCase.Of("an escape at the end of the file", "\"a\\", "1: UnclosedQuote+0 \"a\\") with { Dialect = Backslash },
        TokenizerCase.Of("an escape of two bytes", "\"a¤\"b¤¤\",¤\n", "1: [\"a\"b¤\"][¤]") with { Dialect = new CsvDialect(",", '"', '¤') },
    ];

    private static IEnumerable<TokenizerCase> BrokenQuotes =>
    [
        TokenizerCase.Of("text after a closing quote", "a,\"b\"c\nd,e\n", "1: TextAfterQuote+2 a,\"b\"c", "2: [d][e]"),
        TokenizerCase.Of("a quote after a closing quote and a space", "\"a\" \"b\"\nc", "1: TextAfterQuote+0 \"a\" \"b\"", "2: [c]"),
        TokenizerCase.Of("an unclosed quote costs its line", "a,\"b\nc,d\ne,f\n", "1: UnclosedQuote+2 a,\"b", "2: [c][d]", "3: [e][f]"),
        TokenizerCase.Of("an unclosed quote in the last line", "a,b\nc,\"d", "1: [a][b]", "2: UnclosedQuote+2 c,\"d"),
        TokenizerCase.Of("a lone quote at the end", "a\n\"", "1: [a]", "2: UnclosedQuote+0 \""),
        TokenizerCase.Of("a quote that closes in another line's quote", "\"a\n\"b\",c\nd\n", "1: TextAfterQuote+0 \"a", "2: [\"b\"][c]", "3: [d]"),
        TokenizerCase.Of("the place of the quote at fault is that of the last one opened", "\"a\",\"b\"\"c,\nd\n", "1: UnclosedQuote+4 \"a\",\"b\"\"c,", "2: [d]"),
        TokenizerCase.Of("a second line's quote is at fault", "\"a\nb\",\"c\nd\n", "1: UnclosedQuote+6 \"a", "2: UnclosedQuote+3 b\",\"c", "3: [d]"),
        TokenizerCase.Of("a faulty line ends with CR LF", "\"a\"b\r\nc\r\n", "1: TextAfterQuote+0 \"a\"b", "2: [c]"),
        TokenizerCase.Of("a faulty line ends with CR", "\"a\"b\rc\r", "1: TextAfterQuote+0 \"a\"b", "2: [c]"),
    ];

    private static IEnumerable<TokenizerCase> OneLineFields =>
    [
        TokenizerCase.Of("a quote is not closed by one in a later line", "a,\"b,c\nd,e,f\ng,20\",h\n", "1: UnclosedQuote+2 a,\"b,c", "2: [d][e][f]", "3: [g][20\"][h]") with { Dialect = OneLine },
        TokenizerCase.Of("the same with CR LF", "a,\"b,c\r\nd,\",f\r\n\"g\"\r\n", "1: UnclosedQuote+2 a,\"b,c", "2: UnclosedQuote+2 d,\",f", "3: [\"g\"]") with { Dialect = OneLine },
        TokenizerCase.Of("the same with CR", "a,\"b\rc\",d\r", "1: UnclosedQuote+2 a,\"b", "2: [c\"][d]") with { Dialect = OneLine },
        TokenizerCase.Of("quotes that close in their lines do what they always do", "\"a,b\",\"c\"\"d\"\n\"e\"f,\"g\nh\n", "1: [\"a,b\"][\"c\"d\"]", "2: TextAfterQuote+0 \"e\"f,\"g", "3: [h]") with { Dialect = OneLine },
        TokenizerCase.Of("an escape does not keep a line end", "\"a\\\nb\"\n\"c\\\"\n", "1: UnclosedQuote+0 \"a\\", "2: [b\"]", "3: UnclosedQuote+0 \"c\\\"")
            with { Dialect = new CsvDialect(",", escape: '\\', multilineFields: false) },
        TokenizerCase.Of(
            "an open quote among many records costs its line",
            string.Concat(Enumerable.Repeat("\"a\",b\n", 40)) + "\"c,d\n" + string.Concat(Enumerable.Repeat("\"e\",f\n", 40)),
            [.. Enumerable.Range(1, 40).Select(line => $"{line}: [\"a\"][b]"), "41: UnclosedQuote+0 \"c,d", .. Enumerable.Range(42, 40).Select(line => $"{line}: [\"e\"][f]")]) with { Dialect = OneLine },
    ];

    private static IEnumerable<TokenizerCase> Delimiters =>
    [
        TokenizerCase.Of("two pipes", "a||\"b||c\"||d|e\n|||f\n\"g\"||\"h\"|\n", "1: [a][\"b||c\"][d|e]", "2: [][|f]", "3: TextAfterQuote+5 \"g\"||\"h\"|") with { Dialect = new CsvDialect("||") },
        TokenizerCase.Of("a comma and a space", "a, b,c,  d\n\"e\", \"f\" , g\n", "1: [a][b,c][d]", "2: [\"e\"][\"f\"][g]") with { Dialect = new CsvDialect(", ") },
        TokenizerCase.Of("a section sign", "a§«b§\u00C2\n", "1: [a][«b][\u00C2]") with { Dialect = new CsvDialect("§") },
        TokenizerCase.Of("two emoji", "a😀😁b😀c\n\"d\" 😀😁\"😀😁\"\n", "1: [a][b😀c]", "2: [\"d\"][\"😀😁\"]") with { Dialect = new CsvDialect("😀😁") },
        TokenizerCase.Of("four characters of three bytes", "a、。、。b、。\n\"d\"、。、。\"e\"、。、\n", "1: [a][b、。]", "2: TextAfterQuote+15 \"d\"、。、。\"e\"、。、") with { Dialect = new CsvDialect("、。、。") },
        TokenizerCase.Of("tabs with spaces cut", "a\t b \t\t\" c\" \td\n\t\n", "1: [a][b][][\" c\"][d]", "2: [][]") with { Dialect = new CsvDialect("\t") },
        TokenizerCase.Of("tabs with spaces kept", "a\t b \t\t\"c\"\n", "1: [a][ b ][][\"c\"]") with { Dialect = new CsvDialect("\t", trimSpaces: false) },
        TokenizerCase.Of("spaces", "a \"b c\"  d\t\n", "1: [a][\"b c\"][][d]") with { Dialect = new CsvDialect(" ") },
        TokenizerCase.Of("a semicolon leaves commas alone", "1,5;\"2,5\";3\n", "1: [1,5][\"2,5\"][3]") with { Dialect = new CsvDialect(";") },
    ];

    private static IEnumerable<TokenizerCase> OddBytes =>
    [
        TokenizerCase.Of("NUL bytes are text", "\0,a\0b\n\"\0\",\0\0\n\0", "1: [\0][a\0b]", "2: [\"\0\"][\0\0]", "3: [\0]"),
        TokenizerCase.Of("byte order marks where records begin are no data", "\uFEFFa,b\n\uFEFF\"c,\",d\n\uFEFF\uFEFF\n\uFEFF", "1: [a][b]", "2: [\"c,\"][d]"),
        TokenizerCase.Of("byte order marks elsewhere are text", "a\uFEFF,\uFEFFb\n\"\n\uFEFFc\", \uFEFF\n", "1: [a\uFEFF][\uFEFFb]", "2: [\"\n\uFEFFc\"][\uFEFF]"),
        TokenizerCase.Of("a byte order mark in front of a blank line of a file of one column", "a\n\uFEFF\n\uFEFFb", "1: [a]", "2: []", "3: [b]") with { OneColumn = true },
        new("part of a byte order mark is text", [0xEF, 0xBB, (byte)',', 0xEF, (byte)'\n', 0xEF], ["1: [\uFFFD][\uFFFD]", "2: [\uFFFD]"]),
        new("bytes that are no UTF-8", [0xFF, (byte)',', 0xC2, (byte)'\n', 0xE2, 0x80, (byte)',', 0x80], ["1: [\uFFFD][\uFFFD]", "2: [\uFFFD][\uFFFD]"]),
        new("half a delimiter", [0xC2, 0xC2, 0xA7, 0xC2], ["1: [\uFFFD][\uFFFD]"]) { Dialect = new CsvDialect("§") },
        TokenizerCase.Of("other control characters are text", "\u000B\u000C\u001F,\u0085\u2028\n", "1: [\u000B\u000C\u001F][\u0085\u2028]"),
    ];

    private static IEnumerable<TokenizerCase> RecordLimits =>
    [
        Limited("a record of the limit", "1234567890\n12345,7890\n", "1: [1234567890]", "2: [12345][7890]"),
        Limited("a record of the limit, quoted", "\"23456789\"\r\n\"2345678\" \na", "1: [\"23456789\"]", "2: [\"2345678\"]", "3: [a]"),
        Limited("a record over the limit", "12345678901\nb\n", "1: TooLong+0 1234567890", "2: [b]"),
        Limited("a record over the limit without a line end", "a\n12345678901", "1: [a]", "2: TooLong+0 1234567890"),
        Limited("a record over the limit, with a quote beyond it", "a,345678901,\"b\nc\"\nd\n", "1: TooLong+0 a,34567890", "2: [c\"]", "3: [d]"),
        Limited("a record over the limit, with quotes within it", "\"a\",\"bcdef\"\nd\n", "1: TooLong+0 \"a\",\"bcdef", "2: [d]"),
        Limited("a quote that closes beyond the limit", "\"a\nbcdefghijk\"\nd\n", "1: UnclosedQuote+0 \"a", "2: TooLong+0 bcdefghijk", "3: [d]"),
        Limited("a record of two lines over the limit", "\"a\nbcd\",efgh,\ni\n", "1: TooLong+0 \"a", "2: [bcd\"][efgh][]", "3: [i]"),
        Limited("text after a quote at the limit", "\"2345678\"x\ny\n", "1: TextAfterQuote+0 \"2345678\"x", "2: [y]"),
        Limited("spaces beyond the limit behind a quote", "\"a\"        x\ny\n", "1: TooLong+0 \"a\"       ", "2: [y]"),
        Limited("an overlong line of CR LF", "12345678901234567890\r\nb\r\n", "1: TooLong+0 1234567890", "2: [b]"),
    ];

    private static TokenizerCase Limited(string name, string text, params string[] rows) =>
        TokenizerCase.Of(name, text, rows) with { RecordLimit = 10 };
}

using System.Text;
using EntityImport.Conversion;
using EntityImport.Entities;
using EntityImport.Rows;

namespace EntityImport.Bench.Fuzz.Targets;

/// <summary>Texts as strings and as booleans, of a column and one by one, against a plain telling of the rules. The first two bytes choose words and length.</summary>
internal sealed class TextTarget : FuzzTarget
{
    private static readonly string[] BuiltInTrue = ["true", "yes", "y", "t", "1", "on"];
    private static readonly string[] BuiltInFalse = ["false", "no", "n", "f", "0", "off"];

    private static readonly (string[] Null, string[] True, string[] False)[] Words =
    [
        ([], [], []),
        (["NULL", "\\N"], ["ja", "JA"], ["nein"]),
        (["-"], ["Y"], ["y", "é"]),
        ([], ["no"], []),
        ([], [], ["ON", "1"]),
        ([.. Enumerable.Range(0, 20).Select(i => $"none{i}")], [.. Enumerable.Range(0, 20).Select(i => $"wahr{i}")], [.. Enumerable.Range(0, 20).Select(i => $"WAHR{i + 10}x"), "falsch"]),
        ([new string('n', 70)], [new string('t', 63), new string('t', 64)], [new string('T', 64), "ß"]),
    ];

    private static readonly int?[] Lengths = [null, 1, 2, 3, 7, 8, 15, 16, 17, 40];

    private static readonly FieldDefinition Boolean = new() { SystemName = "Active", DataType = DataType.Boolean };

    private static readonly FieldDefinition[] Strings = [.. Lengths.Select(length => new FieldDefinition { SystemName = "Name", DataType = DataType.String, Length = length })];

    private readonly Column _column = new();

    public override string Name => "texts";

    public override int MaxLength => 512;

    // Each text is read by a converter of its own, too.
    public override long AllocatedBytesPerByte => 128 << 10;

    public override IReadOnlyList<string> Tokens { get; } =
    [
        "|", "true", "FALSE", "yes", "No", "on", "1", "0", "ja", "Ja", "nein", "NULL", "null", "\\N", "-", "wahr3", "WAHR12", "WAHR12x", "falsch", "none7", new string('t', 63), new string('T', 64), "é", "É", "ß", "\u212A", "\0",
        "\uFFFD", "😀", "\uD7FF", "aaaaaaaa", "aaaaaaaaaaaaaaaa", " ", "\t",
    ];

    public override void Run(byte[] input)
    {
        var chosen = new FuzzInput(input);
        var words = chosen.Choose(Words);
        var field = chosen.Choose(Strings);
        _column.Fill(chosen.Rest());
        var format = Formats.UnitedStates with { NullValues = [.. words.Null], TrueValues = [.. words.True], FalseValues = [.. words.False] };
        _column.Check(() => FieldConverters.Create(field, format), text => (FaultOf(text, field.Length), Convert.ToHexString(text)), (vector, i) => Convert.ToHexString(_column.TextAt(vector, i)));
        _column.Check(() => FieldConverters.Create(Boolean, format), text => AsBoolean(text, words.True, words.False), (vector, i) => vector.Values<byte>()[i]);
    }

    private static FaultCode FaultOf(byte[] text, int? length)
    {
        if (Column.Decode(text) is not { } characters) return FaultCode.StringEncoding;
        if (characters.Contains('\0', StringComparison.Ordinal)) return FaultCode.StringNul;
        return characters.EnumerateRunes().Count() > length ? FaultCode.StringLength : FaultCode.None;
    }

    private static (FaultCode Fault, byte Value) AsBoolean(byte[] text, string[] trueWords, string[] falseWords)
    {
        var (isTrue, isFalse) = (
            trueWords.Length > 0 ? trueWords : [.. BuiltInTrue.Where(word => !falseWords.Contains(word, StringComparer.OrdinalIgnoreCase))],
            falseWords.Length > 0 ? falseWords : [.. BuiltInFalse.Where(word => !trueWords.Contains(word, StringComparer.OrdinalIgnoreCase))]);
        if (Column.Decode(text) is not { } word) return (FaultCode.BooleanFormat, 0);
        if (isTrue.Contains(word)) return (FaultCode.None, 1);
        if (isFalse.Contains(word)) return (FaultCode.None, 0);
        // Only the case of ASCII letters is ignored.
        var (any, none) = (isTrue.Any(other => Folded(other) == Folded(word)), isFalse.Any(other => Folded(other) == Folded(word)));
        return any == none ? (FaultCode.BooleanFormat, (byte)0) : (FaultCode.None, any ? (byte)1 : (byte)0);
    }

    private static string Folded(string text) => new StringBuilder(text.Length).AppendJoin("", text.Select(c => char.IsAsciiLetterUpper(c) ? (char)(c | 0x20) : c)).ToString();
}

using System.Text;
using EntityImport.Entities;

namespace EntityImport.Conversion.Texts;

/// <summary>
/// What happens to the texts of a column before they are converted: they are unwrapped and normalized; then one is null, or zero, or stands for another. Compiled once per import
/// for the columns of which anything is said, so that others do not pay for it. Immutable and thread-safe.
/// </summary>
internal sealed class TextSteps
{
    private static readonly byte[] Zero = [(byte)'0'];

    private readonly TextPreparation _preparation;
    private readonly NullRule _nulls;
    private readonly ZeroWords? _zeros;
    private readonly Dictionary<byte[], byte[]?>.AlternateLookup<ReadOnlySpan<byte>>? _map;

    private TextSteps(FieldDefinition field, ValueFormat format, TextRules rules, WordList zeros)
    {
        _preparation = new TextPreparation(
            format.UnwrapsSpreadsheetText,
            rules.Normalize.Contains(TextNormalization.Invisible),
            rules.Normalize.Contains(TextNormalization.Nfc),
            rules.Normalize.Contains(TextNormalization.Upper),
            rules.Normalize.Contains(TextNormalization.Trim),
            format.CutsSpaces && field.DataType != DataType.String);
        // Words are what the file has for something, so they are read as its texts are.
        _nulls = new NullRule((rules.NullValues ?? format.NullValues).Prepared(_preparation));
        if (zeros.Count > 0) _zeros = new ZeroWords(zeros.Prepared(_preparation), [format.CurrencySymbol, .. format.OtherCurrencySymbols]);
        if (rules.ValueMap.Count == 0) return;
        var map = new Dictionary<byte[], byte[]?>(WordList.Exact);
        foreach (var (text, value) in rules.ValueMap) map[Encoding.UTF8.GetBytes(Prepare(text))] = value is null ? null : Encoding.UTF8.GetBytes(value);
        _map = map.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    /// <summary>Compiles the steps of a column; null where nothing happens to its texts but that some are null.</summary>
    public static TextSteps? Compile(FieldDefinition field, ValueFormat format, TextRules rules)
    {
        var zeros = field.IsNumber ? rules.ZeroValues ?? format.ZeroValues : [];
        return format.UnwrapsSpreadsheetText || rules.Normalize.Count > 0 || rules.ValueMap.Count > 0 || zeros.Count > 0
            ? new TextSteps(field, format, rules, zeros)
            : null;
    }

    /// <summary>The text that is converted; empty where the text is null.</summary>
    /// <param name="text">The text as it stands in the file, escapes resolved.</param>
    /// <param name="room">Where texts are made; it is overwritten by the next one.</param>
    public ReadOnlySpan<byte> Read(ReadOnlySpan<byte> text, TextRoom room)
    {
        text = _preparation.Read(text, room);
        return _nulls.IsNull(text) ? default : Replace(text);
    }

    /// <summary>The text as reasons show it: as it was converted, or, where it is null, as it was found to be that.</summary>
    public ReadOnlySpan<byte> ReadShown(ReadOnlySpan<byte> text, TextRoom room)
    {
        text = _preparation.Read(text, room);
        return !_nulls.IsNull(text) && Replace(text) is { IsEmpty: false } replaced ? replaced : text;
    }

    /// <summary>The text unwrapped and normalized, as words are looked for.</summary>
    public string Prepare(string text) => _preparation.Read(text);

    /// <summary>Whether a text that was prepared is null.</summary>
    public bool IsNull(string prepared) => _nulls.IsNull(Encoding.UTF8.GetBytes(prepared));

    /// <summary>Whether a text that was prepared is zero.</summary>
    public bool IsZero(string prepared) => _zeros is not null && _zeros.Contains(Encoding.UTF8.GetBytes(prepared));

    private ReadOnlySpan<byte> Replace(ReadOnlySpan<byte> text)
    {
        if (_zeros is not null && _zeros.Contains(text)) return Zero;
        return _map is { } map && map.TryGetValue(text, out var value) ? value : text;
    }
}

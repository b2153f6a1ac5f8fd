using System.Globalization;
using System.Text;
using EntityImport.Csv;
using EntityImport.Entities;
using EntityImport.Rows;

namespace EntityImport.Conversion;

/// <summary>
/// The wording of every reason for rejecting a row, in English and independent of any culture. A reason is one line without a period:
/// <c>Price: not a number of this format; ',' groups thousands here; is the decimal separator ','? (12,34)</c>.
/// </summary>
public static class RejectionReasons
{
    /// <summary>What joins the reasons of one row.</summary>
    public const string Separator = "; ";

    /// <summary>The most characters of a value that are shown; of a longer one, the beginning and <c>…</c>.</summary>
    public const int MaxShownCharacters = Limits.NameCharacters;

    /// <summary>The wording of a reason with numbers that differ from row to row: each number stands between two pieces.</summary>
    internal static IReadOnlyList<string> RecordTextAfterQuotePieces { get; } = ["text follows the closing quote of the field that opened in line ", ", column ", ""];

    /// <inheritdoc cref="RecordTextAfterQuotePieces"/>
    internal static IReadOnlyList<string> RecordUnclosedQuotePieces(int maxRecordBytes, bool multilineFields) =>
        ["the quote that opened in line ", ", column ", $" does not close {WhereQuotesClose(maxRecordBytes, multilineFields)}"];

    /// <inheritdoc cref="RecordTextAfterQuotePieces"/>
    internal static IReadOnlyList<string> KeyRepeatedPieces { get; } = ["the key came already in row ", ""];

    internal static IReadOnlyList<string> KeyTooLongPieces { get; } = ["the values of the key take more than ", " bytes together, which is the most that the store takes"];

    internal static IReadOnlyList<string> RecordTooLargePieces { get; } = ["the values of the row take more than ", " bytes, long texts aside, which is the most that the store takes"];

    /// <summary>
    /// Says why a value was refused, without the field's name and the value itself, in at most <see cref="Limits.ReasonCharacters"/> characters.
    /// </summary>
    /// <param name="code">Why; for the codes of records and keys the methods for those say more.</param>
    /// <param name="field">The field; null where the record as a whole is at fault.</param>
    /// <param name="converter">The converter that refused the value; null where it is not known, so that no hint can be given.</param>
    /// <param name="text">The refused text, escapes resolved.</param>
    public static string Describe(FaultCode code, FieldDefinition? field, FieldConverter? converter, ReadOnlySpan<byte> text) =>
        Describe(code, field, converter, converter?.Hint(text, code));

    /// <summary>The same for a hint that is known: what <see cref="FieldConverter.Hint"/> says of the refused text.</summary>
    internal static string Describe(FaultCode code, FieldDefinition? field, FieldConverter? converter, string? hint)
    {
        var sentence = code switch
        {
            FaultCode.KeyNull => "is empty, but it is part of the key",
            FaultCode.RequiredNull => "is empty, but it is required",
            FaultCode.NumberFormat => "not a number of this format",
            FaultCode.NumberRange => NumberRange(field),
            FaultCode.NumberScale => NumberScale(field),
            FaultCode.DateFormat => "not a date of this format",
            FaultCode.BooleanFormat => "neither true nor false",
            FaultCode.StringLength => string.Create(CultureInfo.InvariantCulture, $"longer than {field?.Length} characters"),
            FaultCode.StringEncoding => "not text in the file's encoding",
            FaultCode.StringNul => "contains the character U+0000, which cannot be stored",
            FaultCode.RecordFields => "the row has another number of fields than the header has columns",
            FaultCode.RecordTextAfterQuote => "text follows a closing quote",
            FaultCode.RecordUnclosedQuote => "a quote does not close",
            FaultCode.RecordTooLong => RecordTooLong(),
            FaultCode.RecordUncorrected => "the row's text still stands in errorRecord; write its values into the columns in front",
            FaultCode.KeyRepeated => "the key came earlier in the file",
            FaultCode.KeyExists => KeyExists(),
            FaultCode.KeyTooLong => "the values of the key take more bytes than the store takes",
            FaultCode.RecordTooLarge => "the values of the row take more bytes than the store takes",
            FaultCode.RequiredUnmapped => "the row is new, but this required field has no column",
            FaultCode.RecordEmpty => "the row has no value, only delimiters; with emptyRows SKIP such rows are passed over",
            FaultCode.RecordHeader => "the row is the header once more, as where files were put together",
            FaultCode.DateTwoReadings => "more than one date by the formats of this column",
            _ => throw new ArgumentOutOfRangeException(nameof(code), code, "Not a fault."),
        };
        if (converter is null) return sentence;
        if (code is FaultCode.DateFormat or FaultCode.BooleanFormat || (code is FaultCode.NumberFormat && hint is null))
            sentence = $"{sentence}; expected {ShownText.Fit(converter.Expected, Limits.ExpectedCharacters)}";
        return ShownText.Fit(hint is null ? sentence : $"{sentence}; {hint}", Limits.ReasonCharacters);
    }

    /// <summary>Puts the numbers of one row between the pieces of a reason.</summary>
    internal static string Fill(IReadOnlyList<string> pieces, params ReadOnlySpan<long> numbers)
    {
        if (numbers.IsEmpty) return pieces[0];
        var text = new StringBuilder(pieces[0]);
        for (var i = 0; i < numbers.Length; i++) text.Append(CultureInfo.InvariantCulture, $"{numbers[i]}").Append(pieces[i + 1]);
        return text.ToString();
    }

    /// <summary>The wording of <see cref="FaultCode.StringLength"/>; its number is how many characters the text has.</summary>
    internal static IReadOnlyList<string> StringLengthPieces(FieldDefinition field) => [Describe(FaultCode.StringLength, field, null, hint: null) + "; it has ", ""];

    /// <summary>The wording of <see cref="FaultCode.RecordFields"/>; its number is how many fields the row has, unless it has one.</summary>
    internal static IReadOnlyList<string> RecordFieldsPieces(int expected, FieldCountKind kind) => kind switch
    {
        FieldCountKind.One => [$"the row has 1 field, the header {Count(expected, "column")}"],
        FieldCountKind.EmptyLast => ["the row has ", $" fields, the header {Count(expected, "column")}; the last field is empty: a delimiter ends the row, which raggedRows FIT allows"],
        FieldCountKind.EmptySurplus => ["the row has ", $" fields, the header {Count(expected, "column")}; the last fields are empty: delimiters end the row, which raggedRows FIT allows"],
        _ => ["the row has ", $" fields, the header {Count(expected, "column")}"],
    };

    /// <summary>Says that a record has fewer or more fields than the header has columns.</summary>
    public static string RecordFields(int expected, int found) =>
        found == 1 ? Fill(RecordFieldsPieces(expected, FieldCountKind.One)) : Fill(RecordFieldsPieces(expected, FieldCountKind.Other), found);

    /// <summary>Says that text follows a closing quote.</summary>
    /// <param name="line">The physical line on which the quote opened, from 1.</param>
    /// <param name="column">The character of that line, from 1.</param>
    public static string RecordTextAfterQuote(long line, long column) => Fill(RecordTextAfterQuotePieces, line, column);

    /// <summary>Says that a quote does not close.</summary>
    /// <param name="line">The physical line on which the quote opened, from 1.</param>
    /// <param name="column">The character of that line, from 1.</param>
    /// <param name="maxRecordBytes">The largest number of bytes of a record.</param>
    /// <param name="multilineFields">Whether quotes enclose line ends, too.</param>
    public static string RecordUnclosedQuote(long line, long column, int maxRecordBytes = CsvDialect.MaxRecordBytes, bool multilineFields = true) =>
        Fill(RecordUnclosedQuotePieces(maxRecordBytes, multilineFields), line, column);

    /// <summary>Within what a quote has to close, as the end of a sentence about one that does not.</summary>
    internal static string WhereQuotesClose(int maxRecordBytes, bool multilineFields) =>
        multilineFields ? $"within the file or {ShownText.Size(maxRecordBytes)}" : "within its line, and multilineFields is false";

    /// <summary>Says that a record is beyond the record limit.</summary>
    /// <param name="maxRecordBytes">The largest number of bytes of a record.</param>
    public static string RecordTooLong(int maxRecordBytes = CsvDialect.MaxRecordBytes) => $"the row is longer than {ShownText.Size(maxRecordBytes)}, which is maxRecordBytes";

    /// <summary>Says that the key came earlier in the file.</summary>
    /// <param name="earlierRow">The number of that row, 1 being the first data row.</param>
    public static string KeyRepeated(long earlierRow) => Fill(KeyRepeatedPieces, earlierRow);

    /// <summary>Says that the key exists already.</summary>
    public static string KeyExists() => "a record with this key exists already";

    /// <summary>Says that a new record would lack a required field.</summary>
    public static string RequiredUnmapped(FieldDefinition field)
    {
        ArgumentNullException.ThrowIfNull(field);
        return $"the row is new, but no column fills the required field {field.SystemName}";
    }

    /// <summary>Composes one reason: <c>Field: reason (value)</c>.</summary>
    /// <param name="field">Name of the field; null where the record as a whole is at fault.</param>
    /// <param name="reason">Why, from <see cref="Describe(FaultCode, FieldDefinition?, FieldConverter?, ReadOnlySpan{byte})"/> or one of the other methods.</param>
    /// <param name="value">The refused text; nothing is shown where it is empty.</param>
    public static string Compose(string? field, string reason, ReadOnlySpan<byte> value)
    {
        var text = new StringBuilder();
        if (field is not null) text.Append(field).Append(": ");
        text.Append(reason);
        if (!value.IsEmpty) text.Append(" (").Append(Show(value)).Append(')');
        return text.ToString();
    }

    /// <summary>Describes and composes one reason for a refused value: <c>Field: reason (value)</c>.</summary>
    /// <inheritdoc cref="Describe(FaultCode, FieldDefinition?, FieldConverter?, ReadOnlySpan{byte})"/>
    public static string Compose(FaultCode code, FieldDefinition? field, FieldConverter? converter, ReadOnlySpan<byte> text) =>
        Compose(field?.SystemName, Describe(code, field, converter, text), text);

    /// <summary>Joins the reasons of one row.</summary>
    public static string Join(IEnumerable<string> reasons) => string.Join(Separator, reasons);

    /// <inheritdoc cref="Show(ReadOnlySpan{byte})"/>
    public static string Show(string value) => Show(Encoding.UTF8.GetBytes(value));

    /// <summary>
    /// A value on one line: at most <see cref="MaxShownCharacters"/> code points, bytes that are no text as <c>\xE9</c>, line ends and tabs as <c>\n</c>, <c>\t</c>, and other
    /// characters that nobody can see as <c>[U+200B]</c>.
    /// </summary>
    public static string Show(ReadOnlySpan<byte> value)
    {
        if (IsShownAsItIs(value)) return Encoding.ASCII.GetString(value);
        var shown = new StringBuilder();
        for (var count = 0; !value.IsEmpty; count++)
        {
            if (count == MaxShownCharacters) return shown.Append('…').ToString();
            if (Rune.DecodeFromUtf8(value, out var rune, out var length) != System.Buffers.OperationStatus.Done)
            {
                var (bad, badLength) = BadBytes.Read(value);
                shown.Append(CultureInfo.InvariantCulture, $"\\x{bad:X2}");
                value = value[badLength..];
                continue;
            }

            value = value[length..];
            UnseenCharacters.Append(shown, rune);
        }

        return shown.ToString();
    }

    /// <summary>Whether <see cref="Show(ReadOnlySpan{byte})"/> changes nothing; true of ordinary short values, not of all.</summary>
    internal static bool IsShownAsItIs(ReadOnlySpan<byte> value) => value.Length <= MaxShownCharacters && !value.ContainsAnyExceptInRange((byte)' ', (byte)'~');

    private static string NumberRange(FieldDefinition? field) => field switch
    {
        { IsDecimal: true } => string.Create(
            CultureInfo.InvariantCulture,
            $"too large; at most {Count(field.Precision - field.Scale, "digit")} before the decimal separator"),
        { DataType: DataType.Integer } => "too large for a whole number of 64 bits",
        { DataType: DataType.Double } => "beyond the range of a double",
        _ => "out of range",
    };

    private static string NumberScale(FieldDefinition? field) => field switch
    {
        { IsDecimal: true, Scale: > 0 } => string.Create(CultureInfo.InvariantCulture, $"more than {Count(field.Scale, "decimal")}"),
        _ => "not a whole number",
    };

    private static string Count(int count, string noun) => string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? "" : "s")}");
}

/// <summary>What is to be said of a row's number of fields.</summary>
internal enum FieldCountKind
{
    /// <summary>Another one than there are columns.</summary>
    Other,

    /// <summary>One.</summary>
    One,

    /// <summary>One more than there are columns, and the last field is empty.</summary>
    EmptyLast,

    /// <summary>More than there are columns, and all surplus fields are empty.</summary>
    EmptySurplus,
}

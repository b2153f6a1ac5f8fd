using EntityImport.Conversion.Booleans;
using EntityImport.Conversion.Dates;
using EntityImport.Conversion.Numbers;
using EntityImport.Conversion.Strings;
using EntityImport.Entities;
using EntityImport.Rows;

namespace EntityImport.Conversion;

/// <summary>Compiles the converter of a field.</summary>
public static class FieldConverters
{
    /// <summary>Compiles the converter of a field.</summary>
    /// <param name="field">The field.</param>
    /// <param name="format">How values are written in the file.</param>
    /// <param name="pattern">Date formats for this field alone, in place of the format's; null where there are none. Only dates have them.</param>
    /// <param name="defaultText">The text that is converted in place of null; null where there is none.</param>
    /// <param name="keepNulls">Whether a null is passed on as null although there is a default, because the store applies it.</param>
    /// <exception cref="DatePatternException">A date format cannot work or can only mislead.</exception>
    /// <exception cref="FormatException">The default is not a value of the field.</exception>
    /// <exception cref="ArgumentException">The format's locale does not exist.</exception>
    public static FieldConverter Create(
        FieldDefinition field,
        ValueFormat format,
        DateFormats? pattern = null,
        string? defaultText = null,
        bool keepNulls = false)
    {
        ArgumentNullException.ThrowIfNull(field);
        ArgumentNullException.ThrowIfNull(format);
        var nulls = new NullRule(format.NullValues, defaultText, keepNulls);
        return field.DataType switch
        {
            DataType.String => new StringConverter(field, nulls),
            DataType.Integer => new FieldConverter<long, IntegerParser>(field, nulls, new(Syntax(format))),
            DataType.Double => new FieldConverter<double, DoubleParser>(field, nulls, new(Syntax(format))),
            DataType.Boolean => new FieldConverter<byte, BooleanParser>(field, nulls, new(format.TrueValues, format.FalseValues)),
            DataType.Date => CreateDate(field, nulls, DateFormatSet.Compile(pattern ?? format.DateFormat, format, needsDate: true)),
            DataType.DateTime => CreateDateTime(field, nulls, DateFormatSet.Compile(pattern ?? format.DateTimeFormat, format, needsDate: false)),
            _ => CreateDecimal(field, nulls, Syntax(format), new DecimalSize(field.Precision, field.Scale)),
        };
    }

    private static FieldConverter CreateDecimal(FieldDefinition field, NullRule nulls, NumberSyntax syntax, DecimalSize size) => ColumnVector.SizeOf(field) switch
    {
        sizeof(short) => new FieldConverter<short, DecimalParser<short>>(field, nulls, new(syntax, size)),
        sizeof(int) => new FieldConverter<int, DecimalParser<int>>(field, nulls, new(syntax, size)),
        sizeof(long) => new FieldConverter<long, DecimalParser<long>>(field, nulls, new(syntax, size)),
        _ => new FieldConverter<Int128, WideDecimalParser>(field, nulls, new(syntax, size)),
    };

    private static NumberSyntax Syntax(ValueFormat format) =>
        new(format.DecimalSeparator, format.GroupingSeparator, format.CurrencySymbol, format.PercentSymbol);

    // One pattern alone, as most columns have, is read by a loop of its own.
    private static FieldConverter CreateDate(FieldDefinition field, NullRule nulls, DateFormatSet formats) => formats.OnlyPattern is { } pattern
        ? new FieldConverter<int, DateParser>(field, nulls, new(pattern, new DateHints(formats)))
        : new FieldConverter<int, FormattedDateParser>(field, nulls, new(formats, new DateHints(formats)));

    private static FieldConverter CreateDateTime(FieldDefinition field, NullRule nulls, DateFormatSet formats) => formats.OnlyPattern is { } pattern
        ? new FieldConverter<long, DateTimeParser>(field, nulls, new(pattern, new DateHints(formats)))
        : new FieldConverter<long, FormattedDateTimeParser>(field, nulls, new(formats, new DateHints(formats)));
}

using EntityImport.Conversion.Booleans;
using EntityImport.Conversion.Dates;
using EntityImport.Conversion.Numbers;
using EntityImport.Conversion.Strings;
using EntityImport.Conversion.Texts;
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
    /// <param name="rules">What becomes of the field's texts before they are converted; null where nothing is said of them.</param>
    /// <exception cref="DatePatternException">A date format cannot work or can only mislead.</exception>
    /// <exception cref="FormatException">The default is not a value of the field.</exception>
    /// <exception cref="ArgumentException">The format's locale does not exist.</exception>
    public static FieldConverter Create(
        FieldDefinition field,
        ValueFormat format,
        DateFormats? pattern = null,
        string? defaultText = null,
        bool keepNulls = false,
        TextRules? rules = null)
    {
        ArgumentNullException.ThrowIfNull(field);
        ArgumentNullException.ThrowIfNull(format);
        rules ??= TextRules.None;
        var nulls = new NullRule(rules.NullValues ?? format.NullValues, defaultText, keepNulls);
        var steps = TextSteps.Compile(field, format, rules);
        return field.DataType switch
        {
            DataType.String => new StringConverter(field, nulls, steps),
            DataType.Integer => new FieldConverter<long, IntegerParser>(field, nulls, steps, new(Syntax(format))),
            DataType.Double => new FieldConverter<double, DoubleParser>(field, nulls, steps, new(Syntax(format))),
            DataType.Boolean => new FieldConverter<byte, BooleanParser>(field, nulls, steps, new(format.TrueValues, format.FalseValues)),
            DataType.Date => CreateDate(field, nulls, steps, DateFormatSet.Compile(pattern ?? format.DateFormat, format, needsDate: true)),
            DataType.DateTime => CreateDateTime(field, nulls, steps, DateFormatSet.Compile(pattern ?? format.DateTimeFormat, format, needsDate: false)),
            _ => CreateDecimal(field, nulls, steps, Syntax(format), new DecimalSize(field.Precision, field.Scale)),
        };
    }

    private static FieldConverter CreateDecimal(FieldDefinition field, NullRule nulls, TextSteps? steps, NumberSyntax syntax, DecimalSize size) => ColumnVector.SizeOf(field) switch
    {
        sizeof(short) => new FieldConverter<short, DecimalParser<short>>(field, nulls, steps, new(syntax, size)),
        sizeof(int) => new FieldConverter<int, DecimalParser<int>>(field, nulls, steps, new(syntax, size)),
        sizeof(long) => new FieldConverter<long, DecimalParser<long>>(field, nulls, steps, new(syntax, size)),
        _ => new FieldConverter<Int128, WideDecimalParser>(field, nulls, steps, new(syntax, size)),
    };

    private static NumberSyntax Syntax(ValueFormat format) =>
        new(format.DecimalSeparator, format.GroupingSeparator, format.CurrencySymbol, format.PercentSymbol, format.OtherCurrencySymbols, format.TrailingMinus);

    // One pattern alone, as most columns have, is read by a loop of its own.
    private static FieldConverter CreateDate(FieldDefinition field, NullRule nulls, TextSteps? steps, DateFormatSet formats) => formats.OnlyPattern is { } pattern
        ? new FieldConverter<int, DateParser>(field, nulls, steps, new(pattern, new DateHints(formats)))
        : new FieldConverter<int, FormattedDateParser>(field, nulls, steps, new(formats, new DateHints(formats)));

    private static FieldConverter CreateDateTime(FieldDefinition field, NullRule nulls, TextSteps? steps, DateFormatSet formats) => formats.OnlyPattern is { } pattern
        ? new FieldConverter<long, DateTimeParser>(field, nulls, steps, new(pattern, new DateHints(formats)))
        : new FieldConverter<long, FormattedDateTimeParser>(field, nulls, steps, new(formats, new DateHints(formats)));
}

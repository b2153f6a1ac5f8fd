using EntityImport.Conversion.Booleans;
using EntityImport.Conversion.Dates;
using EntityImport.Conversion.Locales;
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
    /// <param name="pattern">A date pattern for this field alone, in place of the format's; null where there is none. Only dates have patterns.</param>
    /// <param name="defaultText">The text that is converted in place of null; null where there is none.</param>
    /// <param name="keepNulls">Whether a null is passed on as null although there is a default, because the store applies it.</param>
    /// <param name="rules">What becomes of the field's texts before they are converted; null where nothing is said of them.</param>
    /// <exception cref="DatePatternException">The date pattern cannot work or can only mislead.</exception>
    /// <exception cref="FormatException">The default is not a value of the field.</exception>
    /// <exception cref="ArgumentException">The format's locale does not exist.</exception>
    public static FieldConverter Create(
        FieldDefinition field,
        ValueFormat format,
        string? pattern = null,
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
            DataType.Date => new FieldConverter<int, DateParser>(field, nulls, steps, new(CompileDate(pattern ?? format.DateFormat, format))),
            DataType.DateTime => new FieldConverter<long, DateTimeParser>(field, nulls, steps, new(Compile(pattern ?? format.DateTimeFormat, format))),
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

    private static DatePattern CompileDate(string pattern, ValueFormat format)
    {
        var compiled = Compile(pattern, format);
        return compiled.HasDate ? compiled : throw DatePatternFaults.NoDate(pattern);
    }

    private static DatePattern Compile(string pattern, ValueFormat format)
    {
        var locale = LocaleData.Find(format.Locale) ?? throw new ArgumentException($"There is no locale '{format.Locale}'.", nameof(format));
        return DatePattern.Compile(pattern, locale, format.TwoDigitYearStart);
    }
}

using System.Text;
using EntityImport.Conversion;
using EntityImport.Conversion.Numbers;
using EntityImport.Csv;
using EntityImport.Entities;
using EntityImport.Rows;

namespace EntityImport.Core.Tests.Conversion;

/// <summary>Fields, formats and single values for the tests of converters.</summary>
internal static class Values
{
    /// <summary>The format of a definition that says nothing.</summary>
    public static ValueFormat UnitedStates { get; } = new()
    {
        Locale = "en-US",
        DateFormat = "yyyy-MM-dd",
        DateTimeFormat = "yyyy-MM-dd HH:mm:ss",
        DecimalSeparator = ".",
        GroupingSeparator = ",",
        CurrencySymbol = "$",
        PercentSymbol = "%",
        TwoDigitYearStart = new DateOnly(1946, 11, 23),
    };

    public static FieldDefinition Field(DataType type, int precision = 0, int scale = 0, int? length = null, bool required = false, bool key = false) => new()
    {
        SystemName = "Price",
        DataType = type,
        Precision = precision,
        Scale = scale,
        Length = length,
        Required = required,
        PrimaryKey = key,
    };

    public static NumberSyntax Syntax(IReadOnlyDictionary<string, string> row) =>
        new(row["decimalSeparator"], row["groupingSeparator"], row["currencySymbol"], row["percentSymbol"]);

    public static FieldConverter Decimal(IReadOnlyDictionary<string, string> row, int precision, int scale) => FieldConverters.Create(
        Field(DataType.Decimal, precision, scale),
        UnitedStates with
        {
            DecimalSeparator = row["decimalSeparator"],
            GroupingSeparator = row["groupingSeparator"],
            CurrencySymbol = row["currencySymbol"],
            PercentSymbol = row["percentSymbol"],
        });

    /// <summary>Converts one value; null is <see cref="FaultCode.None"/> and the vector says so.</summary>
    public static FaultCode Convert(FieldConverter converter, string text, out ColumnVector vector) =>
        Convert(converter, Encoding.UTF8.GetBytes(text), out vector);

    /// <inheritdoc cref="Convert(FieldConverter, string, out ColumnVector)"/>
    public static FaultCode Convert(FieldConverter converter, byte[] text, out ColumnVector vector)
    {
        // Converters take a text as it is: nothing in it is to be taken for a quote, or for a space around it.
        var batch = new RecordBatch(new CsvDialect(",", quote: '\uE000', trimSpaces: false));
        batch.Clear(text, recordsBefore: 0, position: 0, lineNumber: 1);
        (batch.BoundStore(2)[0], batch.BoundStore(2)[1]) = (-1, text.Length);
        batch.AddRecord(firstBound: 0, lastBound: 1);
        vector = new ColumnVector(converter.Field);
        var faults = new RecordFaults();
        converter.Convert(batch, 0, 0, vector, faults);
        return faults.All.Count == 0 ? FaultCode.None : faults.All[0].Code;
    }

    /// <summary>Converts one decimal of any width.</summary>
    public static FaultCode ReadDecimal(FieldConverter converter, string text, out Int128 value)
    {
        // An empty text is null for a converter, but no number for the grammar.
        var fault = text.Length == 0 ? FaultCode.NumberFormat : Convert(converter, text, out _);
        value = 0;
        if (fault != FaultCode.None) return fault;
        _ = Convert(converter, text, out var vector);
        value = vector.ValueSize switch
        {
            sizeof(short) => vector.Values<short>()[0],
            sizeof(int) => vector.Values<int>()[0],
            sizeof(long) => vector.Values<long>()[0],
            _ => vector.Values<Int128>()[0],
        };
        return fault;
    }
}

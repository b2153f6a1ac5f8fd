using EntityImport.Conversion;
using EntityImport.Entities;

namespace EntityImport.Bench.Fuzz.Targets;

/// <summary>How values are written where a target does not say otherwise, and an entity with a field of each type.</summary>
internal static class Formats
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

    /// <summary>An entity.</summary>
    public static EntityDefinition Entity { get; } = new()
    {
        SystemName = "product",
        Fields =
        [
            new() { SystemName = "Name", DataType = DataType.String, PrimaryKey = true, Required = true, Length = 40 },
            new() { SystemName = "Price", DataType = DataType.Decimal, Precision = 38, Scale = 10 },
            new() { SystemName = "Cost", DataType = DataType.Currency, Precision = 18, Scale = 4 },
            new() { SystemName = "Share", DataType = DataType.Percent, Precision = 9, Scale = 6 },
            new() { SystemName = "Quantity", DataType = DataType.Integer },
            new() { SystemName = "Weight", DataType = DataType.Double },
            new() { SystemName = "Active", DataType = DataType.Boolean },
            new() { SystemName = "ValidFrom", DataType = DataType.Date },
            new() { SystemName = "ChangedAt", DataType = DataType.DateTime },
        ],
    };
}

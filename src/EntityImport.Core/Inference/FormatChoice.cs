using EntityImport.Conversion;

namespace EntityImport.Inference;

/// <summary>What all columns of a file share, decided over all of them: separators, currency symbol, whether days come before months.</summary>
internal sealed class FormatChoice
{
    private static readonly string[] MonthFirstRegions = ["US", "PH", "PR", "GU", "VI", "AS", "MP", "FM", "MH", "PW", "UM"];

    /// <summary>Currencies of which no country writes the month first.</summary>
    private static readonly string[] DayFirstCurrencies = ["€", "EUR", "£", "GBP", "CHF", "zł", "PLN", "Kč", "CZK", "kr", "kr.", "DKK", "NOK", "₽", "RUB", "R$", "BRL", "₹", "INR", "₺", "TRY"];

    private FormatChoice(
        int separatorsIndex, NumberSeparators separators, string separatorsReason, bool areSeparatorsOpen, string currencySymbol, DayOrder order)
    {
        SeparatorsIndex = separatorsIndex;
        Separators = separators;
        SeparatorsReason = separatorsReason;
        CurrencySymbol = currencySymbol;
        AreSeparatorsOpen = areSeparatorsOpen;
        Order = order;
    }

    /// <summary>Index of <see cref="Separators"/> among the pairs that were looked at.</summary>
    public int SeparatorsIndex { get; }

    public NumberSeparators Separators { get; }

    /// <summary>Why these, as the end of a sentence.</summary>
    public string SeparatorsReason { get; }

    public string CurrencySymbol { get; }

    /// <summary>Whether nothing in the file or in what was stated speaks for these separators.</summary>
    public bool AreSeparatorsOpen { get; }

    /// <summary>How dates are read that can be read either way.</summary>
    public DayOrder Order { get; }

    /// <summary>The pairs of separators that the file may have, the default first.</summary>
    public static NumberSeparators[] PossibleSeparators(StatedDefinition stated, ValueFormat format, bool areKnown)
    {
        var usual = new NumberSeparators(format.DecimalSeparator[0], format.GroupingSeparator is [var grouping, ..] ? grouping : '\0');
        return areKnown || stated.Has("decimalSeparator") || stated.Has("groupingSeparator") ? [usual]
            : [usual, .. NumberSeparators.Common.Where(pair => pair != usual)];
    }

    public static FormatChoice Choose(
        IReadOnlyList<ColumnProfile> columns, NumberSeparators[] separators, string delimiter, StatedDefinition stated, ValueFormat format)
    {
        var index = Enumerable.Range(0, separators.Length).MaxBy(i => CountNumbers(columns, i));
        var currency = stated.Has("currencySymbol") ? format.CurrencySymbol : ChooseCurrency(columns, index, format.CurrencySymbol);
        var order = ChooseDayOrder(columns, stated, format, hasForeignSeparators: index > 0 && separators[index].Decimal == ',', currency);
        // Where a comma separates fields, nobody writes decimal commas unless all numbers have to be quoted.
        var isOpen = index == 0 && !stated.Has("decimalSeparator") && !stated.Has("groupingSeparator") && !stated.Has("locale")
            && !(delimiter == "," && columns.Count > 1) && !columns.Any(column => Proves(column, index));
        return new FormatChoice(index, separators[index], ExplainSeparators(columns, index, stated, format), isOpen, currency, order);
    }

    private static string ExplainSeparators(IReadOnlyList<ColumnProfile> columns, int index, StatedDefinition stated, ValueFormat format)
    {
        if (stated.Has("decimalSeparator") || stated.Has("groupingSeparator")) return "as stated";
        if (columns.FirstOrDefault(column => Proves(column, index)) is { } proof) return $"as in column '{proof.Name}'";
        return index == 0 ? $"by the separators of locale {format.Locale}" : "as it reads the most columns";
    }

    /// <summary>Whether the column can only be read with these separators.</summary>
    private static bool Proves(ColumnProfile column, int separators)
    {
        var readings = column.Numbers.Readings;
        return readings[separators] is { Evidence.IsClean: true, HasDecimalSeparator: true }
            && readings.Where(reading => reading.Evidence.IsClean).All(reading => reading.MaxDecimals == readings[separators].MaxDecimals);
    }

    /// <summary>How many columns are numbers throughout with these separators, and how many values are numbers in those that may be, and in those of which half is.</summary>
    private static (int Clean, long Values, long Notable) CountNumbers(IReadOnlyList<ColumnProfile> columns, int separators)
    {
        var clean = 0;
        var (values, notable) = (0L, 0L);
        foreach (var column in columns)
        {
            var evidence = column.Numbers.Readings[separators].Evidence;
            if (evidence.IsClean) clean++;
            if (evidence.IsLikely) values += evidence.Hits;
            if (evidence.IsNotable) notable += evidence.Hits;
        }

        return (clean, values, notable);
    }

    private static string ChooseCurrency(IReadOnlyList<ColumnProfile> columns, int separators, string usual)
    {
        var symbols = columns
            .Where(column => column.Numbers.Currencies.Count == 1 && column.Numbers.Readings[separators].Evidence.IsLikely)
            .GroupBy(column => column.Numbers.Currencies[0], StringComparer.Ordinal)
            .OrderByDescending(group => group.Count()).ThenByDescending(group => group.Key == usual);
        return symbols.FirstOrDefault()?.Key ?? usual;
    }

    private static DayOrder ChooseDayOrder(
        IReadOnlyList<ColumnProfile> columns, StatedDefinition stated, ValueFormat format, bool hasForeignSeparators, string currency)
    {
        var dayFirst = columns.FirstOrDefault(column => IsOnlyOrder(column, dayFirst: true));
        var monthFirst = columns.FirstOrDefault(column => IsOnlyOrder(column, dayFirst: false));
        if (dayFirst is not null && monthFirst is null) return new DayOrder(IsMonthFirst: false, $"as in column '{dayFirst.Name}'");
        if (monthFirst is not null && dayFirst is null) return new DayOrder(IsMonthFirst: true, $"as in column '{monthFirst.Name}'");
        foreach (var member in (string[])["dateFormat", "dateTimeFormat"])
        {
            var pattern = new GuessedPattern(member == "dateFormat" ? format.DateFormat : format.DateTimeFormat, IsDateTime: false);
            if (stated.Has(member) && (pattern.IsDayFirst || pattern.IsMonthFirst)) return new DayOrder(pattern.IsMonthFirst, $"as in the {member} {pattern.Text}");
        }

        var usual = IsMonthFirstLocale(format.Locale);
        if (stated.Has("locale")) return new DayOrder(usual, $"by the order of locale {format.Locale}");
        if (monthFirst is null)
        {
            if (hasForeignSeparators) return new DayOrder(IsMonthFirst: false, "as is usual with a decimal comma");
            if (columns.FirstOrDefault(column => HasClean(column, pattern => pattern.HasDots || pattern.IsDayBeforeName)) is { } day) return new DayOrder(IsMonthFirst: false, $"as in column '{day.Name}'");
            if (columns.FirstOrDefault(column => HasClean(column, pattern => pattern.IsNameBeforeDay)) is { } name) return new DayOrder(IsMonthFirst: true, $"as in column '{name.Name}'");
            if (DayFirstCurrencies.Contains(currency, StringComparer.Ordinal)) return new DayOrder(IsMonthFirst: false, $"as is usual with amounts in {currency}");
        }

        return new DayOrder(usual, $"by the order of locale {format.Locale}") { IsOpen = true };
    }

    private static bool HasClean(ColumnProfile column, Func<GuessedPattern, bool> fits) =>
        column.Dates.Readings.Any(reading => reading.Evidence.IsClean && fits(reading.Pattern));

    /// <summary>Whether all of the column's values can be read with the day and the month in this order, and not in the other.</summary>
    private static bool IsOnlyOrder(ColumnProfile column, bool dayFirst)
    {
        var clean = column.Dates.Readings.Where(reading => reading.Evidence.IsClean).ToList();
        return clean.Exists(reading => dayFirst ? reading.Pattern.IsDayFirst : reading.Pattern.IsMonthFirst)
            && !clean.Exists(reading => dayFirst ? reading.Pattern.IsMonthFirst : reading.Pattern.IsDayFirst);
    }

    private static bool IsMonthFirstLocale(string locale)
    {
        var parts = locale.Split('-', '_');
        return parts.Length == 1 ? parts[0].Equals("en", StringComparison.OrdinalIgnoreCase)
            : parts[1..].Any(part => MonthFirstRegions.Contains(part, StringComparer.OrdinalIgnoreCase));
    }
}

/// <summary>Whether the day or the month comes first in dates that can be read either way.</summary>
/// <param name="IsMonthFirst">Whether the month does.</param>
/// <param name="Reason">Why, as the end of a sentence.</param>
internal sealed record DayOrder(bool IsMonthFirst, string Reason)
{
    /// <summary>Whether nothing in the file or in what was stated speaks for it.</summary>
    public bool IsOpen { get; init; }
}

using EntityImport.Conversion;

namespace EntityImport.Inference;

/// <summary>What all columns of a file share, decided over all of them: separators, currency symbol, whether days come before months.</summary>
internal sealed class FormatChoice
{
    private static readonly string[] MonthFirstRegions = ["US", "PH", "PR", "GU", "VI", "AS", "MP", "FM", "MH", "PW", "UM"];

    private FormatChoice(
        int separatorsIndex, NumberSeparators separators, string separatorsReason, string currencySymbol, bool isMonthFirst, string dayOrderReason)
    {
        SeparatorsIndex = separatorsIndex;
        Separators = separators;
        SeparatorsReason = separatorsReason;
        CurrencySymbol = currencySymbol;
        IsMonthFirst = isMonthFirst;
        DayOrderReason = dayOrderReason;
    }

    /// <summary>Index of <see cref="Separators"/> among the pairs that were looked at.</summary>
    public int SeparatorsIndex { get; }

    public NumberSeparators Separators { get; }

    /// <summary>Why these, as the end of a sentence.</summary>
    public string SeparatorsReason { get; }

    public string CurrencySymbol { get; }

    /// <summary>Whether dates that can be read either way have the month before the day.</summary>
    public bool IsMonthFirst { get; }

    /// <summary>Why, as the end of a sentence.</summary>
    public string DayOrderReason { get; }

    /// <summary>The pairs of separators that the file may have, the default first.</summary>
    public static NumberSeparators[] PossibleSeparators(StatedDefinition stated, ValueFormat format)
    {
        var usual = new NumberSeparators(format.DecimalSeparator[0], format.GroupingSeparator is [var grouping, ..] ? grouping : '\0');
        return stated.Has("decimalSeparator") || stated.Has("groupingSeparator") ? [usual]
            : [usual, .. NumberSeparators.Common.Where(pair => pair != usual)];
    }

    public static FormatChoice Choose(
        IReadOnlyList<ColumnProfile> columns, NumberSeparators[] separators, StatedDefinition stated, ValueFormat format)
    {
        var index = Enumerable.Range(0, separators.Length).MaxBy(i => CountNumbers(columns, i));
        var currency = stated.Has("currencySymbol") ? format.CurrencySymbol : ChooseCurrency(columns, index, format.CurrencySymbol);
        var (monthFirst, reason) = ChooseDayOrder(columns, stated, format, hasForeignSeparators: index > 0 && separators[index].Decimal == ',');
        return new FormatChoice(index, separators[index], ExplainSeparators(columns, index, stated, format), currency, monthFirst, reason);
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

    /// <summary>How many columns are numbers throughout with these separators, and how many values are numbers in those that may be.</summary>
    private static (int Clean, long Values) CountNumbers(IReadOnlyList<ColumnProfile> columns, int separators)
    {
        var clean = 0;
        var values = 0L;
        foreach (var column in columns)
        {
            var evidence = column.Numbers.Readings[separators].Evidence;
            if (evidence.IsClean) clean++;
            if (evidence.IsLikely) values += evidence.Hits;
        }

        return (clean, values);
    }

    private static string ChooseCurrency(IReadOnlyList<ColumnProfile> columns, int separators, string usual)
    {
        var symbols = columns
            .Where(column => column.Numbers.Currencies.Count == 1 && column.Numbers.Readings[separators].Evidence.IsLikely)
            .GroupBy(column => column.Numbers.Currencies[0], StringComparer.Ordinal)
            .OrderByDescending(group => group.Count()).ThenByDescending(group => group.Key == usual);
        return symbols.FirstOrDefault()?.Key ?? usual;
    }

    private static (bool IsMonthFirst, string Reason) ChooseDayOrder(
        IReadOnlyList<ColumnProfile> columns, StatedDefinition stated, ValueFormat format, bool hasForeignSeparators)
    {
        var dayFirst = columns.FirstOrDefault(column => IsOnlyOrder(column, dayFirst: true));
        var monthFirst = columns.FirstOrDefault(column => IsOnlyOrder(column, dayFirst: false));
        if (dayFirst is not null && monthFirst is null) return (false, $"as in column '{dayFirst.Name}'");
        if (monthFirst is not null && dayFirst is null) return (true, $"as in column '{monthFirst.Name}'");
        if (stated.Has("dateFormat") && new GuessedPattern(format.DateFormat, IsDateTime: false) is { } pattern && pattern.IsDayFirst != pattern.IsMonthFirst)
            return (pattern.IsMonthFirst, $"as in the dateFormat {pattern.Text}");
        if (!stated.Has("locale") && hasForeignSeparators) return (false, "as is usual with a decimal comma");
        return (IsMonthFirstLocale(format.Locale), $"by the order of locale {format.Locale}");
    }

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

using EntityImport.Entities;

namespace EntityImport.Inference;

/// <summary>Decides what a column is, such that no value would lose anything by being stored as that.</summary>
/// <param name="format">What all columns share.</param>
/// <param name="isWholeFile">Whether all of the file's values were looked at.</param>
internal sealed class ColumnJudge(FormatChoice format, bool isWholeFile)
{
    private const int DefaultPrecision = 18;
    private const int DoubleDigits = 17;
    private const int MaxIntegerDigits = 18;

    /// <summary>Whole digits beyond those seen for which decimals have room.</summary>
    private const int SpareDigits = 3;

    /// <summary>Decimals beyond those seen for which there is room where not all of the file was looked at.</summary>
    private const int SpareDecimals = 2;

    /// <summary>Decides what a column is.</summary>
    /// <param name="column">The column.</param>
    /// <param name="hasFormat">Whether a date format was stated for this column alone.</param>
    public ColumnVerdict Judge(ColumnProfile column, bool hasFormat = false)
    {
        if (column.Values == 0) return Text(WhyNothing(column));
        // Digits that are dates are numbers as well: the stated format decides where it was stated for this column, or its name says what it is.
        if ((hasFormat || ColumnNames.SaysDate(column.Name)) && ChooseDates(column, reading => reading.IsStated && reading.Evidence.IsClean) is { } stated)
            return Dates(column, stated);
        var numbers = column.Numbers.Readings[format.SeparatorsIndex];
        if (numbers.Evidence.IsClean) return JudgeNumbers(column, numbers);
        if (ChooseDates(column, reading => reading.Evidence.IsClean && MayBeNew(reading)) is { } dates) return Dates(column, dates);
        if (column.Booleans.Words() is not null)
            return new ColumnVerdict(DataType.Boolean, Wording.All(column.Values, "words for true and false", "a word for true or false"));
        return Text(WhyText(column, numbers));
    }

    /// <summary>The date pattern that most values follow, for a column that is known to be one of dates; null where none is likely.</summary>
    /// <param name="column">The column.</param>
    /// <param name="isDateTime">Whether its field has a time of day.</param>
    public GuessedPattern? FindPattern(ColumnProfile column, bool isDateTime) =>
        ChooseDates(column, reading => reading.Evidence.IsLikely && (isDateTime || !reading.Pattern.IsDateTime))?.Pattern;

    /// <summary>Why a column that could be read in another way, too, is read as it is, as the end of a sentence.</summary>
    public string ExplainReading(ProposedColumn column)
    {
        if (column.Field!.DataType is not (DataType.Date or DataType.DateTime)) return format.SeparatorsReason;
        if (column.Pattern is not { } pattern || column.Profile.Dates.Readings.Any(reading => reading.IsStated && reading.Pattern.Text == pattern.Text)) return "as stated";
        return HasDots(pattern) ? "as is usual with dots" : format.DayOrderReason;
    }

    private ColumnVerdict JudgeNumbers(ColumnProfile column, NumberReading numbers)
    {
        var found = column.Numbers;
        if (numbers.HasLeadingZero) return Text("Digits with leading zeros, which a number would lose.");
        if (found.HasLongPlus) return Text("Digits after a plus sign, as in phone numbers.");
        if (found.Currencies.Count > 1) return Text($"Amounts in several currencies ({string.Join(", ", found.Currencies)}); an import reads one.");
        if (found.Currencies is [var symbol] && symbol != format.CurrencySymbol)
            return Text($"Amounts in {symbol}; the file's currency symbol is {format.CurrencySymbol}.");
        if (found.Percentages > 0 && (found.OthersThanPercentages > 0 || found.Currencies.Count > 0))
            return Text("Percentages and other numbers, mixed: what the others mean is not certain.");
        if (found.Exponents > 0) return JudgeExponents(column, numbers);
        if (numbers.MaxDigits > FieldDefinition.MaxPrecision) return Text($"Numbers of up to {numbers.MaxDigits} digits; decimals have at most 38.");

        if (found.Percentages > 0) return Decimal(column, DataType.Percent, numbers, "percentages", "a percentage", scaleShift: 2);
        if (found.Currencies.Count > 0)
            return Decimal(column, DataType.Currency, numbers, $"amounts in {format.CurrencySymbol}", $"an amount in {format.CurrencySymbol}");
        if (numbers.HasDecimalSeparator) return Decimal(column, DataType.Decimal, numbers, "numbers", "a number");
        if (numbers.MaxWholeDigits > MaxIntegerDigits) return Text($"Up to {numbers.MaxWholeDigits} digits: too many for a whole number of 64 bits.");
        if (!numbers.HasGroups && ColumnNames.FindTextWord(column.Name) is { } word)
            return Text($"Digits, but the name says that they are no numbers to count with ('{word}').");
        if (numbers.HasGroups && ColumnNames.IsIdentifier(column.Name)) return Text("Digits in groups, but the name says that they identify something; a number would lose the groups.");
        return new ColumnVerdict(DataType.Integer, Wording.All(column.Values, "whole numbers", "a whole number"));
    }

    private static ColumnVerdict JudgeExponents(ColumnProfile column, NumberReading numbers)
    {
        if (!column.Numbers.HasPlainExponent) return Text("Digits with an E between them, which may as well be codes as numbers.");
        if (numbers.MaxDigits > DoubleDigits) return Text($"Numbers with exponents and up to {numbers.MaxDigits} digits; a DOUBLE holds 17.");
        if (column.Numbers.Percentages > 0 || column.Numbers.Currencies.Count > 0) return Text("Numbers with exponents and symbols.");
        var count = Wording.Number(column.Numbers.Exponents);
        return new ColumnVerdict(DataType.Double, Wording.All(column.Values, $"numbers, {count} of them with an exponent", "a number with an exponent"));
    }

    private ColumnVerdict Decimal(
        ColumnProfile column, DataType type, NumberReading numbers, string plural, string singular, int scaleShift = 0)
    {
        var digits = numbers.MaxWholeDigits;
        var needed = numbers.MaxDecimals + scaleShift;
        if (digits + needed > FieldDefinition.MaxPrecision) return Text("Numbers with more digits, before and after the point together, than the 38 of a decimal.");
        var scale = Math.Min(needed + (isWholeFile ? 0 : SpareDecimals), FieldDefinition.MaxPrecision - digits);
        var precision = Math.Min(FieldDefinition.MaxPrecision, Math.Max(DefaultPrecision, digits + scale + SpareDigits));
        var size = Wording.Decimals(numbers.MaxDecimals);
        return new ColumnVerdict(type, Wording.All(column.Values, $"{plural} {size}", $"{singular} {size}"), precision, scale);
    }

    private static string WhyNothing(ColumnProfile column)
    {
        if (column.Rows == 0) return "There are no rows to judge by.";
        var words = column.NullWordsFound.Select(found => $"'{found.Word}'").ToList();
        return words.Count == 0 ? "The column is empty." : $"The column is empty, or holds {string.Join(" or ", words)} alone.";
    }

    private string WhyText(ColumnProfile column, NumberReading numbers)
    {
        if (numbers.Evidence.IsLikely) return Wording.Misses(numbers.Evidence.Misses, column.Values, "no number", numbers.Evidence.FirstMiss);
        if (ChooseDates(column, reading => reading.Evidence.IsLikely && MayBeNew(reading)) is { } dates)
        {
            var what = $"no {Noun(dates.Pattern)} like {dates.Pattern.Text}";
            return Wording.Misses(dates.Evidence.Misses, column.Values, what, dates.Evidence.FirstMiss);
        }

        return "Text.";
    }

    private static ColumnVerdict Dates(ColumnProfile column, DateReading dates)
    {
        var (noun, pattern) = (Noun(dates.Pattern), dates.Pattern);
        var why = Wording.All(dates.Evidence.Hits, $"{noun}s like {pattern.Text}", $"a {noun} like {pattern.Text}");
        return new ColumnVerdict(pattern.IsDateTime ? DataType.DateTime : DataType.Date, why, Pattern: pattern);
    }

    private DateReading? ChooseDates(ColumnProfile column, Func<DateReading, bool> isEligible) =>
        column.Dates.Readings.Where(isEligible).OrderByDescending(reading => reading.Evidence.Hits)
            .ThenByDescending(reading => reading.IsStated).ThenBy(reading => reading.Pattern.IsNamed).ThenByDescending(IsPreferred).FirstOrDefault();

    /// <summary>Whether a new field may be made for it: numbers of days or seconds stay numbers unless somebody says what they are.</summary>
    private static bool MayBeNew(DateReading reading) => reading.IsStated || !reading.Pattern.IsNumberedDate;

    private bool IsPreferred(DateReading reading) =>
        HasDots(reading.Pattern) || !format.IsMonthFirst ? reading.Pattern.IsDayFirst : reading.Pattern.IsMonthFirst;

    private static bool HasDots(GuessedPattern pattern) => pattern.Text.Length > 2 && pattern.Text[2] == '.';

    private static string Noun(GuessedPattern pattern) => pattern.IsDateTime ? "date-time" : "date";

    private static ColumnVerdict Text(string why) => new(DataType.String, why);
}

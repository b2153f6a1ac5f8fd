using EntityImport.Entities;

namespace EntityImport.Inference;

/// <summary>Decides what a column is, such that no value would lose anything by being stored as that.</summary>
/// <param name="format">What all columns share.</param>
/// <param name="stated">What the caller stated.</param>
/// <param name="isWholeFile">Whether all of the file's values were looked at.</param>
internal sealed class ColumnJudge(FormatChoice format, StatedDefinition stated, bool isWholeFile)
{
    private const int DefaultPrecision = 18;
    private const int DoubleDigits = 17;
    private const int MaxIntegerDigits = 18;

    /// <summary>A spreadsheet holds no whole number of more digits.</summary>
    private const int SpreadsheetDigits = 15;

    /// <summary>Digits from which on those of one width, under a name that identifies, are rather a code than a number that was counted up.</summary>
    private const int ShortestCode = 8;

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
        if (column.Booleans.Words() is not null && ColumnNames.FindTextWord(column.Name) is null)
            return new ColumnVerdict(DataType.Boolean, Wording.All(column.Values, "words for true and false", "a word for true or false"));
        return JudgeText(column, numbers);
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
        return pattern.HasDots ? "as is usual with dots" : format.Order.Reason;
    }

    /// <summary>Whether nothing tells if the day or the month comes first in a column of dates.</summary>
    public bool IsOrderOpen(ProposedColumn column) =>
        format.Order.IsOpen && column.Pattern is { HasDots: false } pattern && !column.Profile.Dates.Readings.Any(reading => reading.IsStated && reading.Pattern.Text == pattern.Text);

    /// <summary>Whether the column's exponents stand for digits that a spreadsheet has cut off, so that its values are damaged codes.</summary>
    public bool IsDamagedCode(ColumnProfile column)
    {
        var (found, numbers) = (column.Numbers, column.Numbers.Readings[format.SeparatorsIndex]);
        return found.Shortened.Count > 0 && (ColumnNames.FindTextWord(column.Name) is not null || ColumnNames.IsIdentifier(column.Name)
            || (found.Shortened.Count < numbers.Evidence.Hits && !numbers.HasPlainDecimals && numbers.MaxPlainDigits >= ShortestCode));
    }

    private ColumnVerdict JudgeNumbers(ColumnProfile column, NumberReading numbers)
    {
        var found = column.Numbers;
        if (numbers.LeadingZeros.Count > 0) return Text($"Digits with leading zeros, which a number would lose: {Wording.Places(numbers.LeadingZeros)}.");
        if (found.LongPlus.Count > 0) return Text($"Digits after a plus sign, as in phone numbers: {Wording.Places(found.LongPlus)}.");
        // A minus behind is read where that is proposed, which it is not where the opposite was stated.
        if (found.TrailingMinus.Count > 0 && stated.Has("trailingMinus") && !stated.Options.TrailingMinus) return Text(Wording.Some(found.TrailingMinus, numbers.Evidence.Hits, column.Values, "written with the minus behind the number"));
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
        if (numbers.HasDecimalSeparator && FindVersions(column) is { } versions) return Text(versions);
        if (numbers.HasDecimalSeparator) return Decimal(column, DataType.Decimal, numbers, "numbers", "a number");
        if (numbers.MaxWholeDigits > MaxIntegerDigits) return Text($"Up to {numbers.MaxWholeDigits} digits: too many for a whole number of 64 bits.");
        return FindCodes(column, numbers) is { } codes ? Text(codes) : new ColumnVerdict(DataType.Integer, Wording.All(column.Values, "whole numbers", "a whole number") + WhyTrailingMinus(column));
    }

    /// <summary>Why whole numbers are codes, and a number would lose how they are written; null where they are none.</summary>
    private static string? FindCodes(ColumnProfile column, NumberReading numbers)
    {
        var names = ColumnNames.IsIdentifier(column.Name);
        if (numbers.HasGroups) return names ? "Digits in groups, but the name says that they identify something; a number would lose the groups." : null;
        if (ColumnNames.FindTextWord(column.Name) is { } word) return $"Digits, but the name says that they are no numbers to count with ('{word}').";
        if (ColumnNames.FindVersionWord(column.Name) is { } version) return $"Digits, but the name says that they are versions ('{version}').";
        if (column.Numbers.Codes.HaveCheckDigits) return $"{Wording.All(column.Values, "digits that end with the check digit of an EAN, UPC or ISBN", "digits with such a check digit")} Codes are kept as they are written.";
        if (!names || column.Numbers.HasSign) return null;
        if (numbers.MaxWholeDigits > SpreadsheetDigits) return $"Up to {numbers.MaxWholeDigits} digits under a name that identifies something: a code rather than a number.";
        return column.Values > 1 && numbers.MaxWholeDigits >= ShortestCode && numbers.MinWholeDigits == numbers.MaxWholeDigits
            ? $"{Wording.All(column.Values, $"of {numbers.MaxWholeDigits} digits", "")} Under a name that identifies something that is a code rather than a number."
            : null;
    }

    /// <summary>Why numbers with decimals are versions or the like; null where they are none.</summary>
    private static string? FindVersions(ColumnProfile column)
    {
        if (ColumnNames.FindVersionWord(column.Name) is { } word) return $"Numbers, but the name says that they are versions ('{word}').";
        return column.Numbers.Codes.EqualTexts is not var (first, second) || ColumnNames.IsAmount(column.Name) ? null
            : $"{Wording.Place(first)} and {Wording.Place(second)} are one number, but two texts, as versions are.";
    }

    private ColumnVerdict JudgeExponents(ColumnProfile column, NumberReading numbers)
    {
        if (IsDamagedCode(column))
            return Text(Wording.Some(column.Numbers.Shortened, numbers.Evidence.Hits, column.Values, "written with an exponent, as a spreadsheet shows long codes when it has cut off their last digits"));
        if (ColumnNames.FindTextWord(column.Name) is { } word) return Text($"Numbers with exponents, but the name says that they are no numbers to count with ('{word}').");
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
        return new ColumnVerdict(type, Wording.All(column.Values, $"{plural} {size}", $"{singular} {size}") + WhyTrailingMinus(column), precision, scale);
    }

    private static string WhyNothing(ColumnProfile column)
    {
        if (column.Rows == 0) return "There are no rows to judge by.";
        var words = column.NullWordsFound.Select(found => $"'{found.Word}'").ToList();
        return words.Count == 0 ? "The column is empty." : $"The column is empty, or holds {string.Join(" or ", words)} alone.";
    }

    /// <summary>What is said of a column of text: which values keep it from being what the others are.</summary>
    private ColumnVerdict JudgeText(ColumnProfile column, NumberReading numbers)
    {
        var dates = ChooseDates(column, reading => reading.Evidence.IsNotable && MayBeNew(reading));
        if (numbers.Evidence.IsNotable && numbers.Evidence.Hits >= (dates?.Evidence.Hits ?? 0))
            return Text(Wording.Some(numbers.Evidence.Misses, numbers.Evidence.Values, column.Values, "no number") + WhyTrailingMinus(column)) with { Mostly = numbers.MaxDecimals > 0 ? DataType.Decimal : DataType.Integer };
        if (dates is not null)
            return Text(Wording.Some(dates.Evidence.Misses, dates.Evidence.Values, column.Values, $"no {Noun(dates.Pattern)} like {dates.Pattern.Text}")) with { Mostly = dates.Pattern.IsDateTime ? DataType.DateTime : DataType.Date };
        if (column.Booleans.Others() is { } others) return Text(Wording.Some(others, column.Values, column.Values, "neither true nor false")) with { Mostly = DataType.Boolean };
        return Text(column.Booleans.LoneWord() is { } word ? $"Each value is '{word}', which does not tell whether it means true or false." : "Text.");
    }

    private static string WhyTrailingMinus(ColumnProfile column) =>
        column.Numbers.TrailingMinus is { Count: > 0 } behind ? $" {Wording.Some(behind, column.Values, column.Values, "written with the minus behind the number")}" : "";

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
        reading.Pattern.HasDots || !format.Order.IsMonthFirst ? reading.Pattern.IsDayFirst : reading.Pattern.IsMonthFirst;

    private static string Noun(GuessedPattern pattern) => pattern.IsDateTime ? "date-time" : "date";

    private static ColumnVerdict Text(string why) => new(DataType.String, why);
}

using System.Collections.ObjectModel;
using EntityImport.Conversion;
using EntityImport.Entities;

namespace EntityImport.Inference;

/// <summary>What is to be said of columns of dates, and of those that look like them.</summary>
internal static class DateFindings
{
    /// <summary>Dates of zeros, which are read as null.</summary>
    private const string Zero = "date.zero";

    /// <summary>Numbers that look like dates.</summary>
    private const string Number = "date.number";

    /// <summary>What is to be said, in the order of the columns.</summary>
    public static IEnumerable<Finding> Find(IReadOnlyList<ProposedColumn> columns)
    {
        foreach (var column in columns.Where(column => column.Field is not null))
        {
            var zeros = ZerosOf(column);
            if (zeros.Count > 0) yield return new Finding(Zero, column.Profile.Name, DescribeZeros(column.Profile.Name, zeros));
            if (column.Profile.Dates.Readings.FirstOrDefault(reading => reading.Pattern.IsNumberedDate && reading.Evidence.IsClean) is not { } numbers || column.Profile.Examples is not [var example, ..]) continue;
            if (column.Pattern == numbers.Pattern ? !numbers.IsStated : !IsDate(column) && ColumnNames.SaysDate(column.Profile.Name))
                yield return new Finding(Number, column.Profile.Name, DescribeNumbers(column, numbers, example));
        }
    }

    /// <summary>The dates of zeros of a column that is one of dates, with how often each occurs.</summary>
    public static IReadOnlyDictionary<string, long> ZerosOf(ProposedColumn column) =>
        IsDate(column) ? column.Profile.Dates.Zeros : ReadOnlyDictionary<string, long>.Empty;

    private static bool IsDate(ProposedColumn column) => column.Field is { DataType: DataType.Date or DataType.DateTime };

    private static string DescribeZeros(string column, IReadOnlyDictionary<string, long> zeros)
    {
        var found = string.Join(", ", zeros.Select(zero => $"{Wording.Number(zero.Value)} × '{zero.Key}'"));
        return $"Column '{RejectionReasons.Show(column)}' has dates of zeros, which some databases write where there is none: {found}. They are proposed as nullValues, and so read as null.";
    }

    private static string DescribeNumbers(ProposedColumn column, DateReading numbers, string example)
    {
        var name = RejectionReasons.Show(column.Profile.Name);
        var format = numbers.Pattern.Text;
        var what = format switch
        {
            DateFormats.ExcelDays => "day numbers of a spreadsheet",
            DateFormats.UnixSeconds => "seconds since 1970",
            _ => "milliseconds since 1970",
        };
        var how = column.Pattern == numbers.Pattern ? $"They are read by the format {format}" : $"They stay numbers; where they are dates, state the format {format} for the column, or as dateFormat or dateTimeFormat";
        var other = format == DateFormats.ExcelDays ? $" ({DateFormats.ExcelDays1904} where the spreadsheet counts from 1904)" : "";
        return $"All values of column '{name}' look like {what}: {example} would be {numbers.Show(example)}. {how}{other}.";
    }
}

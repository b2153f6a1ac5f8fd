using System.Text.Json.Nodes;
using EntityImport.Conversion;
using EntityImport.Conversion.Ambiguity;
using EntityImport.Conversion.Dates;
using EntityImport.Entities;

namespace EntityImport.Inference;

/// <summary>Asks how dates and numbers are to be read that fit two readings, where nothing in the file decides.</summary>
internal static class ReadingQuestions
{
    /// <summary>The questions: at most one about dates, and one about numbers.</summary>
    public static IEnumerable<OpenQuestion> Of(IReadOnlyList<ProposedColumn> columns, FormatChoice format, ColumnJudge judge)
    {
        var dates = columns.Where(column => column.Warning?.Code == ImportWarning.AmbiguousDate && judge.IsOrderOpen(column)).ToList();
        if (dates.Count > 0) yield return AskForDates(dates);
        var numbers = columns.Where(column => column.Warning?.Code == ImportWarning.AmbiguousNumber && format.AreSeparatorsOpen).ToList();
        if (numbers.Count > 0) yield return AskForNumbers(numbers, format.Separators);
    }

    private static OpenQuestion AskForDates(List<ProposedColumn> columns)
    {
        var used = new JsonObject();
        var other = new JsonObject();
        foreach (var type in columns.GroupBy(column => column.Field!.DataType))
        {
            var pattern = type.GroupBy(column => column.Pattern!.Value.Text, StringComparer.Ordinal).MaxBy(group => group.Count())!.Key;
            var member = type.Key == DataType.Date ? "dateFormat" : "dateTimeFormat";
            used[member] = pattern;
            other[member] = DayMonthOrder.Exchange(pattern);
        }

        var first = columns[0];
        var pair = (Used: first.Pattern!.Value.Text, Other: DayMonthOrder.Exchange(first.Pattern.Value.Text)!);
        return new OpenQuestion(
            QuestionKind.Reading,
            columns.Count == 1 ? first.Profile.Name : null,
            $"Is the day or the month first in {Names(columns)}? No day is above 12, and nothing else in the file tells.",
            [
                new PossibleAnswer($"{pair.Used}: {Show(first, value => value.Reading)}", used, []),
                new PossibleAnswer($"{pair.Other}: {Show(first, value => value.OtherReading)}", other, []),
            ]);
    }

    private static OpenQuestion AskForNumbers(List<ProposedColumn> columns, NumberSeparators separators)
    {
        var other = new NumberSeparators(separators.Decimal == '.' ? ',' : '.', separators.Decimal);
        return new OpenQuestion(
            QuestionKind.Reading,
            columns.Count == 1 ? columns[0].Profile.Name : null,
            $"Is '.' or ',' the decimal separator in {Names(columns)}? The values can be read either way, and nothing else in the file tells.",
            [
                new PossibleAnswer($"'{separators.Decimal}': {Show(columns[0], value => value.Reading)}", State(separators), []),
                new PossibleAnswer($"'{other.Decimal}': {Show(columns[0], value => value.OtherReading)}", State(other), []),
            ]);
    }

    private static JsonObject State(NumberSeparators separators)
    {
        var members = new JsonObject { ["decimalSeparator"] = separators.Decimal.ToString() };
        if (separators.Grouping != '\0') members["groupingSeparator"] = separators.Grouping.ToString();
        return members;
    }

    private static string Show(ProposedColumn column, Func<AmbiguousValue, string> read) =>
        string.Join(", ", column.TwoReadings.Select(value => $"'{value.Value}' is {read(value)}"));

    private static string Names(List<ProposedColumn> columns)
    {
        var names = ShownText.Join(columns.Select(column => $"'{RejectionReasons.Show(column.Profile.Name)}'"), ", ", Limits.ExpectedCharacters);
        return columns.Count == 1 ? $"column {names}" : $"the columns {names}";
    }
}

using System.Globalization;
using EntityImport.Conversion;

namespace EntityImport.Inference;

/// <summary>The sentences that say what a column was judged on.</summary>
internal static class Wording
{
    /// <summary>"All 1,000 values are {what}."; "The one value is {what}." where there is but one.</summary>
    public static string All(long values, string plural, string singular) =>
        values == 1 ? $"The one value is {singular}." : $"All {Number(values)} values are {plural}.";

    /// <summary>"1 of 1,000 values is no number: 'n/a' (row 7, line 8)."; "5 of 1,000 values are no number: 'a' (…), 'b' (…), 'c' (…) and 2 more."</summary>
    /// <param name="found">The values that are told.</param>
    /// <param name="looked">How many values were looked at.</param>
    /// <param name="values">How many there are.</param>
    /// <param name="what">What is said of them, such as <c>no number</c>.</param>
    public static string Some(Sightings found, long looked, long values, string what)
    {
        var all = looked < values ? $"the first {Number(looked)}" : Number(values);
        return $"{Number(found.Count)} of {all} values {(found.Count == 1 ? "is" : "are")} {what}: {Places(found)}.";
    }

    /// <summary>"'a' (row 3, line 4), 'b' (row 5, line 6)", and how many more there are.</summary>
    public static string Places(Sightings found)
    {
        var shown = string.Join(", ", found.First.Select(Place));
        var more = found.Count - found.First.Count;
        return more == 0 ? shown : $"{shown} and {Number(more)} more";
    }

    /// <summary>"'a' (row 3, line 4)".</summary>
    public static string Place(Sighting seen) => $"'{RejectionReasons.Show(seen.Value)}' (row {Number(seen.Row)}, line {Number(seen.Line)})";

    public static string Decimals(int decimals) => decimals switch
    {
        0 => "without decimals",
        1 => "with 1 decimal",
        _ => $"with up to {Number(decimals)} decimals",
    };

    /// <summary>A number with a comma between thousands.</summary>
    public static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}

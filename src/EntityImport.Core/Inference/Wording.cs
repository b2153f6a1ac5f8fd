using System.Globalization;

namespace EntityImport.Inference;

/// <summary>The sentences that say what a column was judged on.</summary>
internal static class Wording
{
    /// <summary>"All 1,000 values are {what}."; "The one value is {what}." where there is but one.</summary>
    public static string All(long values, string plural, string singular) =>
        values == 1 ? $"The one value is {singular}." : $"All {Number(values)} values are {plural}.";

    /// <summary>"1 of 1,000 values is no number: 'n/a'."; "3 of 1,000 values are no number, the first of them 'n/a'."</summary>
    public static string Misses(long misses, long values, string what, string? first) => misses == 1
        ? $"1 of {Number(values)} values is {what}: '{first}'."
        : $"{Number(misses)} of {Number(values)} values are {what}, the first of them '{first}'.";

    public static string Decimals(int decimals) => decimals switch
    {
        0 => "without decimals",
        1 => "with 1 decimal",
        _ => $"with up to {Number(decimals)} decimals",
    };

    /// <summary>A number with a comma between thousands.</summary>
    public static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}

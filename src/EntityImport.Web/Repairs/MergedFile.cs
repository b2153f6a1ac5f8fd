using System.Globalization;
using EntityImport.Api;
using EntityImport.Web.Shared;

namespace EntityImport.Web.Repairs;

/// <summary>What was found in a corrected error file, as the address of the page says it that is shown then.</summary>
/// <param name="Changed">Rows that are edits now.</param>
/// <param name="Same">Rows that are as they were rejected.</param>
/// <param name="Repaired">Rows that have gone in already.</param>
/// <param name="Unknown">Rows that are none that the import has rejected.</param>
/// <param name="Lines">The lines of the first of these.</param>
/// <param name="Columns">By columns, with their numbers from 1, how many rows were changed.</param>
public sealed record MergedFile(long Changed, long Same, long Repaired, long Unknown, IReadOnlyList<long> Lines, IReadOnlyList<(int Number, long Rows)> Columns)
{
    /// <summary>How many columns are told; one more says that there are others.</summary>
    internal const int MostColumns = 12;

    /// <summary>The address of a repair's page that says what was merged. Names can be long, and are told by the page.</summary>
    internal static string Address(string path, RepairMerged merged) => Shared.Address.Of(
        path, ("changed", Text(merged.Changed)), ("same", Text(merged.Same)), ("gone", Text(merged.Repaired)), ("unknown", Text(merged.Unknown)), ("lines", string.Join('.', merged.UnknownLines.Select(Text))),
        ("columns", string.Join('.', merged.Columns.OrderByDescending(column => column.Rows).Take(MostColumns + 1).Select(column => $"{Text(column.Number)}-{Text(column.Rows)}"))));

    /// <summary>What an address says; null where it says nothing of a file.</summary>
    internal static MergedFile? Read(Page page) => Number(page.Query("changed")) is not { } changed ? null : new(
        changed, Number(page.Query("same")) ?? 0, Number(page.Query("gone")) ?? 0, Number(page.Query("unknown")) ?? 0,
        [.. Split(page.Query("lines"), '.').Select(Number).OfType<long>()],
        [.. Split(page.Query("columns"), '.').Select(column => Split(column, '-')).Where(column => column.Length == 2 && Number(column[0]) is > 0 and <= int.MaxValue && Number(column[1]) is not null)
            .Select(column => ((int)Number(column[0])!.Value, Number(column[1])!.Value))]);

    private static string[] Split(string? text, char separator) => (text ?? "").Split(separator);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static long? Number(string? text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}

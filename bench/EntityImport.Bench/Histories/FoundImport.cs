using EntityImport.Bench.RandomEntities;

namespace EntityImport.Bench.Histories;

/// <summary>What an import would do.</summary>
/// <param name="File">Its file.</param>
/// <param name="Expected">Where its rows end up.</param>
/// <param name="Records">All records afterwards.</param>
/// <param name="Changes">What that changes; by key, where there is one.</param>
internal sealed record FoundImport(DraftedFile File, Expected Expected, IReadOnlyList<string?[]> Records, IReadOnlyList<ModelChange> Changes)
{
    /// <summary>Where the rows end up; null where it fails.</summary>
    public Ledger? Ledger => Expected.Ledger;

    /// <summary>The code that it fails with, whatever guards say; null where it does not.</summary>
    public string? Fault => Ledger is not null ? null : Expected.Rejected is null ? "max-failed-rows" : "no-good-rows";
}

/// <summary>What happens to a record.</summary>
/// <param name="Row">The row that does it; null where none does.</param>
/// <param name="Before">Its values before; null where it comes.</param>
/// <param name="After">Its values afterwards; null where it goes.</param>
internal sealed record ModelChange(long? Row, string?[]? Before, string?[]? After)
{
    /// <summary>As one text.</summary>
    public override string ToString() => $"{Show(Before)} > {Show(After)}";

    /// <summary>Values as one text.</summary>
    public static string Show(IEnumerable<string?>? values) => values is null ? "-" : string.Join('|', values.Select(value => value ?? "∅"));
}

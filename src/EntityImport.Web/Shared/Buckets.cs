using EntityImport.Api;

namespace EntityImport.Web.Shared;

/// <summary>Where a row of a file can end up: the same order, sign and colour everywhere.</summary>
/// <param name="Name">The ledger's name for it, which is the style's, too.</param>
/// <param name="Sign">Its sign.</param>
/// <param name="Meaning">It as a row of the ledger names it.</param>
/// <param name="Future">The same of what has not happened yet.</param>
/// <param name="Count">How many.</param>
public sealed record Bucket(string Name, string Sign, string Meaning, string Future, Func<Ledger, long> Count)
{
    /// <summary>Those that add up to the rows of the file.</summary>
    public static IReadOnlyList<Bucket> All { get; } =
    [
        new("inserted", "+", "inserted", "will be inserted", ledger => ledger.Inserted),
        new("updated", "~", "updated", "will be updated", ledger => ledger.Updated),
        new("unchanged", "=", "unchanged", "will not change", ledger => ledger.Unchanged),
        new("superseded", "»", "superseded by a later row", "superseded by a later row", ledger => ledger.Superseded),
        new("skipped", "∕", "skipped", "will be skipped", ledger => ledger.Skipped),
        new("rejected", "!", "rejected", "will be rejected", ledger => ledger.Rejected),
    ];
}

using EntityImport.Api;

namespace EntityImport.Bench.Torture;

/// <summary>How an import must end.</summary>
/// <param name="State">Succeeded or Failed.</param>
/// <param name="Ledger">Where its rows must end up; null where it must fail.</param>
/// <param name="Rejected">The rows that it must reject, in file order, each with the codes of the reasons; null where it fails before all are known.</param>
internal sealed record Outcome(ImportState State, Ledger? Ledger, IReadOnlyList<RejectedFileRow>? Rejected)
{
    public static Outcome Failed(IReadOnlyList<RejectedFileRow>? rejected = null) => new(ImportState.Failed, null, rejected);

    /// <summary>Whether an import has ended like this.</summary>
    public bool Fits(ImportDetails import) => import.State == State && (Ledger is null
        ? import.ClientErrorCallingService && import.Ledger is { Inserted: 0, Updated: 0, Unchanged: 0, Superseded: 0, Removed: 0 }
        : !import.ClientErrorCallingService && import.Ledger == Ledger);
}

/// <summary>A row that must be rejected, and why.</summary>
internal sealed record RejectedFileRow(FileRow Row, IReadOnlyList<string> Codes);

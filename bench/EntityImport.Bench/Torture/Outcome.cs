using EntityImport.Api;

namespace EntityImport.Bench.Torture;

/// <summary>How an import, or a plan, must end.</summary>
/// <param name="State">Succeeded or Failed.</param>
/// <param name="Ledger">Where its rows must end up; null where it must fail.</param>
/// <param name="Rejected">The rows that it must reject, in file order, each with the codes of the reasons; null where it fails before all are known, and of undos.</param>
internal sealed record Outcome(ImportState State, Ledger? Ledger, IReadOnlyList<RejectedFileRow>? Rejected)
{
    /// <summary>The code that it must fail with; null where that does not matter.</summary>
    public string? Code { get; private init; }

    public static Outcome Failed(IReadOnlyList<RejectedFileRow>? rejected = null) => new(ImportState.Failed, null, rejected);

    /// <summary>It cannot be done as things are when its turn comes.</summary>
    public static Outcome Refused(string code) => new(ImportState.Failed, null, null) { Code = code };

    /// <summary>Whether an import has ended like this.</summary>
    public bool Fits(ImportDetails import) => import.State == State && (Code is null || import.Code == Code) && (Ledger is null
        ? import.ClientErrorCallingService && import.Ledger is { Inserted: 0, Updated: 0, Unchanged: 0, Superseded: 0, Removed: 0, Reversed: 0, Kept: 0 }
        : !import.ClientErrorCallingService && import.Ledger == Ledger);

    /// <summary>Whether a plan has ended like this.</summary>
    public bool Fits(PlanSummary plan) => plan.State == State && (Ledger is null ? plan.Ledger is { Inserted: 0, Updated: 0, Unchanged: 0, Superseded: 0, Removed: 0 } : plan.Ledger == Ledger);

    public override string ToString() => $"{State}{(Code is null ? "" : $" ({Code})")} with {Ledger}";
}

/// <summary>A row that must be rejected, and why.</summary>
internal sealed record RejectedFileRow(FileRow Row, IReadOnlyList<string> Codes);

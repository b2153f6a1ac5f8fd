using System.Globalization;
using System.Text.Json.Serialization;
using EntityImport.Catalog;

namespace EntityImport.Server.Imports;

/// <summary>How an import ended, in the words of the documented API.</summary>
internal enum ReportStatus
{
    /// <summary>Nothing was imported.</summary>
    Failed,

    /// <summary>Every row was imported.</summary>
    Success,

    /// <summary>Some rows were imported and some rejected.</summary>
    PartialSuccess,
}

/// <summary>How an import ended.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="ProcessedRows">Rows imported; absent where it failed.</param>
/// <param name="FailedRows">Rows rejected; absent where all were imported.</param>
/// <param name="Message">How it ended, as a sentence.</param>
internal sealed record ImportReport(
    ReportStatus Status,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? ProcessedRows,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? FailedRows,
    string Message)
{
    /// <summary>The report of an import that has ended. The engine's message names file, entity and outcome; of a failure, the rows are added.</summary>
    public static ImportReport Of(Import import)
    {
        var ledger = import.Ledger;
        if (import.State != ImportState.Succeeded) return new(ReportStatus.Failed, null, ledger.Rejected, Explain(import));
        return ledger.Rejected == 0
            ? new(ReportStatus.Success, ledger.Processed, null, import.Message!)
            : new(ReportStatus.PartialSuccess, ledger.Processed, ledger.Rejected, import.Message!);
    }

    private static string Explain(Import import)
    {
        var outcome = Outcome(import.Ledger);
        return $"{ShownText.Fit(import.Message!, Limits.MessageCharacters - outcome.Length - 1)} {outcome}";
    }

    private static string Outcome(Ledger ledger) => ledger.Rejected == 0
        ? "0 rows were imported."
        : string.Create(CultureInfo.InvariantCulture, $"{ledger.Rejected} of {ledger.Records} rows could not be imported.");
}

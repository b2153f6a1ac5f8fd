using System.Globalization;
using System.Text.Json.Serialization;
using EntityImport.Imports;

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
    /// <summary>The report of an import that has ended.</summary>
    public static ImportReport Of(Import import)
    {
        var ledger = import.Ledger;
        var file = $"entity-import/{import.UploadId}/data";
        if (import.State != ImportState.Succeeded)
            return new(ReportStatus.Failed, null, ledger.Rejected, $"The file {file} was not imported into the entity {import.EntitySystemName}: {Rejected(ledger)}. {import.Message}".TrimEnd());

        var imported = $"The file {file} was {(import.DryRun ? "checked against" : "imported into")} the entity {import.EntitySystemName}";
        var dryRun = import.DryRun ? " It was a dry run: nothing was written." : "";
        return ledger.Rejected == 0
            ? new(ReportStatus.Success, ledger.Processed, null, string.Create(CultureInfo.InvariantCulture, $"{imported}: {Rows(ledger.Processed)} {(import.DryRun ? "could be" : ledger.Processed == 1 ? "was" : "were")} imported.{dryRun}"))
            : new(ReportStatus.PartialSuccess, ledger.Processed, ledger.Rejected, $"{imported}: {Rejected(ledger)}.{dryRun}");
    }

    private static string Rejected(Ledger ledger) =>
        string.Create(CultureInfo.InvariantCulture, $"{ledger.Rejected} of {Rows(ledger.Records)} could not be imported");

    private static string Rows(long count) => string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? "row" : "rows")}");
}

using System.Globalization;
using EntityImport.Catalog;

namespace EntityImport.Server.Imports;

/// <summary>How imports ended, in the words of the documented API.</summary>
internal static class ReportAnswers
{
    extension(Api.ImportReport)
    {
        /// <summary>The report of an import that has ended. The engine's message names file, entity and outcome; of a failure, the rows are added.</summary>
        public static Api.ImportReport Of(Import import)
        {
            var ledger = import.Ledger;
            if (import.State != ImportState.Succeeded) return new(Api.ReportStatus.Failed, null, ledger.Rejected, Explain(import));
            if (import.Undoes is not null) return new(Api.ReportStatus.Success, ledger.Reversed, null, import.Message!);
            return ledger.Rejected == 0
                ? new(Api.ReportStatus.Success, ledger.Processed, null, import.Message!)
                : new(Api.ReportStatus.PartialSuccess, ledger.Processed, ledger.Rejected, import.Message!);
        }
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

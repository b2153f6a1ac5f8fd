using System.Globalization;
using EntityImport.Catalog;
using EntityImport.Engine;
using EntityImport.Imports.Repairs;
using EntityImport.Server.Imports;

namespace EntityImport.Server.Repairs;

/// <summary>What the API tells of repairs.</summary>
internal static class RepairAnswers
{
    extension(Api.Repair)
    {
        public static Api.Repair Of(RepairSnapshot repair)
        {
            var (draft, last) = (repair.Draft, repair.Draft.Runs.Count > 0 ? repair.Draft.Runs[^1] : null);
            return new Api.Repair(
                draft.ImportId, draft.Version, draft.Version > 0 ? draft.ChangedAt : null, draft.ChangedBy,
                [.. draft.Cures.Select(chosen => new Api.ChosenCure(chosen.Cause, CureAnswers.Of(chosen.Cure)))],
                draft.Edits, repair.Ledger.Rejected, repair.Counts?.Ready, repair.Counts?.Left, repair.Counts?.Dropped, repair.Repaired,
                repair.Ledger.Records, repair.Ledger.Processed + repair.Repaired,
                last?.PlanId, last?.Version == draft.Version, repair.RepairedBy);
        }
    }

    extension(Api.KeptEdit)
    {
        public static Api.KeptEdit Of(RowEdit edit) =>
            new(edit.Row, edit.Values?.ToDictionary(value => (value.Key + 1).ToString(CultureInfo.InvariantCulture), value => value.Value), edit.Dropped);
    }

    extension(Api.RepairMerged)
    {
        public static Api.RepairMerged Of(MergedRows merged) =>
            new(merged.Draft.Version, merged.Draft.Edits, merged.Rows, merged.Changed, merged.Same, merged.Repaired, merged.Repeated, merged.Unknown, merged.UnknownLines,
                [.. merged.Columns.Select(column => new Api.MergedColumn(column.Column, column.Number, column.Rows))]);
    }

    extension(Api.CheckedRow)
    {
        public static Api.CheckedRow Of(RepairedRow row) => new(
            row.Row, row.Line, row.State.ToString().ToUpperInvariant(), row.Fields, row.Edit is { } edit ? Api.KeptEdit.Of(edit) : null,
            [.. row.Reasons.Select(Api.RejectionReason.Of)]);
    }
}

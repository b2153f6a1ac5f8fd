using EntityImport.Catalog;
using EntityImport.Changes;
using EntityImport.Engine;
using EntityImport.Server.Http;
using EntityImport.Server.Imports;
using EntityImport.Server.Uploads;

namespace EntityImport.Server.Plans;

/// <summary>What the API tells of plans.</summary>
internal static class PlanAnswers
{
    extension(Api.PlanSummary)
    {
        public static Api.PlanSummary Of(Plan plan) => new(
            plan.Id,
            plan.Run.UploadId,
            plan.Run.MappingId,
            plan.Run.MappingRevision,
            plan.Run.EntitySystemName,
            StateAnswers.Of(plan.Run.State),
            plan.Run.StartedAt,
            plan.Run.StoppedAt,
            plan.Run.InvokedBy,
            plan.DryRunId,
            plan.GuardedId,
            ImportAnswers.Of(plan.Run.Ledger),
            plan.ExpiredAt is null && plan.Changes is { } changes ? changes.Bytes : 0,
            plan.ExpiresAt,
            plan.AppliedBy,
            plan.Run.Code,
            plan.Run.Message);
    }

    extension(Api.PlanDetails)
    {
        public static Api.PlanDetails Of(PlanSnapshot snapshot)
        {
            var (plan, upload, progress, move) = snapshot;
            return new Api.PlanDetails(
                Api.PlanSummary.Of(plan),
                progress is null ? null : ImportAnswers.Of(progress),
                UploadAnswers.FileOf(upload),
                plan.Changes is not { } changes ? null
                    : new Api.PlannedChanges(changes.Inserted, changes.Updated, changes.Removed, [.. changes.Fields.Select(field => new Api.PlannedField(field.SystemName, field.Updated))]),
                [.. plan.Signatures.Select(Of)],
                [.. plan.Breaches.Select(breach => new Api.GuardBreach(breach.Guard, breach.Field, breach.Allowed, breach.Actual, breach.Message))],
                plan.Changes is not null && move is null,
                move is null ? null : new Api.PlanMove(move.What, move.ImportId, move.Message),
                plan.Reason,
                [.. plan.Run.Warnings.Select(Api.ImportWarning.Of)],
                plan.Run.StageMilliseconds,
                LinksOf(plan))
            {
                Repairs = plan.Run.Repairs,
                Repair = snapshot.Repair is not { } run ? null : new Api.RepairPlanned(plan.Id, run.Rows, run.Superseded, run.Kept, run.KeptRows ?? []),
            };
        }
    }

    private static Api.ChangeSignature Of(ChangeFinding finding) => new(
        finding.Code,
        (Api.ChangeGrade)finding.Grade,
        finding.Field,
        finding.Count,
        finding.Of,
        finding.IsEstimated,
        finding.Message,
        [.. finding.Examples.Select(example => new Api.ChangeExample(example.Key, example.Before, example.After))]);

    private static Dictionary<string, string> LinksOf(Plan plan) => new()
    {
        ["self"] = $"/v1/EntityImport/plans/{plan.Id}",
        ["events"] = $"/v1/EntityImport/plans/{plan.Id}/events",
        ["changes"] = $"/v1/EntityImport/plans/{plan.Id}/changes",
        ["errors"] = $"/v1/EntityImport/plans/{plan.Id}/errors",
        ["apply"] = $"/v1/EntityImport/plans/{plan.Id}/apply",
        ["cancel"] = $"/v1/EntityImport/plans/{plan.Id}/cancel",
        ["file"] = $"/v1/EntityImport/{plan.Run.UploadId}/file",
        ["mapping"] = $"/v1/EntityImport/{plan.Run.MappingId}",
    };
}

using System.Globalization;
using System.Text.Json;
using EntityImport.Catalog;
using EntityImport.Changes;
using EntityImport.Engine;
using EntityImport.Entities;
using EntityImport.Server.Imports;
using EntityImport.Server.Uploads;
using EntityImport.Storage;

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
            ImportAnswers.State(plan.Run.State),
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
                LinksOf(plan));
        }
    }

    extension(Api.RecordChange)
    {
        public static Api.RecordChange Of(RecordChange change, IReadOnlyList<FieldDefinition> fields)
        {
            var some = change.After ?? change.Before!;
            return new Api.RecordChange(
                (Api.ChangeKind)change.Kind,
                change.RecordNumber,
                Values(some, fields, i => fields[i].PrimaryKey),
                change.Before is null ? null : Values(change.Before, fields, Tells),
                change.After is null ? null : Values(change.After, fields, Tells));

            bool Tells(int i) => !fields[i].PrimaryKey && (change.Before is null || change.After is null || change.Before[i] != change.After[i]);
        }
    }

    /// <summary>The columns of changes as CSV.</summary>
    public static IEnumerable<string> Columns(IReadOnlyList<FieldDefinition> fields) =>
        ["changeKind", "changeRow", .. fields.SelectMany(field => field.PrimaryKey ? (IEnumerable<string>)[field.SystemName] : [$"{field.SystemName} before", $"{field.SystemName} after"])];

    /// <summary>A change's fields, in the order of <see cref="Columns"/>; null is empty.</summary>
    public static IEnumerable<string> Fields(RecordChange change, IReadOnlyList<FieldDefinition> fields)
    {
        yield return JsonNamingPolicy.SnakeCaseUpper.ConvertName(change.Kind.ToString());
        yield return change.RecordNumber?.ToString(CultureInfo.InvariantCulture) ?? "";
        for (var i = 0; i < fields.Count; i++)
        {
            if (fields[i].PrimaryKey)
            {
                yield return (change.After ?? change.Before!)[i] ?? "";
                continue;
            }

            yield return change.Before?[i] ?? "";
            yield return change.After?[i] ?? "";
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

    private static Dictionary<string, JsonElement> Values(string?[] values, IReadOnlyList<FieldDefinition> fields, Func<int, bool> tells)
    {
        var told = new Dictionary<string, JsonElement>();
        for (var i = 0; i < values.Length; i++)
            if (tells(i)) told.Add(fields[i].SystemName, Value(fields[i].DataType, values[i]));
        return told;
    }

    /// <summary>A value as JSON: numbers as the store has them, digit for digit.</summary>
    private static JsonElement Value(DataType type, string? value) => value is null || type is DataType.String or DataType.Date or DataType.DateTime
        ? JsonSerializer.SerializeToElement(value)
        : JsonElement.Parse(value);

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

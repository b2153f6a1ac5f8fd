using EntityImport.Catalog;
using EntityImport.Conversion.Ambiguity;
using EntityImport.Engine;
using EntityImport.Imports;
using EntityImport.Server.Http;
using EntityImport.Server.Mappings;
using EntityImport.Server.Uploads;

namespace EntityImport.Server.Imports;

/// <summary>What the API tells of imports.</summary>
internal static class ImportAnswers
{
    extension(Api.ImportSummary)
    {
        public static Api.ImportSummary Of(FoundImport found) => Of(found.Import, found.Upload);

        private static Api.ImportSummary Of(Import import, Upload? upload) => new(
            import.Id,
            import.UploadId,
            import.MappingId,
            import.MappingRevision,
            import.EntitySystemName,
            StateAnswers.Of(import.State),
            StatusAnswers.Of(import.State),
            import.StartedAt,
            import.StoppedAt,
            import.Attempts,
            import.InvokedBy,
            import.DryRun,
            import.ClientError,
            Of(import.Ledger),
            import.Code,
            import.Message,
            upload is null ? null : UploadAnswers.FileOf(upload),
            import.DuplicateOf);
    }

    extension(Api.ImportDetails)
    {
        public static Api.ImportDetails Of(ImportSnapshot snapshot)
        {
            var (import, upload, mapping, progress) = snapshot;
            return new Api.ImportDetails
            {
                ImportId = import.Id,
                UploadId = import.UploadId,
                MappingId = import.MappingId,
                MappingRevision = import.MappingRevision,
                EntitySystemName = import.EntitySystemName,
                State = StateAnswers.Of(import.State),
                Phase = Phase(progress.Phase),
                Status = StatusAnswers.Of(import.State),
                StartDate = import.StartedAt,
                StopDate = import.StoppedAt,
                Attempts = import.Attempts,
                InvokedBy = import.InvokedBy,
                DryRun = import.DryRun,
                Undoes = import.Undoes,
                UndoneBy = import.UndoneBy,
                Repairs = import.Repairs,
                RepairedBy = snapshot.RepairedBy,
                KeptBefore = import.KeptBefore,
                ClientErrorCallingService = import.ClientError,
                Ledger = Of(import.HasEnded ? import.Ledger : progress.Ledger),
                Progress = Of(progress),
                File = UploadAnswers.FileOf(upload),
                Definition = MappingAnswers.DefinitionOf(mapping),
                DuplicateOf = import.DuplicateOf,
                PlanId = import.PlanId,
                Code = import.Code,
                Message = import.Message,
                Warnings = [.. import.Warnings.Select(Api.ImportWarning.Of)],
                StageMilliseconds = import.StageMilliseconds,
                Links = LinksOf(import),
            };
        }
    }

    extension(Api.ImportWarning)
    {
        public static Api.ImportWarning Of(ImportWarning warning) => new()
        {
            Code = warning.Code,
            Field = warning.Field,
            Column = warning.Column,
            Reading = warning.Reading,
            OtherReading = warning.OtherReading,
            Values = warning.Values,
            Differing = warning.Differing,
            Example = warning.Example is { } example ? new(example.Value, example.Reading, example.OtherReading) : null,
            Row = warning.Row,
            Line = warning.Line,
            Message = warning.Message,
        };
    }

    extension(Api.RejectedRow)
    {
        public static Api.RejectedRow Of(RejectedRow row) => new(
            row.Row,
            row.Line,
            [.. row.Reasons.Select(Api.RejectionReason.Of)],
            row.Record,
            row.Fields,
            row.Fields is not null);
    }

    extension(Api.RejectionReason)
    {
        public static Api.RejectionReason Of(RejectionReason reason) => new(reason.Code, reason.Field, reason.Column, reason.Value, reason.Message, RejectionCause.Of(reason).Id);
    }

    extension(Api.ErrorPage)
    {
        public static Api.ErrorPage Of(RejectedPage page) => new([.. page.Rows.Select(Api.RejectedRow.Of)], page.Next, page.Total, page.Columns);
    }

    extension(Api.ImportTimeline)
    {
        public static Api.ImportTimeline Of(IReadOnlyList<TimelinePoint> points) =>
            new([.. points.Select(point => new Api.TimelinePoint(point.Milliseconds / 1000.0, Phase(point.Phase), point.Records, point.Bytes, point.Rejected))]);
    }

    extension(Api.RejectionCauses)
    {
        public static Api.RejectionCauses Of(RejectionCauses causes) => new(
            [.. causes.Causes.Select(counted => new Api.RejectionCause(
                counted.Cause.Id, counted.Cause.Code, counted.Cause.Field, counted.Column, counted.Cause.Shape, counted.Rows, new(counted.Row, counted.Line, counted.Value, counted.Message)))],
            causes.OtherCauses,
            causes.OtherReasons,
            causes.Rows,
            causes.IsComplete);
    }

    public static Api.Ledger Of(Ledger ledger) => new(
        ledger.Records, ledger.Inserted, ledger.Updated, ledger.Unchanged, ledger.Superseded, ledger.Rejected, ledger.Removed, ledger.IsBalanced, ledger.Skipped, ledger.Reversed, ledger.Kept);

    public static Api.ImportProgress Of(ImportProgress progress) => new(
        Phase(progress.Phase),
        progress.RecordsRead,
        progress.BytesRead,
        progress.BytesTotal,
        Math.Round(progress.RecordsPerSecond, 1),
        progress.EstimatedSecondsLeft is { } left ? Math.Ceiling(left * 10) / 10 : null);

    private static Api.ImportPhase Phase(ImportPhase phase) => phase switch
    {
        ImportPhase.Queued => Api.ImportPhase.Queued,
        ImportPhase.Planning => Api.ImportPhase.Planning,
        ImportPhase.Loading => Api.ImportPhase.Loading,
        ImportPhase.Merging => Api.ImportPhase.Merging,
        ImportPhase.Ended => Api.ImportPhase.Ended,
        _ => throw new ArgumentOutOfRangeException(nameof(phase), phase, "Unknown phase."),
    };

    private static Dictionary<string, string> LinksOf(Import import) => new()
    {
        ["self"] = $"/v1/EntityImport/imports/{import.Id}",
        ["events"] = $"/v1/EntityImport/imports/{import.Id}/events",
        ["timeline"] = $"/v1/EntityImport/imports/{import.Id}/timeline",
        ["errors"] = $"/v1/EntityImport/imports/{import.Id}/errors",
        ["causes"] = $"/v1/EntityImport/imports/{import.Id}/causes",
        ["repair"] = $"/v1/EntityImport/imports/{import.Id}/repair",
        ["undo"] = $"/v1/EntityImport/imports/{import.Id}/undo",
        ["cancel"] = $"/v1/EntityImport/imports/{import.Id}/cancel",
        ["status"] = $"/v1/EntityImport/{import.Id}/status",
        ["report"] = $"/v1/EntityImport/{import.Id}/report",
        ["errorFile"] = $"/v1/EntityImport/{import.Id}/errorFile",
        ["file"] = $"/v1/EntityImport/{import.UploadId}/file",
        ["mapping"] = $"/v1/EntityImport/{import.MappingId}",
    };
}

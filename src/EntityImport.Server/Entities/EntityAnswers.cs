using EntityImport.Server.Http;
using System.Text.Json;
using EntityImport.Entities;
using EntityImport.Guards;
using EntityImport.Imports;
using EntityImport.Inference;
using EntityImport.Server.Imports;

namespace EntityImport.Server.Entities;

/// <summary>What the API tells of entities.</summary>
internal static class EntityAnswers
{
    extension(Api.Entity)
    {
        public static Api.Entity Of(EntityDefinition entity) => new()
        {
            SystemName = entity.SystemName,
            DisplayName = entity.DisplayName,
            Fields = [.. entity.Fields.Select(Api.EntityField.Of)],
            KeepBefore = entity.KeepBefore,
        };
    }

    extension(Api.EntityStatistics)
    {
        public static Api.EntityStatistics Of(EntityStatistics statistics) => new(
            statistics.EntitySystemName,
            ImportAnswers.Of(statistics.Ledger),
            statistics.Figures is { } figures ? new Api.ImportFigures(Of(figures.Records), Of(figures.RejectedPercent), Of(figures.Seconds), figures.Bytes is { } bytes ? Of(bytes) : null) : null,
            [.. statistics.Imports.Select(import => new Api.MeasuredImport(
                import.Import.Id, StateAnswers.Of(import.Import.State), import.Import.StartedAt, import.Import.Ledger.Records, import.RejectedPercent, import.Seconds, import.Bytes, import.HasRead,
                import.HasRead ? [.. statistics.Figures!.ThatStandOut(import)] : []))]);
    }

    private static Api.ImportFigure Of(ImportFigure figure) => new(figure.Median, figure.Least, figure.Greatest);

    extension(Api.EntityGuards)
    {
        public static Api.EntityGuards Of(EntityGuards guards) => new()
        {
            MaxRemovedRecords = guards.MaxRemovedRecords,
            MaxRemovedPercent = guards.MaxRemovedPercent,
            MaxRejectedPercent = guards.MaxRejectedPercent,
            MinRowsPercent = guards.MinRowsPercent,
            SameHeader = guards.SameHeader,
            Moves = [.. guards.Moves.Select(guard => new Api.MoveGuard(guard.Field, guard.ByPercent, guard.MaxPercent))],
            Emptied = [.. guards.Emptied.Select(guard => new Api.EmptiedGuard(guard.Field, guard.MaxPercent))],
        };
    }

    extension(Api.EntityField)
    {
        public static Api.EntityField Of(FieldDefinition field) => new()
        {
            SystemName = field.SystemName,
            DisplayName = field.DisplayName,
            DataType = field.DataType.ToString().ToUpperInvariant(),
            Required = field.IsRequired,
            PrimaryKey = field.PrimaryKey,
            Length = field.Length,
            Precision = field.IsDecimal ? field.Precision : null,
            Scale = field.IsDecimal ? field.Scale : null,
        };
    }

    extension(Api.InferredSchema)
    {
        public static Api.InferredSchema Of(InferredSchema schema)
        {
            using var mapping = JsonDocument.Parse(schema.MappingDocument);
            return new Api.InferredSchema(
                Api.Entity.Of(schema.Entity), mapping.RootElement.Clone(), [.. schema.Columns.Select(Api.InferredColumn.Of)], [.. schema.Warnings.Select(Api.ImportWarning.Of)])
            {
                Findings = [.. schema.Findings.Select(finding => new Api.InferenceFinding(finding.Code, finding.Column, finding.Message))],
                Questions = [.. schema.Questions.Select(Api.InferenceQuestion.Of)],
                KeyIsProposed = schema.KeyIsProposed,
                HeaderSha256 = schema.HeaderSha256,
                Format = new Api.InferredFormat(
                    schema.Format.Encoding, schema.Format.Delimiter, schema.Format.Records, schema.Format.UnreadableRecords, schema.Format.IsWholeFile),
            };
        }
    }

    extension(Api.InferenceQuestion)
    {
        public static Api.InferenceQuestion Of(OpenQuestion question) => new(
            question.Kind.ToString().ToUpperInvariant(),
            question.Column,
            question.Message,
            [.. question.Answers.Select(answer => new Api.InferenceAnswer(answer.Meaning, JsonSerializer.SerializeToElement(answer.Definition), answer.Key))]);
    }

    extension(Api.InferredColumn)
    {
        public static Api.InferredColumn Of(ColumnJudgement column) => new(
            column.CsvColumnName,
            column.Field is { } field ? Api.EntityField.Of(field) : null,
            column.Rows,
            column.Empty,
            column.Examples,
            column.MaxLength,
            column.Why)
        {
            Refused = column.Refused,
            Mostly = column.Mostly is { } mostly ? mostly.ToString().ToUpperInvariant() : null,
            Match = column.Match is { } match ? new Api.InferredMatch(Name(match.Kind), match.Confidence, match.Why, match.Alternatives) : null,
        };

        private static string Name(MatchKind kind) => kind switch
        {
            MatchKind.IgnoringCase => "IGNORING_CASE",
            MatchKind.DisplayName => "DISPLAY_NAME",
            _ => kind.ToString().ToUpperInvariant(),
        };
    }
}

using System.Text.Json;
using EntityImport.Catalog;
using EntityImport.Imports.Repairs;

namespace EntityImport.Server.Repairs;

/// <summary>What the API tells of cures.</summary>
internal static class CureAnswers
{
    extension(Api.CureReport)
    {
        public static Api.CureReport Of(CureReport report) => new(
            report.Cause.Id, report.Rows, report.AcceptedRows,
            [.. report.Cures.Select(measured => new Api.MeasuredCure(
                Of(measured.Cure), measured.Text, measured.Accepted, measured.Left, measured.Ready, measured.Differing, measured.ReproducesEdit,
                Of(measured.Examples), Of(measured.LeftExamples), Of(measured.DifferingExamples)))]);
    }

    /// <summary>A cure.</summary>
    public static Api.Cure Of(Cure cure) => new()
    {
        Definition = Parse(cure.Definition),
        Field = Parse(cure.Field),
        Entity = Parse(cure.Entity),
        Text = cure.Text is { } text ? new Api.TextChange { Trim = text.Trim, Strip = text.Strip, PadTo = text.PadTo, PadWith = text.PadWith } : null,
        Drop = cure.Drop,
    };

    private static List<Api.CureExample> Of(IReadOnlyList<CureExample> examples) => [.. examples.Select(example => new Api.CureExample(example.Row, example.Line, example.Before, example.After))];

    private static JsonElement? Parse(string? json) => json is null ? null : JsonElement.Parse(json);
}

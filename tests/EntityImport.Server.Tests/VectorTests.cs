using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using EntityImport.Api;
using EntityImport.Client;
using EntityImport.Core.Tests.Conversion;

namespace EntityImport.Server.Tests;

/// <summary>The tables of <c>shared/vectors</c> through the service: each text a field of a file, each answer a record or a reason.</summary>
public sealed class VectorTests : IAsyncLifetime
{
    private const int MaxScale = 38;

    // The day on which the window of two-digit years begins as in the tables.
    private readonly TestServer _server = new() { Clock = new FixedClock(new DateTimeOffset(2026, 11, 23, 0, 0, 0, TimeSpan.Zero)) };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _server.InitializeAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("dates.tsv")]
    [InlineData("dates-quirks.tsv")]
    public async Task Dates_are_read_as_the_contract_says(string file)
    {
        var disagreements = new List<string>();
        foreach (var rows in VectorFile.Rows(file).GroupBy(row => row["locale"]))
        {
            var refused = rows.Where(row => row["contract"] == "PATTERN").Select(row => row["pattern"]).ToHashSet();
            var patterns = rows.Select(row => row["pattern"]).Distinct().Except(refused).ToList();
            var fields = patterns.Select((pattern, i) => new VectorField($"P{i}", "DATETIME", Format: pattern)).ToList();
            var entity = await DeclareAsync(fields);
            var definition = new ImportDefinition { Locale = rows.Key };
            foreach (var pattern in refused)
                await _server.RefusedAsync(HttpMethod.Post, "/v1/EntityImport", HttpStatusCode.BadRequest, "validation", Body(entity, definition with { DateTimeFormat = pattern }));

            var texts = rows.Where(row => !refused.Contains(row["pattern"])).Select(row => new VectorText(
                patterns.IndexOf(row["pattern"]), row["input"], row["contract"] == "REJECT" ? "date.format" : row["contract"] + "Z", row["contract"] != "REJECT"));
            disagreements.AddRange(await CompareAsync(entity, definition, fields, [.. texts], value => value.GetString()!));
        }

        VectorFile.AssertNone(disagreements);
    }

    [Theory]
    [InlineData("numbers.tsv")]
    [InlineData("numbers-wide.tsv")]
    public async Task Numbers_are_read_as_the_contract_says(string file)
    {
        var disagreements = new List<string>();
        foreach (var rows in VectorFile.Rows(file).GroupBy(row => (row["decimalSeparator"], row["groupingSeparator"], row["currencySymbol"], row["percentSymbol"])))
        {
            var fields = Enumerable.Range(0, MaxScale + 1).Select(scale => new VectorField($"D{scale}", "DECIMAL", Scale: scale)).Append(new VectorField("F", "DOUBLE")).ToList();
            var definition = new ImportDefinition
            {
                DecimalSeparator = rows.Key.Item1,
                GroupingSeparator = rows.Key.Item2,
                CurrencySymbol = rows.Key.Item3,
                PercentSymbol = rows.Key.Item4,
            };
            var texts = new List<VectorText>();
            foreach (var row in rows)
            {
                var (text, expected) = (row["input"], row["expected"]);
                var isNumber = expected != "REJECT";
                // As many decimals as the value has, so that it fits if anything does.
                var decimals = expected.Contains('.', StringComparison.Ordinal) ? expected.Length - expected.IndexOf('.', StringComparison.Ordinal) - 1 : 0;
                var isWide = file == "numbers-wide.tsv";
                texts.Add(new VectorText(Math.Min(decimals, MaxScale), text, !isNumber ? "number.format" : isWide ? "number." : expected, isNumber && !isWide));
                var isDouble = isNumber && double.IsFinite(Nearest(expected));
                texts.Add(new VectorText(MaxScale + 1, text, !isNumber ? "number.format" : isDouble ? Shortest(expected) : "number.range", isDouble));
            }

            disagreements.AddRange(await CompareAsync(await DeclareAsync(fields), definition, fields, texts, value => value.GetRawText(), Shortest));
        }

        VectorFile.AssertNone(disagreements);
    }

    private async Task<string> DeclareAsync(IEnumerable<VectorField> fields)
    {
        var name = "Vectors_" + Guid.NewGuid().ToString("N");
        await _server.Client.PutEntityAsync(
            new Entity
            {
                SystemName = name,
                Fields =
                [
                    new EntityField { SystemName = "Number", DataType = "INTEGER", PrimaryKey = true },
                    .. fields.Select(field => new EntityField
                    {
                        SystemName = field.Name, DataType = field.DataType, Precision = field.Scale is null ? null : MaxScale, Scale = field.Scale,
                    }),
                ],
            },
            Cancel);
        return name;
    }

    /// <summary>Imports a file in which each row has one of the texts in its field, and tells which values and reasons are not the expected ones.</summary>
    private async Task<IEnumerable<string>> CompareAsync(
        string entity, ImportDefinition definition, List<VectorField> fields, List<VectorText> texts, Func<JsonElement, string> read, Func<string, string>? normalizeLast = null)
    {
        // An empty field is null whatever its type.
        texts = [.. texts.Where(text => text.Input.Length > 0)];
        var csv = new StringBuilder("Number,").AppendJoin(',', fields.Select(field => field.Name)).Append('\n');
        for (var i = 0; i < texts.Count; i++)
        {
            csv.Append(CultureInfo.InvariantCulture, $"{i}").Append(',', texts[i].Field + 1)
                .Append('"').Append(texts[i].Input.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"')
                .Append(',', fields.Count - texts[i].Field - 1).Append('\n');
        }

        var mapping = await _server.Client.CreateMappingAsync(
            entity,
            definition with
            {
                // The vectors are about what the pattern or the symbols say, spaces included.
                IgnoreSurroundingSpaces = false,
                Fields = [new FieldMapping("Number", "Number"), .. fields.Select(field => new FieldMapping(field.Name, field.Name, Format: field.Format))],
            },
            Cancel);
        var run = await _server.ImportAsync(mapping, csv.ToString());
        var answers = new string[texts.Count];
        await foreach (var (number, answer) in ReadReasonsAsync(run.Status.EntityImportId)) answers[number] = answer;
        await foreach (var record in ReadRecordsAsync(entity))
        {
            var number = record.GetProperty("Number").GetInt32();
            var text = texts[number];
            answers[number] = read(record.GetProperty(fields[text.Field].Name));
            if (normalizeLast is not null && text.Field == fields.Count - 1) answers[number] = normalizeLast(answers[number]);
        }

        return Enumerable.Range(0, texts.Count)
            .Where(i => texts[i].IsAccepted ? answers[i] != texts[i].Expected : answers[i]?.StartsWith($"{fields[texts[i].Field].Name}: {texts[i].Expected}", StringComparison.Ordinal) != true)
            .Select(i => $"'{texts[i].Input}' {definition.Locale} {fields[texts[i].Field].Format ?? fields[texts[i].Field].Name}: expected {texts[i].Expected}, was {answers[i] ?? "lost"}");
    }

    private async IAsyncEnumerable<(int Number, string Answer)> ReadReasonsAsync(Guid importId)
    {
        string? cursor = null;
        do
        {
            var page = await _server.Client.ListErrorsAsync(importId, limit: 1000, cursor: cursor, cancellationToken: Cancel);
            foreach (var row in page.Errors) yield return ((int)row.Row - 1, string.Join("; ", row.Reasons.Select(reason => $"{reason.Field}: {reason.Code}")));
            cursor = page.NextCursor;
        }
        while (cursor is not null);
    }

    private async IAsyncEnumerable<JsonElement> ReadRecordsAsync(string entity)
    {
        for (var skip = 0L; ;)
        {
            var page = await _server.Client.ReadRecordsAsync(entity, new RecordOptions { OrderBy = "Number", Skip = skip, Top = 500 }, Cancel);
            foreach (var record in page.Records) yield return record;
            if (page.Records.Count == 0) yield break;
            skip += page.Records.Count;
        }
    }

    private static StringContent Body(string entity, ImportDefinition definition) => TestServer.Json(JsonSerializer.Serialize(
        new { entitySystemName = entity, definition = new { locale = definition.Locale, dateTimeFormat = definition.DateTimeFormat } }));

    private static double Nearest(string number) => double.Parse(number, CultureInfo.InvariantCulture) + 0.0;

    private static string Shortest(string number) => Nearest(number).ToString("R", CultureInfo.InvariantCulture);

    private sealed record VectorField(string Name, string DataType, string? Format = null, int? Scale = null);

    /// <summary>A text for one field, and the value that it has, or the beginning of the code of its reason.</summary>
    private sealed record VectorText(int Field, string Input, string Expected, bool IsAccepted);

    private sealed class FixedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}

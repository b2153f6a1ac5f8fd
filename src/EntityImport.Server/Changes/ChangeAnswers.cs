using System.Globalization;
using System.Text;
using System.Text.Json;
using EntityImport.Changes;
using EntityImport.Csv;
using EntityImport.Entities;
using EntityImport.Server.Http;
using EntityImport.Storage;
using Microsoft.AspNetCore.WebUtilities;

namespace EntityImport.Server.Changes;

/// <summary>What the API tells of changed records, of plans and of imports alike: page by page, as JSON and as CSV.</summary>
internal static class ChangeAnswers
{
    /// <summary>The media type of the other form.</summary>
    public const string Csv = "text/csv";

    private const int MaxPage = 1000;

    /// <summary>Changes that are read at a time where all are asked for: each page looks for its place among all of them.</summary>
    private const int PageOfAll = 10_000;

    /// <summary>The query parameters that say which changes.</summary>
    public static readonly (string Name, string Description)[] Parameters =
    [
        ("kind", "Only records that come (INSERTED), change (UPDATED) or go (REMOVED)."),
        ("field", "Only records in which this field changes."),
        ("limit", "The most to return: 1 to 1000, default 100. A page of large records has fewer."),
        ("cursor", "The nextCursor of the page before."),
    ];

    /// <summary>Writes the page that a request asks for; as CSV without a limit all pages.</summary>
    /// <param name="context">The request and its answer.</param>
    /// <param name="fields">The fields that changes have values of, once a page was read.</param>
    /// <param name="findField">Finds one of them by its name, or refuses it.</param>
    /// <param name="read">Reads a page.</param>
    /// <param name="isComplete">Whether all changes are known; null where nobody asks.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static async Task WriteAsync(
        HttpContext context, Func<IReadOnlyList<FieldDefinition>> fields, Func<string, FieldDefinition> findField, Func<ChangeQuery, Task<ChangePage>> read, bool? isComplete, CancellationToken cancellationToken)
    {
        var request = context.Request;
        var isCsv = request.Headers.Accept.ToString() is var accept && accept.Contains(Csv, StringComparison.OrdinalIgnoreCase) && !accept.Contains("json", StringComparison.OrdinalIgnoreCase);
        var isWhole = isCsv && Http.Parameters.One(request, "limit") is null;
        var query = new ChangeQuery(isWhole ? PageOfAll : Http.Parameters.Limit(request, max: MaxPage, absent: 100))
        {
            Kind = Kind(request),
            Field = Http.Parameters.One(request, "field") is { } name ? findField(name) : null,
            After = Http.Parameters.Place(request, ReadPlace),
        };
        var page = await read(query);
        var told = fields();
        if (!isCsv)
        {
            await TypedResults.Ok(new Api.ChangePage([.. page.Changes.Select(change => Api.RecordChange.Of(change, told))], page.HasMore ? Cursor(page.Changes[^1].Place) : null, isComplete)).ExecuteAsync(context);
            return;
        }

        using var buffer = new MemoryStream();
        var writer = new CsvFieldWriter(buffer, CsvDialect.Default);
        context.Response.ContentType = Csv;
        var mayBeUnknown = isComplete is not null;
        Write(Columns(told, mayBeUnknown));
        while (true)
        {
            foreach (var change in page.Changes) Write(Fields(change, told, mayBeUnknown));
            await context.Response.Body.WriteAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), cancellationToken);
            buffer.SetLength(0);
            if (!isWhole || !page.HasMore) return;
            page = await read(query = query with { After = page.Changes[^1].Place });
        }

        void Write(IEnumerable<string> values)
        {
            writer.WriteRecord(values);
            writer.WriteLineEnd("\r\n");
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
                change.After is null || change.AfterUnknown ? null : Values(change.After, fields, Tells),
                change.AfterUnknown);

            bool Tells(int i) => !fields[i].PrimaryKey && (change.Before is null || change.After is null || change.Before[i] != change.After[i]);
        }
    }

    /// <summary>The columns of changes as CSV.</summary>
    private static IEnumerable<string> Columns(IReadOnlyList<FieldDefinition> fields, bool mayBeUnknown) =>
        ["changeKind", "changeRow", .. mayBeUnknown ? ["changeAfterUnknown"] : Array.Empty<string>(), .. fields.SelectMany(field => field.PrimaryKey ? (IEnumerable<string>)[field.SystemName] : [$"{field.SystemName} before", $"{field.SystemName} after"])];

    /// <summary>A change's fields, in the order of <see cref="Columns"/>; null is empty.</summary>
    private static IEnumerable<string> Fields(RecordChange change, IReadOnlyList<FieldDefinition> fields, bool mayBeUnknown)
    {
        yield return JsonNamingPolicy.SnakeCaseUpper.ConvertName(change.Kind.ToString());
        yield return change.RecordNumber?.ToString(CultureInfo.InvariantCulture) ?? "";
        if (mayBeUnknown) yield return change.AfterUnknown ? "true" : "";
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

    private static ChangeKind? Kind(HttpRequest request) => Http.Parameters.One(request, "kind") switch
    {
        null => null,
        // A list of names is none of them, though enumerations are read so.
        var text when text.All(char.IsAsciiLetter) && Enum.TryParse<ChangeKind>(text, ignoreCase: true, out var kind) => kind,
        var text => throw Refusal.Parameter("kind", $"Expected INSERTED, UPDATED or REMOVED, not '{Refusal.Cut(text)}'."),
    };

    private static string Cursor(ChangePlace place) => WebEncoders.Base64UrlEncode(Encoding.ASCII.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $"{place.Number} {place.Move?.ToString("R", CultureInfo.InvariantCulture)}")));

    private static ChangePlace? ReadPlace(byte[] cursor)
    {
        var parts = Encoding.ASCII.GetString(cursor).Split(' ');
        if (parts.Length != 2 || !long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return null;
        if (parts[1].Length == 0) return new ChangePlace(null, number);
        return double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out var move) && double.IsFinite(move) ? new ChangePlace(move, number) : null;
    }
}

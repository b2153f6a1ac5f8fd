using System.Globalization;
using System.Text.Json;
using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.DuckDb;
using EntityImport.Engine;
using EntityImport.Entities;
using EntityImport.Options;
using EntityImport.Records;

namespace EntityImport.Bench.RandomEntities;

/// <summary>The engine on its store in a folder, and what a trial does with it. Values are in the one form of <see cref="FieldValue"/>.</summary>
internal sealed class RealEngine : IAsyncDisposable
{
    /// <summary>As the service's default, only that a failure for reasons of the service is told at once.</summary>
    private readonly EngineOptions _options;
    private ImportEngine _engine;

    private RealEngine(EngineOptions options, LastError error, ImportEngine engine) => (_options, Error, _engine) = (options, error, engine);

    /// <summary>What the engine logged last.</summary>
    public LastError Error { get; }

    public static async Task<RealEngine> OpenAsync(string directory, CancellationToken cancellationToken)
    {
        var options = new EngineOptions { DataDirectory = directory, MaxAttempts = 1 };
        var error = new LastError();
        return new RealEngine(options, error, await OpenAsync(options, error, cancellationToken));
    }

    /// <summary>Stops cleanly and starts again on the same data.</summary>
    public async Task ReopenAsync(CancellationToken cancellationToken)
    {
        await DisposeAsync();
        _engine = await OpenAsync(_options, Error, cancellationToken);
    }

    public async Task PutAsync(Entity entity, CancellationToken cancellationToken)
    {
        using var document = JsonDocument.Parse(entity.Json);
        await _engine.Entities.PutAsync(Request.Anonymous, entity.Name, document.RootElement, cancellationToken);
    }

    public Task DeleteAsync(Entity entity, CancellationToken cancellationToken) => _engine.Entities.DeleteAsync(Request.Anonymous, entity.Name, force: true, cancellationToken);

    /// <summary>Imports a file under a mapping of its own, and waits for the end.</summary>
    public async Task<Import> ImportAsync(Entity entity, Mapping mapping, DrawnFile file, CancellationToken cancellationToken)
    {
        using var document = JsonDocument.Parse(mapping.Json(entity));
        var saved = await _engine.Mappings.CreateAsync(Request.Anonymous, document.RootElement, cancellationToken);
        using var content = new MemoryStream(file.Bytes);
        var upload = await _engine.Uploads.ReceiveAsync(Request.Anonymous, saved.Id, content, "drawn.csv", charset: null, cancellationToken);
        var import = await _engine.Imports.InvokeAsync(Request.Anonymous, upload!.Id, cancellationToken);
        return await _engine.ImportViews.WaitAsync(Request.Anonymous, import!.Id, cancellationToken).WaitAsync(TimeSpan.FromMinutes(2), cancellationToken);
    }

    /// <summary>The rows that an import rejected, as <see cref="Expected.Rejected"/> tells them.</summary>
    public async Task<IReadOnlyList<string>> ReadRejectedAsync(Import import, CancellationToken cancellationToken)
    {
        var told = new List<string>();
        string? cursor = null;
        do
        {
            (var rows, cursor) = await _engine.RejectedRows.ReadAsync(Request.Anonymous, import, cursor, 200, cancellationToken);
            told.AddRange(rows.Select(row => string.Create(
                CultureInfo.InvariantCulture, $"row {row.Row}, line {row.Line}: {Expected.Join(row.Reasons.Select(reason => $"{reason.Field}:{reason.Code}"))}")));
        }
        while (cursor is not null);

        return told;
    }

    /// <summary>A page of records, and how many there are in all.</summary>
    /// <param name="entity">The entity.</param>
    /// <param name="wanted">Values that fields must have, by the field's place; empty means all records.</param>
    /// <param name="orderBy">The place of the field that they are ordered by; null means by none.</param>
    /// <param name="descending">Whether the largest come first.</param>
    /// <param name="skip">Records to pass over.</param>
    /// <param name="top">The most records to return.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<(IReadOnlyList<string?[]> Records, long Total)> ReadAsync(
        Entity entity, IReadOnlyDictionary<int, string?> wanted, int? orderBy, bool descending, long skip, int top, CancellationToken cancellationToken)
    {
        var definition = await _engine.Entities.FindAsync(Request.Anonymous, entity.Name, cancellationToken) ?? throw new InvalidOperationException($"There is no entity {entity.Name}.");
        var query = new RecordQuery
        {
            Entity = definition,
            Select = definition.Fields,
            Filter = wanted.Select(pair => Equal(entity.Fields[pair.Key], definition.Fields[pair.Key], pair.Value)).Aggregate((Condition?)null, And),
            OrderBy = orderBy is { } place ? [(new FieldOperand(definition.Fields[place]), descending)] : [],
            Skip = skip,
            Top = top,
            Count = true,
        };
        var page = await _engine.Records.ReadAsync(Request.Anonymous, query, cancellationToken);
        return ([.. page.Records.Select(record => record.Select((value, i) => FieldValue.Read(entity.Fields[i], value)).ToArray())], page.Total!.Value);
    }

    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    private static Condition And(Condition? left, Condition right) => left is null ? right : new AndCondition(left, right);

    private static Comparison Equal(Field field, FieldDefinition definition, string? value) =>
        new(ComparisonOperator.Equal, new FieldOperand(definition), new Constant(definition.DataType, value is null ? null : Constant(field, value)));

    /// <summary>A value as conditions have it.</summary>
    public static object Constant(Field field, string value) => field.Type switch
    {
        FieldType.Integer => long.Parse(value, CultureInfo.InvariantCulture),
        FieldType.Double => double.Parse(value, CultureInfo.InvariantCulture),
        FieldType.Boolean => value == "true",
        FieldType.Date => DateOnly.ParseExact(value, FieldValue.DateForm, CultureInfo.InvariantCulture),
        FieldType.DateTime => DateTime.ParseExact(value, FieldValue.TimeForm, CultureInfo.InvariantCulture),
        _ => value,
    };

    private static Task<ImportEngine> OpenAsync(EngineOptions options, LastError error, CancellationToken cancellationToken) =>
        ImportEngine.OpenAsync(DuckDbStore.Open(options), options, TimeProvider.System, error, cancellationToken);
}

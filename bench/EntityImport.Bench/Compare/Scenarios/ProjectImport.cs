using System.Globalization;
using System.Text.Json;
using EntityImport.Access;
using EntityImport.Bench.Compare.Data;
using EntityImport.Bench.Compare.Results;
using EntityImport.Catalog;
using EntityImport.DuckDb;
using EntityImport.Engine;
using EntityImport.Options;
using EntityImport.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace EntityImport.Bench.Compare.Scenarios;

/// <summary>This project: a stored file into an entity, on the embedded store where nothing else is said, from the import's start until it is committed, rejected rows captured.</summary>
internal class ProjectImport(string name, string group, string title, DataVariant input, string mode) : Scenario(name, group, title, input)
{
    /// <summary>The entity that is imported into.</summary>
    internal const string Entity = "products";
    private const string SubjectName = "subject.id";

    /// <summary>What is in the entity before; null where nothing is.</summary>
    public DataVariant? Existing { get; init; }

    /// <summary>Whether it is kept what the records were before, as entities have it by default.</summary>
    public bool KeepsBefore { get; init; } = true;

    public int Times { get; init; } = 1;

    public bool Selected { get; init; }

    /// <summary>Whether it is the first import after a start: code is compiled and read while the clock runs.</summary>
    public bool IsFirst { get; init; }

    public override bool IsWarm => !IsFirst;

    public override bool RunsAsEis => true;

    public override IEnumerable<DataVariant> Files => Existing is { } existing ? [Input, existing] : [Input];

    public override int Scale => Times;

    public override bool IsDefault => !Selected;

    public override bool IsPrepared => true;

    public override string Prepared => $"{mode}-{Existing}-{Input}";

    /// <summary>The file that is imported.</summary>
    protected virtual DataVariant Imported => Input;

    public override async Task PrepareAsync(DataSet data, string directory)
    {
        await using var engine = await OpenAsync(directory);
        await DeclareAsync(engine, keepsBefore: true);
        if (Existing is { } existing)
        {
            var import = await ImportAsync(engine, await UploadAsync(engine, data, existing, "INSERT"));
            if (import.State != ImportState.Succeeded || import.Ledger.Inserted != data.Rows) throw new InvalidOperationException(import.Message);
        }

        var subject = await BeginAsync(engine, await UploadAsync(engine, data, Imported, mode));
        await File.WriteAllTextAsync(Path.Combine(directory, SubjectName), subject.ToString());
    }

    public override async Task<Measurement> MeasureAsync(DataSet data, string directory)
    {
        var subject = await ReadSubjectAsync(directory);
        Import import;
        Meter meter;
        await using (var engine = await OpenAsync(directory))
        {
            if (!IsFirst) await DeclareAsync(engine, KeepsBefore);
            meter = await StartAsync(directory);
            import = await WorkAsync(engine, subject);
            meter.Stop();
        }

        await CloseAsync(meter, directory);
        // Of a file without a good row nothing is imported, as the contract says.
        var expected = Input == DataVariant.LocaleAllBad ? ImportState.Failed : ImportState.Succeeded;
        if (import.State != expected || !DidAll(import.Ledger, data.Rows)) throw new InvalidOperationException(import.Message);
        return await MeasuredAsync(meter, directory) with { Rejected = import.Ledger.Rejected, StageMilliseconds = import.StageMilliseconds };
    }

    /// <summary>Does what else must be there before the clock starts.</summary>
    /// <returns>The id of what the measured work is about: the upload.</returns>
    protected virtual Task<Guid> BeginAsync(ImportEngine engine, Guid upload) => Task.FromResult(upload);

    /// <summary>Does what is measured, and waits for its end.</summary>
    protected virtual Task<Import> WorkAsync(ImportEngine engine, Guid subject) => ImportAsync(engine, subject);

    /// <summary>Whether all of it was done.</summary>
    protected virtual bool DidAll(Ledger ledger, long rows) => ledger.Records == rows;

    /// <summary>What <see cref="BeginAsync"/> answered.</summary>
    protected static async Task<Guid> ReadSubjectAsync(string directory) =>
        Guid.Parse(await File.ReadAllTextAsync(Path.Combine(directory, SubjectName)), CultureInfo.InvariantCulture);

    /// <summary>Opens the store of a folder.</summary>
    protected virtual Task<IStore> OpenStoreAsync(EngineOptions options) => Task.FromResult<IStore>(DuckDbStore.Open(options));

    /// <summary>Starts the clocks.</summary>
    protected virtual Task<Meter> StartAsync(string directory) => Task.FromResult(Meter.Start());

    /// <summary>The store is closed: stops the clock that goes on until all is on disk.</summary>
    protected virtual Task CloseAsync(Meter meter, string directory)
    {
        meter.StopClosed();
        return Task.CompletedTask;
    }

    /// <summary>What was measured, with what is in the closed store.</summary>
    protected virtual Task<Measurement> MeasuredAsync(Meter meter, string directory)
    {
        var file = Directory.GetFiles(directory, "*.duckdb").Single();
        var (rows, summary, hash) = ProductTable.Read(file, $"records.{Entity}");
        return Task.FromResult(meter.Measured(rows) with { Summary = summary, Hash = hash, DatabaseBytes = new FileInfo(file).Length, KeptBytes = KeptTables.MeasureBytes(file) });
    }

    /// <summary>Imports an upload, and waits for its end.</summary>
    internal static async Task<Import> ImportAsync(ImportEngine engine, Guid upload)
    {
        var import = await engine.Imports.InvokeAsync(Request.Anonymous, upload, CancellationToken.None);
        return await engine.ImportViews.WaitAsync(Request.Anonymous, import!.Id, CancellationToken.None);
    }

    protected static async Task<Plan> PlanAsync(ImportEngine engine, Guid upload)
    {
        var plan = await engine.Plans.InvokeAsync(Request.Anonymous, upload, CancellationToken.None);
        return await engine.Plans.WaitAsync(Request.Anonymous, plan!.Id, CancellationToken.None);
    }

    /// <summary>Makes the entity.</summary>
    internal static async Task DeclareAsync(ImportEngine engine, bool keepsBefore)
    {
        using var document = JsonDocument.Parse($$"""{ "fields": {{ProductTable.Fields}}, "keepBefore": {{(keepsBefore ? "true" : "false")}} }""");
        await engine.Entities.PutAsync(Request.Anonymous, Entity, document.RootElement, CancellationToken.None);
    }

    /// <summary>Stores a file, to be imported in a mode.</summary>
    internal static async Task<Guid> UploadAsync(ImportEngine engine, DataSet data, DataVariant variant, string mode)
    {
        using var document = MappingOf(variant, mode);
        var mapping = await engine.Mappings.CreateAsync(Request.Anonymous, document.RootElement, CancellationToken.None);
        await using var file = File.OpenRead(data.PathOf(variant));
        return (await engine.Uploads.ReceiveAsync(Request.Anonymous, mapping.Id, file, "products.csv", charset: null, CancellationToken.None))!.Id;
    }

    /// <summary>The mapping by which a file is imported.</summary>
    internal static JsonDocument MappingOf(DataVariant variant, string mode)
    {
        var formats = ProductWriter.IsIso(variant)
            ? """ "dateFormat": "yyyy-MM-dd", "dateTimeFormat": "yyyy-MM-dd HH:mm:ss" """
            : """ "dateFormat": "dd-MM-yyyy", "dateTimeFormat": "dd-MM-yyyy HH:mm:ss" """;
        return JsonDocument.Parse(
            $$"""{ "entitySystemName": "{{Entity}}", "definition": { "importMode": "{{mode}}", "locale": "en-US", {{formats}} } }""");
    }

    private async Task<ImportEngine> OpenAsync(string directory)
    {
        var options = new EngineOptions { DataDirectory = directory };
        return await ImportEngine.OpenAsync(await OpenStoreAsync(options), options, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
    }
}

using System.Globalization;
using System.Text;
using System.Text.Json;
using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Engine;
using EntityImport.Files;
using EntityImport.Options;
using EntityImport.Records;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>A real engine on a real store in a folder of its own, and short forms for what tests do with it.</summary>
public sealed class Engine : IAsyncDisposable
{
    private readonly EngineSetup _setup;
    private readonly string _directory;
    private IStore _store;

    private Engine(IStore store, ImportEngine import, EngineSetup setup, string directory)
    {
        _store = store;
        Import = import;
        _setup = setup;
        _directory = directory;
    }

    public ImportEngine Import { get; private set; }

    /// <summary>The real catalog, whatever the engine was given instead.</summary>
    public ICatalog Catalog => _store.Catalog;

    /// <summary>How several share the store.</summary>
    public ICluster Cluster => _store.Cluster!;

    /// <summary>The data directory.</summary>
    public string DataDirectory => _directory;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Starts an engine.</summary>
    /// <param name="threads">How many threads read one file; 0 means as many as usual.</param>
    public static Task<Engine> StartAsync(int threads = 0) =>
        StartAsync(new EngineSetup { Options = options => threads > 0 ? options with { ThreadsPerImport = threads } : options });

    /// <summary>Starts an engine that is set up otherwise than usual.</summary>
    public static async Task<Engine> StartAsync(EngineSetup setup)
    {
        var directory = setup.DataDirectory ?? Directory.CreateTempSubdirectory("eis-test-").FullName;
        var (store, engine) = await OpenAsync(setup, directory);
        return new Engine(store, engine, setup, directory);
    }

    /// <summary>Stops the engine cleanly, as the service does, and starts it again on the same data.</summary>
    /// <param name="meanwhile">What is done to the catalog in between.</param>
    /// <param name="afterwards">What is done to the files once the store is closed.</param>
    public async Task RestartAsync(Func<ICatalog, Task>? meanwhile = null, Action? afterwards = null)
    {
        await Import.DisposeAsync();
        if (meanwhile is not null)
        {
            await using var store = await TestStore.OpenAsync(_setup.Options(new EngineOptions { DataDirectory = _directory }));
            await meanwhile(store.Catalog);
        }

        await ReopenAsync(afterwards ?? (() => { }));
    }

    /// <summary>Starts an engine that is stopped, or was refused to start.</summary>
    /// <param name="before">What is done to the files before.</param>
    public async Task ReopenAsync(Action before)
    {
        before();
        (_store, Import) = await OpenAsync(_setup, _directory);
    }

    /// <summary>Sends a file under a mapping, and invokes its import.</summary>
    public async Task<Catalog.Import> InvokeAsync(Guid mapping, string csv)
    {
        var upload = await Import.Uploads.ReceiveAsync(Request.Anonymous, mapping, new MemoryStream(Encoding.UTF8.GetBytes(csv)), "test.csv", charset: null, Token);
        return (await Import.Imports.InvokeAsync(Request.Anonymous, upload!.Id, Token))!;
    }

    /// <summary>Waits for an import's end.</summary>
    public Task<Catalog.Import> EndOfAsync(Catalog.Import import) => Import.ImportViews.WaitAsync(Request.Anonymous, import.Id, Token).WaitAsync(TimeSpan.FromMinutes(2), Token);

    /// <summary>Declares an entity from JSON.</summary>
    public async Task DeclareAsync(string name, string fields)
    {
        using var document = JsonDocument.Parse($$"""{"fields": {{fields}}}""");
        await Import.Entities.PutAsync(Request.Anonymous, name, document.RootElement, Token);
    }

    /// <summary>Sends a file under a new mapping, imports it, and waits for the end.</summary>
    public Task<Catalog.Import> ImportAsync(string entity, string csv, string definition = "{}") =>
        ImportAsync(entity, Encoding.UTF8.GetBytes(csv), definition);

    /// <inheritdoc cref="ImportAsync(string, string, string)"/>
    public async Task<Catalog.Import> ImportAsync(string entity, byte[] csv, string definition = "{}")
    {
        var mapping = await MapAsync(entity, definition);
        return await ImportAsync(mapping, csv);
    }

    /// <summary>Makes a mapping.</summary>
    public async Task<Guid> MapAsync(string entity, string definition)
    {
        using var document = JsonDocument.Parse($$"""{"entitySystemName": "{{entity}}", "definition": {{definition}}}""");
        return (await Import.Mappings.CreateAsync(Request.Anonymous, document.RootElement, Token)).Id;
    }

    /// <summary>Sends a file under a mapping, imports it, and waits for the end.</summary>
    public async Task<Catalog.Import> ImportAsync(Guid mapping, byte[] csv)
    {
        var upload = await Import.Uploads.ReceiveAsync(Request.Anonymous, mapping, new MemoryStream(csv), "test.csv", charset: null, Token);
        var import = await Import.Imports.InvokeAsync(Request.Anonymous, upload!.Id, Token);
        return await EndOfAsync(import!);
    }

    /// <summary>An import as the catalog keeps it, not as the engine remembers it.</summary>
    public async Task<Catalog.Import> FindKeptAsync(Guid importId) => (await _store.Catalog.FindImportAsync(importId, Token))!;

    /// <summary>All records, each as its values joined by <c>|</c>, in the order of the key; null is <c>∅</c>.</summary>
    public async Task<string[]> RecordsAsync(string entity)
    {
        var definition = (await Import.Entities.FindAsync(Request.Anonymous, entity, Token))!;
        var page = await Import.Records.ReadAsync(Request.Anonymous, new RecordQuery { Entity = definition, Select = definition.Fields }, Token);
        return [.. page.Records.Select(record => string.Join('|', record.Select(value => value ?? "∅")))];
    }

    /// <summary>The records whose integer field has a value, as <see cref="RecordsAsync(string)"/> shows them.</summary>
    public async Task<string[]> RecordsAsync(string entity, string field, string value)
    {
        var definition = (await Import.Entities.FindAsync(Request.Anonymous, entity, Token))!;
        var left = definition.FindField(field)!;
        var filter = new Comparison(
            ComparisonOperator.Equal, new FieldOperand(left), new Constant(left.DataType, long.Parse(value, CultureInfo.InvariantCulture)));
        var page = await Import.Records.ReadAsync(Request.Anonymous, new RecordQuery { Entity = definition, Select = definition.Fields, Filter = filter }, Token);
        return [.. page.Records.Select(record => string.Join('|', record.Select(v => v ?? "∅")))];
    }

    /// <summary>The error file as text.</summary>
    public async Task<string> ErrorFileAsync(Catalog.Import import) => Encoding.UTF8.GetString(await ErrorFileBytesAsync(import));

    /// <summary>The error file.</summary>
    public async Task<byte[]> ErrorFileBytesAsync(Catalog.Import import, bool forSpreadsheets = false)
    {
        using var target = new MemoryStream();
        await Import.RejectedRows.WriteErrorFileAsync(Request.Anonymous, import, target, forSpreadsheets, Token);
        return target.ToArray();
    }

    public async ValueTask DisposeAsync()
    {
        await Import.DisposeAsync();
        await TestStore.ForgetAsync(_directory);
        Directory.Delete(_directory, recursive: true);
    }

    private static async Task<(IStore, ImportEngine)> OpenAsync(EngineSetup setup, string directory)
    {
        var options = setup.Options(new EngineOptions { DataDirectory = directory });
        var store = await TestStore.OpenAsync(options);
        return (store, await ImportEngine.OpenAsync(setup.Store(new SetUpStore(store, setup)), setup.Files(), options, setup.Time, setup.Logs, Token));
    }

    /// <summary>The real store behind what a test puts before it.</summary>
    private sealed class SetUpStore(IStore store, EngineSetup setup) : IStore
    {
        public ICatalog Catalog { get; } = setup.Catalog(store.Catalog);

        public IRecords Records { get; } = setup.Records(store.Records);

        public ICluster? Cluster => store.Cluster;

        public long Bytes => store.Bytes;

        public bool IsLost => store.IsLost;

        public ValueTask DisposeAsync() => store.DisposeAsync();
    }
}

/// <summary>How an engine is set up.</summary>
public sealed record EngineSetup
{
    /// <summary>The data directory; null means a new one.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>Changes the options.</summary>
    public Func<EngineOptions, EngineOptions> Options { get; init; } = options => options;

    /// <summary>Comes between engine and store.</summary>
    public Func<IStore, IStore> Store { get; init; } = store => store;

    /// <summary>Where files are; null means the data directory.</summary>
    public Func<IFileStore?> Files { get; init; } = () => null;

    /// <summary>Comes between engine and catalog.</summary>
    public Func<ICatalog, ICatalog> Catalog { get; init; } = catalog => catalog;

    /// <summary>Comes between engine and records.</summary>
    public Func<IRecords, IRecords> Records { get; init; } = records => records;

    /// <summary>Where log lines go.</summary>
    public ILoggerFactory Logs { get; init; } = NullLoggerFactory.Instance;

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}

using System.Globalization;
using System.Text.Json;
using EntityImport.Access;
using EntityImport.Bench.Compare.Data;
using EntityImport.Bench.Compare.Results;
using EntityImport.Catalog;
using EntityImport.DuckDb;
using EntityImport.Engine;
using EntityImport.Options;
using Microsoft.Extensions.Logging.Abstractions;

namespace EntityImport.Bench.Compare.Scenarios;

/// <summary>This project: a stored file into an entity of the embedded store, from the import's start until it is committed, rejected rows captured.</summary>
internal sealed class ProjectImport(string name, string group, string title, DataVariant input, string mode) : Scenario(name, group, title, input)
{
    private const string Entity = "products";
    private const string UploadName = "upload.id";

    /// <summary>What is in the entity before; null where nothing is.</summary>
    public DataVariant? Existing { get; init; }

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

    public override async Task PrepareAsync(DataSet data, string directory)
    {
        await using var engine = await OpenAsync(directory);
        using (var document = JsonDocument.Parse($$"""{ "fields": {{ProductTable.Fields}} }"""))
            await engine.Entities.PutAsync(Request.Anonymous, Entity, document.RootElement, CancellationToken.None);
        if (Existing is { } existing)
        {
            var import = await ImportAsync(engine, await UploadAsync(engine, data, existing, "INSERT"));
            if (import.State != ImportState.Succeeded || import.Ledger.Inserted != data.Rows) throw new InvalidOperationException(import.Message);
        }

        var upload = await UploadAsync(engine, data, Input, mode);
        await File.WriteAllTextAsync(Path.Combine(directory, UploadName), upload.ToString());
    }

    public override async Task<Measurement> MeasureAsync(DataSet data, string directory)
    {
        var upload = Guid.Parse(await File.ReadAllTextAsync(Path.Combine(directory, UploadName)), CultureInfo.InvariantCulture);
        Import import;
        Meter meter;
        await using (var engine = await OpenAsync(directory))
        {
            meter = Meter.Start();
            import = await ImportAsync(engine, upload);
            meter.Stop();
        }

        meter.StopClosed();
        // Of a file without a good row nothing is imported, as the contract says.
        var expected = Input == DataVariant.LocaleAllBad ? ImportState.Failed : ImportState.Succeeded;
        if (import.State != expected || import.Ledger.Records != data.Rows) throw new InvalidOperationException(import.Message);
        var file = Directory.GetFiles(directory, "*.duckdb").Single();
        var (rows, summary, hash) = ProductTable.Read(file, $"records.{Entity}");
        return meter.Measured(rows) with
        {
            Rejected = import.Ledger.Rejected,
            Summary = summary,
            Hash = hash,
            DatabaseBytes = new FileInfo(file).Length,
            StageMilliseconds = import.StageMilliseconds,
        };
    }

    private static async Task<Guid> UploadAsync(ImportEngine engine, DataSet data, DataVariant variant, string mode)
    {
        var formats = variant is DataVariant.Iso or DataVariant.IsoChanged
            ? """ "dateFormat": "yyyy-MM-dd", "dateTimeFormat": "yyyy-MM-dd HH:mm:ss" """
            : """ "dateFormat": "dd-MM-yyyy", "dateTimeFormat": "dd-MM-yyyy HH:mm:ss" """;
        using var document = JsonDocument.Parse(
            $$"""{ "entitySystemName": "{{Entity}}", "definition": { "importMode": "{{mode}}", "locale": "en-US", {{formats}} } }""");
        var mapping = await engine.Mappings.CreateAsync(Request.Anonymous, document.RootElement, CancellationToken.None);
        await using var file = File.OpenRead(data.PathOf(variant));
        return (await engine.Uploads.ReceiveAsync(Request.Anonymous, mapping.Id, file, "products.csv", charset: null, CancellationToken.None))!.Id;
    }

    private static async Task<Import> ImportAsync(ImportEngine engine, Guid upload)
    {
        var import = await engine.Imports.InvokeAsync(Request.Anonymous, upload, CancellationToken.None);
        return await engine.ImportViews.WaitAsync(Request.Anonymous, import!.Id, CancellationToken.None);
    }

    private static Task<ImportEngine> OpenAsync(string directory)
    {
        var options = new EngineOptions { DataDirectory = directory };
        return ImportEngine.OpenAsync(DuckDbStore.Open(options), options, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
    }
}

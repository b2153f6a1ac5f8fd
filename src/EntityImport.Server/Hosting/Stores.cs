using EntityImport.DuckDb;
using EntityImport.Engine;
using EntityImport.Files;
using EntityImport.ObjectStore;
using EntityImport.Options;
using EntityImport.Postgres;
using EntityImport.Postgres.Rows;
using EntityImport.Server.Options;
using EntityImport.SqlStores;
using EntityImport.Storage;

namespace EntityImport.Server.Hosting;

/// <summary>Which stores the options name: here, and nowhere else in server and command line, a kind of store is known by its type.</summary>
internal static class Stores
{
    /// <summary>Opens the engine on the store, and with the files, that are configured.</summary>
    /// <exception cref="FilesUnavailableException">The files cannot be reached, or not be written, read and deleted.</exception>
    /// <inheritdoc cref="OpenAsync"/>
    public static async Task<ImportEngine> OpenEngineAsync(StoreOptions store, EngineOptions options, TimeProvider time, ILoggerFactory logs, CancellationToken cancellationToken)
    {
        // Before anything of them is opened: whoever says something impossible hears all of it.
        EngineSetting.Check(options);
        var files = await OpenFilesAsync(store, logs, cancellationToken);
        IStore opened;
        try
        {
            opened = await OpenAsync(store, options, cancellationToken);
        }
        catch
        {
            files?.Dispose();
            throw;
        }

        return await ImportEngine.OpenAsync(opened, files, options, time, logs, cancellationToken);
    }

    private static async Task<IFileStore?> OpenFilesAsync(StoreOptions store, ILoggerFactory logs, CancellationToken cancellationToken)
    {
        if (store.HasLocalFiles) return null;
        var location = FileLocation.Read(store.Files!, out _) ?? throw new OptionsException([.. store.Faults()]);
        try
        {
            return await location.OpenAsync(logs.CreateLogger<FileLocation>(), cancellationToken);
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException and not FilesUnavailableException)
        {
            throw new FilesUnavailableException($"The files in {store.Files} cannot be used: {exception.Message}", exception);
        }
    }

    /// <summary>Opens the store that is configured, and makes it where there is none.</summary>
    /// <exception cref="DataDirectoryInUseException">Another process, or another store in this one, holds the data directory open, or works on the database.</exception>
    /// <exception cref="StoreNotOpenedException">The store is of a newer program, damaged, or cannot be read.</exception>
    public static async Task<IStore> OpenAsync(StoreOptions store, EngineOptions options, CancellationToken cancellationToken) =>
        store.IsEmbedded ? DuckDbStore.Open(options) : await PostgresStore.OpenAsync(store.Postgres!, options, cancellationToken);

    /// <summary>Copies the embedded store of a data directory into a PostgreSQL database that knows of nothing, all of it, or nothing; then puts the store aside. Files stay where they are.</summary>
    /// <param name="options">The options, with the data directory.</param>
    /// <param name="connectionString">How the database is reached.</param>
    /// <param name="cancellationToken">Ends the call; nothing was copied then.</param>
    /// <returns>How many rows of what were copied.</returns>
    /// <exception cref="DataDirectoryInUseException">Another process has the data directory open, or works on the database.</exception>
    /// <exception cref="StoreNotOpenedException">One of the stores is not there or cannot be used; the database has a store already; or something does not fit, all of which the message has.</exception>
    public static async Task<IReadOnlyList<(string What, long Rows)>> CopyAsync(EngineOptions options, string connectionString, CancellationToken cancellationToken)
    {
        if (!DuckDbStore.IsIn(options.DataDirectory)) throw new StoreNotOpenedException($"There is no embedded store in {options.DataDirectory}.");
        var copied = await CopyOpenAsync(options, connectionString, cancellationToken);
        DuckDbStore.PutAside(options.DataDirectory);
        return copied;
    }

    private static async Task<IReadOnlyList<(string What, long Rows)>> CopyOpenAsync(EngineOptions options, string connectionString, CancellationToken cancellationToken)
    {
        await using var store = DuckDbStore.Open(options);
        using var content = store.ReadContent();
        var unfit = content.FindUnfit(RowSizes.MaxKeyBytes, RowSizes.MaxRecordBytes, RowSizes.LongTextBytes);
        if (unfit.Count > 0) throw new StoreNotOpenedException($"Nothing was copied, because this does not fit into PostgreSQL:{string.Concat(unfit.Select(line => Environment.NewLine + "  " + line))}");
        var taken = await PostgresStore.TakeInAsync(connectionString, options, content.Entities, content.BeforeImages, content.Tables, cancellationToken);
        return [("entities", content.Entities.Count), .. taken.GroupBy(part => Describe(part.Table)).Select(group => (group.Key, group.Sum(part => part.Rows)))];
    }

    private static string Describe(StoredTable table) => table.Kind switch
    {
        StoredTableKind.Catalog => table.Name switch
        {
            "guards" => "guards of entities",
            "mapping" => "mappings, with their revisions",
            "mapping_use" => "last uses of mappings",
            "audit" => "entries of the audit trail",
            "receipt" => "keys of requests",
            "repair_edit" => "edits of repairs",
            "key" => "API keys",
            "protection_key" => "keys of cookies",
            "delivery" => "deliveries of notices",
            var name => name + "s",
        },
        StoredTableKind.Records => $"records of {table.Entity!.SystemName}",
        StoredTableKind.Plan => "changes of plans",
        _ => "records as they were",
    };
}

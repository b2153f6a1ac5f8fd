using EntityImport.Entities;
using EntityImport.Imports;
using EntityImport.Mappings;
using EntityImport.Storage;
using EntityImport.Uploads;
using Microsoft.Extensions.Logging;

namespace EntityImport;

/// <summary>The service without its web face: everything that server and command line do goes through here. Thread-safe.</summary>
public sealed class ImportEngine : IAsyncDisposable
{
    private ImportEngine(EntityRegistry entities, MappingRegistry mappings, UploadReceiver uploads, ImportQueue imports)
    {
        Entities = entities;
        Mappings = mappings;
        Uploads = uploads;
        Imports = imports;
    }

    /// <summary>The entities.</summary>
    public EntityRegistry Entities { get; }

    /// <summary>The mappings.</summary>
    public MappingRegistry Mappings { get; }

    /// <summary>The uploaded files.</summary>
    public UploadReceiver Uploads { get; }

    /// <summary>The imports.</summary>
    public ImportQueue Imports { get; }

    /// <summary>Opens the engine on a store; imports that a crash left unfinished run again at once.</summary>
    /// <param name="catalog">The store's catalog.</param>
    /// <param name="data">The store's records; the same store, so that both commit together.</param>
    /// <param name="options">The options.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logs">Where operators' log lines go.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static Task<ImportEngine> OpenAsync(
        ICatalog catalog, IEntityData data, EngineOptions options, TimeProvider time, ILoggerFactory logs, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>Stops: running imports are interrupted without failing, and run again when the engine is opened next.</summary>
    public ValueTask DisposeAsync() => throw new NotImplementedException(Entities.ToString());
}

using EntityImport.Entities;
using EntityImport.Imports;
using EntityImport.Mappings;
using EntityImport.Uploads;

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

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => throw new NotImplementedException(Entities.ToString());
}

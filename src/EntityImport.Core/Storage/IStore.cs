using EntityImport.Catalog;

namespace EntityImport.Storage;

/// <summary>A store: what is known of entities, mappings, uploads and imports, and the entities' records. One thing, because an import's rows and its last state become true together. Thread-safe.</summary>
public interface IStore : IAsyncDisposable
{
    /// <summary>What is known of entities, mappings, uploads and imports.</summary>
    ICatalog Catalog { get; }

    /// <summary>The entities' records.</summary>
    IRecords Records { get; }

    /// <summary>How this process and others share the store; null where it is this process's alone.</summary>
    ICluster? Cluster { get; }

    /// <summary>What it takes on disk, in bytes, with its log.</summary>
    long Bytes { get; }

    /// <summary>Whether the store can no longer be used: nothing but a repair and a restart will help.</summary>
    bool IsLost { get; }
}

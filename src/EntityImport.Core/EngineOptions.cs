namespace EntityImport;

/// <summary>What can be configured of the engine. Every option has a default that suits a machine of two cores and 4 GiB.</summary>
public sealed record EngineOptions
{
    /// <summary>The folder of everything the service keeps. It is made where it does not exist.</summary>
    public string DataDirectory { get; init; } = "data";

    /// <summary>The largest file in bytes, after decompression: 1 to 2^62. Default 100 GiB.</summary>
    public long MaxUploadBytes { get; init; } = 100L << 30;

    /// <summary>How many imports, of different entities, run at the same time: 1 to 64. Default 2.</summary>
    public int ConcurrentImports { get; init; } = 2;

    /// <summary>How many threads read and convert one import's file: 1 to 256. Default: the machine's cores.</summary>
    public int ThreadsPerImport { get; init; } = Environment.ProcessorCount;

    /// <summary>The memory that the embedded store may use in bytes, from 256 MiB. Default 1 GiB; beyond that it works on disk.</summary>
    public long StoreMemoryBytes { get; init; } = 1L << 30;
}

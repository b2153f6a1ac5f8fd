namespace EntityImport.Bench.Cluster;

/// <summary>What <c>bench cluster</c> is asked for.</summary>
internal sealed record ClusterOptions
{
    /// <summary>How many nodes.</summary>
    public int Nodes { get; init; } = 3;

    /// <summary>How often something goes wrong.</summary>
    public int Faults { get; init; } = 20;

    /// <summary>What faults, moments and imports are drawn from.</summary>
    public int Seed { get; init; } = Random.Shared.Next();

    /// <summary>How long a lease is good for, in seconds.</summary>
    public double Lease { get; init; } = 20;

    /// <summary>How many entities are imported into side by side.</summary>
    public int Entities { get; init; } = 4;

    /// <summary>Rows of a file.</summary>
    public int Rows { get; init; } = 1_000;

    /// <summary>Which kinds of faults there are; empty means all.</summary>
    public IReadOnlyList<string> Kinds { get; init; } = [];

    /// <summary>How the service is broken on purpose; null means not at all.</summary>
    public string? Break { get; init; }

    /// <summary>The object store that files are kept in, one of <see cref="ClusterFiles.Names"/>; null means a directory that all nodes share.</summary>
    public string? Files { get; init; }

    /// <summary>The folder of another build of the service, which rolling restarts change to and from; null means that all are of this one.</summary>
    public string? OtherBuild { get; init; }

    /// <summary>The folder with <c>initdb</c> and <c>pg_ctl</c>.</summary>
    public required string PostgresBinaries { get; init; }

    /// <summary>The folder for data and logs, which stays; null means a temporary one.</summary>
    public string? Work { get; init; }
}

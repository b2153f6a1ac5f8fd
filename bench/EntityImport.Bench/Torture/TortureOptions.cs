namespace EntityImport.Bench.Torture;

/// <summary>What <c>bench torture</c> is asked for.</summary>
internal sealed record TortureOptions
{
    /// <summary>How often the service is killed, from 1.</summary>
    public int Kills { get; init; } = 300;

    /// <summary>What the imports, and the moments of the kills, are drawn from.</summary>
    public int Seed { get; init; } = Random.Shared.Next();

    /// <summary>Whether the service is killed at each named step in turn, instead of at random moments.</summary>
    public bool Steps { get; init; }

    /// <summary>The steps at which it is killed, in turn, instead of all; empty where none are named.</summary>
    public IReadOnlyList<string> At { get; init; } = [];

    /// <summary>What is broken in the service on purpose; null means nothing.</summary>
    public string? Break { get; init; }

    /// <summary>The PostgreSQL database, with nothing in it, that the service's store is in; null means the embedded store.</summary>
    public string? Postgres { get; init; }

    /// <summary>Where data, log and steps of the service go; null means a temporary folder, which is deleted where all holds.</summary>
    public string? Work { get; init; }

    /// <summary>Rows of the large files are drawn from here: the most; half of it the least.</summary>
    public int LargeRows { get; init; } = 150_000;
}

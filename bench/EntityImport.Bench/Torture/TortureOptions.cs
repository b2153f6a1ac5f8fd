namespace EntityImport.Bench.Torture;

/// <summary>What <c>bench torture</c> is asked for.</summary>
internal sealed record TortureOptions
{
    /// <summary>How often the service is killed.</summary>
    public int Kills { get; init; } = 300;

    /// <summary>How often the server of the database is stopped, and started again.</summary>
    public int Stops { get; init; }

    /// <summary>How often the service is held up until another one has its place.</summary>
    public int Pauses { get; init; }

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

    /// <summary>The folder with <c>initdb</c> and <c>pg_ctl</c> of a PostgreSQL server, one of which is made that the service's store is in; null means none.</summary>
    public string? PostgresBinaries { get; init; }

    /// <summary>Whether the lease of a service that is held up runs out by itself; else that is written into the database, for the sake of time.</summary>
    public bool WaitsForLease { get; init; } = true;

    /// <summary>Whether the store is in PostgreSQL.</summary>
    public bool IsOnPostgres => Postgres is not null || PostgresBinaries is not null;

    /// <summary>What the service is hit with, in words.</summary>
    public string Blows => string.Join(", ", ((string?[])[Kills > 0 || Stops + Pauses == 0 ? $"{Kills} kills" : null, Stops > 0 ? $"{Stops} stops of the server" : null, Pauses > 0 ? $"{Pauses} pauses" : null]).OfType<string>());

    /// <summary>Where data, log and steps of the service go; null means a temporary folder, which is deleted where all holds.</summary>
    public string? Work { get; init; }

    /// <summary>Rows of the large files are drawn from here: the most; half of it the least.</summary>
    public int LargeRows { get; init; } = 150_000;
}

namespace EntityImport.Bench.Torture.Large;

/// <summary>What <c>bench torture --large</c> is asked for.</summary>
internal sealed record LargeOptions
{
    /// <summary>How often the service is killed, from 1.</summary>
    public int Kills { get; init; } = 100;

    /// <summary>What files and moments are drawn from.</summary>
    public int Seed { get; init; } = Random.Shared.Next();

    /// <summary>The size of the largest files in megabytes; the smallest have a third of it.</summary>
    public int Size { get; init; } = 1000;

    /// <summary>Where data and log of the service go; null means a temporary folder, which is deleted where all holds.</summary>
    public string? Work { get; init; }
}

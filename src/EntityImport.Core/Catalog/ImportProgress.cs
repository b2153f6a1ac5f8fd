using System.Text.Json.Serialization;

namespace EntityImport.Catalog;

/// <summary>How far an import is.</summary>
public sealed record ImportProgress
{
    /// <summary>What it is doing.</summary>
    public required ImportPhase Phase { get; init; }

    /// <summary>Records read so far, and of these the rejected ones.</summary>
    public required Ledger Ledger { get; init; }

    /// <summary>Records read so far.</summary>
    public required long RecordsRead { get; init; }

    /// <summary>Bytes of the file read so far.</summary>
    public required long BytesRead { get; init; }

    /// <summary>Bytes of the file.</summary>
    public required long BytesTotal { get; init; }

    /// <summary>Records read per second while they are, or were, read; 0 before.</summary>
    public required double RecordsPerSecond { get; init; }

    /// <summary>
    /// Seconds until the end, judged from the bytes that are left and from how long the merge of the entity's last import took; null before the file is read, when
    /// the merge takes longer than that, and at the end.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required double? EstimatedSecondsLeft { get; init; }
}

namespace EntityImport.Storage;

/// <summary>What a caller does at a node.</summary>
/// <param name="CallerId">Who it is.</param>
public sealed record CallerUse(string CallerId)
{
    /// <summary>How many requests it has sent.</summary>
    public long Requests { get; init; }

    /// <summary>How many bytes of files it has sent.</summary>
    public long Bytes { get; init; }

    /// <summary>How many files it is sending.</summary>
    public int Uploads { get; init; }

    /// <summary>How many event streams it has open.</summary>
    public int EventStreams { get; init; }

    /// <summary>How many queries of it run or wait.</summary>
    public int Queries { get; init; }

    /// <summary>How many inferences of it run or wait.</summary>
    public int Inferences { get; init; }
}

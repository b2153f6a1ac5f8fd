namespace EntityImport.Bench.Compare.Results;

/// <summary>What one run of one scenario took and what it left behind; one line of JSON between the processes.</summary>
internal sealed record Measurement
{
    /// <summary>From the start until the rows are committed, or until everything is read.</summary>
    public required double Seconds { get; init; }

    /// <summary>From the start until the database is also checkpointed and closed; null where there is none.</summary>
    public double? ClosedSeconds { get; init; }

    /// <summary>Processor time until the rows were committed, child processes included.</summary>
    public double? CpuSeconds { get; init; }

    /// <summary>Processor time of the database server until the rows were committed; null where there is none, or on another machine.</summary>
    public double? ServerCpuSeconds { get; init; }

    /// <summary>The most memory that was resident at one time; null where it is not known of the program that did the work.</summary>
    public long? PeakBytes { get; init; }

    /// <summary>Rows in the table at the end, or records read.</summary>
    public required long Rows { get; init; }

    /// <summary>Rows of the file that were rejected.</summary>
    public long Rejected { get; init; }

    /// <summary>Sum of the numbers of rejected rows, counted from 1; null where the scenario does not keep numbers in a table.</summary>
    public long? RejectedNumberSum { get; init; }

    /// <summary>Fields read; null where rows went into a table.</summary>
    public long? Fields { get; init; }

    /// <summary>Bytes of all fields' texts in UTF-8; null where they were not counted.</summary>
    public long? TextBytes { get; init; }

    /// <summary>Counts, sums, least and greatest values of every column, the same text from every store; null where no values were kept.</summary>
    public string? Summary { get; init; }

    /// <summary>A hash of all values of all rows, whatever their order; null where the store cannot compute the hash of the others.</summary>
    public string? Hash { get; init; }

    /// <summary>Size of the database at the end.</summary>
    public long? DatabaseBytes { get; init; }

    /// <summary>What of the database is kept beside the records: what they were before imports, and plans; null where nothing ever is.</summary>
    public long? KeptBytes { get; init; }

    /// <summary>Size of the file that was read.</summary>
    public long FileBytes { get; init; }

    /// <summary>What the import itself says that its stages took.</summary>
    public IReadOnlyDictionary<string, long> StageMilliseconds { get; init; } = new Dictionary<string, long>();
}

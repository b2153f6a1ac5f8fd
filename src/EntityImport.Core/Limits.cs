namespace EntityImport;

/// <summary>
/// How much of anything the service takes in, keeps or says at once. What is a matter of taste or of the machine can be configured; how long the service's own
/// sentences may become is fixed.
/// </summary>
/// <remarks>A limit binds when something is received or saved. What was stored before a limit came, or was lowered, still runs.</remarks>
public sealed record Limits
{
    /// <summary>The most characters of a message: how an import ended, what a problem says, one fault of a request.</summary>
    public const int MessageCharacters = 2_000;

    /// <summary>The most characters of one reason for rejecting a row, without the field's name and the value.</summary>
    public const int ReasonCharacters = 500;

    /// <summary>The most characters of what a reason says was expected.</summary>
    public const int ExpectedCharacters = 200;

    /// <summary>The most characters of a name or value from outside that a message repeats.</summary>
    public const int NameCharacters = 80;

    /// <summary>The most characters of a name that is saved and not made of system names: of a CSV column, of an entity or field for people.</summary>
    public const int ColumnNameCharacters = 1_000;

    /// <summary>The most characters of a mapping's default for a field.</summary>
    public const int DefaultCharacters = 10_000;

    /// <summary>How many Content-Encodings one content may have, one inside of the other: 1 to 4. Default 2; more are 415.</summary>
    public int ContentEncodings { get; init; } = 2;

    /// <summary>How many bytes one byte of compressed content may become, once it has become more than <see cref="FreelyDecompressedBytes"/>: 10 to 1,000,000. Default 1,000; more are 413.</summary>
    public int DecompressionRatio { get; init; } = 1_000;

    /// <summary>How many bytes compressed content may become whatever its size: 0 to 2^62. Default 100 MiB.</summary>
    public long FreelyDecompressedBytes { get; init; } = 100L << 20;

    /// <summary>
    /// How many bytes of the disk uploads leave free, because imports and the store need them, but never more than a twentieth of the disk: 0 to 2^62. Default 1 GiB;
    /// an upload that would take them is 507.
    /// </summary>
    public long FreeDiskBytes { get; init; } = 1L << 30;

    /// <summary>How many faults of one request are told; how many there are is always told: 1 to 10,000. Default 100.</summary>
    public int Faults { get; init; } = 100;

    /// <summary>The most characters of a date pattern: 1 to 10,000. Default 255.</summary>
    public int PatternCharacters { get; init; } = 255;

    /// <summary>The most words of each of a mapping's lists: 1 to 100,000. Default 1,000.</summary>
    public int Words { get; init; } = 1_000;

    /// <summary>The most characters of one of those words: 1 to 1,000,000. Default 255.</summary>
    public int WordCharacters { get; init; } = 255;

    /// <summary>How many rows an import may reject and still succeed, since each is kept with its reasons: 1 to 2^62. Default 10,000,000; with more it fails, and nothing is written.</summary>
    public long RejectedRows { get; init; } = 10_000_000;

    /// <summary>How many bytes the rejected rows of one import may take on disk: 1 MiB to 2^62. Default 16 GiB; with more the import fails, and nothing is written.</summary>
    public long RejectedBytes { get; init; } = 16L << 30;

    /// <summary>How many bytes of rows one page of a list with a cursor has; a single longer row is a page of its own: 1 KiB to 1 GiB. Default 4 MiB.</summary>
    public int PageBytes { get; init; } = 4 << 20;

    /// <summary>How many files are received at the same time: 1 to 10,000. Default 256; more are 503 with Retry-After.</summary>
    public int ConcurrentUploads { get; init; } = 256;

    /// <summary>How many files that come piece by piece may be unfinished, of all callers together: 1 to 100,000. Default 1,000; more are 503.</summary>
    public int UnfinishedUploads { get; init; } = 1_000;

    /// <summary>How many of them may be one caller's, where callers are told apart: 1 to 100,000. Default 20; more are 429.</summary>
    public int UnfinishedUploadsOfCaller { get; init; } = 20;

    /// <summary>How many queries for records the store works on at the same time; others wait for their turn: 1 to 64. Default 4.</summary>
    public int ConcurrentQueries { get; init; } = 4;

    /// <summary>How many queries for records may wait for their turn: 0 to 100,000. Default 1,000; more are 503 with Retry-After.</summary>
    public int WaitingQueries { get; init; } = 1_000;

    /// <summary>How many files are inferred from at the same time: 1 to 64. Default 2; more are 503 with Retry-After.</summary>
    public int ConcurrentInferences { get; init; } = 2;

    /// <summary>The longest request line in bytes: 8 KiB to 1 MiB. Default 64 KiB; a longer one is 414.</summary>
    public int RequestLineBytes { get; init; } = 64 << 10;
}

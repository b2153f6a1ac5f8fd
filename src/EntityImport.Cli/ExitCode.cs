namespace EntityImport.Cli;

/// <summary>What <c>eis</c> returns to the shell.</summary>
internal static class ExitCode
{
    /// <summary>All that was asked was done.</summary>
    public const int Done = 0;

    /// <summary>It failed, and nothing was written.</summary>
    public const int Failed = 1;

    /// <summary>The import succeeded, but some rows were rejected.</summary>
    public const int SomeRowsRejected = 2;

    /// <summary>It was interrupted, and nothing was written: 128 + SIGINT, as shells have it.</summary>
    public const int Interrupted = 130;
}

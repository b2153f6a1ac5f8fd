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

    /// <summary>The server asks who the user is, or does not let the user do that, or a guard forbids what a plan would do; nothing was written.</summary>
    public const int NotAllowed = 3;

    /// <summary>The import was begun, and its end was not told: the server was lost, or the command was interrupted and did not end in time. The same command, given again, tells it.</summary>
    public const int EndUnknown = 4;

    /// <summary>It was interrupted, and nothing was written: 128 + SIGINT, as shells have it.</summary>
    public const int Interrupted = 130;
}

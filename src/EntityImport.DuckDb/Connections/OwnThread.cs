namespace EntityImport.DuckDb.Connections;

/// <summary>Runs what takes its time on a thread of its own: imports are few, and may not keep the threads that requests are answered by.</summary>
internal static class OwnThread
{
    /// <summary>Runs it.</summary>
    public static Task RunAsync(Action work, CancellationToken cancellationToken = default) =>
        Task.Factory.StartNew(work, cancellationToken, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);
}

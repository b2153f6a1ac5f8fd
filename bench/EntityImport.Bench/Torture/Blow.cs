namespace EntityImport.Bench.Torture;

/// <summary>What a service is hit with.</summary>
internal enum Blow
{
    /// <summary>It is killed.</summary>
    Kill,

    /// <summary>The server of its database is stopped as by a crash, and started again; the service lives on.</summary>
    Stop,

    /// <summary>It is held up for longer than its lease, and goes on when another one has its place.</summary>
    Pause,
}

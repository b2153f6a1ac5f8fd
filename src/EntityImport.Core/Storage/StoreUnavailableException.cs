namespace EntityImport.Storage;

/// <summary>
/// The store could not do what it was asked to, for reasons that pass: its disk or memory is full, or it has to be opened again. Where it was asked to commit,
/// only the store itself can tell, once it answers again, whether it did.
/// </summary>
public sealed class StoreUnavailableException(string message, bool isDiskFull, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether its disk is full.</summary>
    public bool IsDiskFull { get; } = isDiskFull;

    /// <summary>Whether it has not enough memory for what it was asked to do.</summary>
    public bool IsMemoryFull { get; init; }

    /// <summary>Whether the store has to be opened again, which it does by itself.</summary>
    public bool MustReopen { get; init; }
}

namespace EntityImport.ObjectStore.Objects;

/// <summary>
/// Objects of one bucket or container, by keys. What fails for reasons of the service is a <see cref="Files.FilesUnavailableException"/>, after whole requests were tried again a few times, each for a limited time. Thread-safe.
/// </summary>
internal interface IObjects : IDisposable
{
    /// <summary>Where an operator finds an object.</summary>
    string PlaceOf(string key);

    /// <summary>What is there under a key; null where nothing is.</summary>
    Task<ObjectFacts?> FindAsync(string key, CancellationToken cancellationToken);

    /// <summary>Fills a buffer with an object's bytes from an offset on, once: whoever calls tries again.</summary>
    /// <param name="key">The object.</param>
    /// <param name="tag">Its tag, which it must have still; null where it never changes.</param>
    /// <param name="offset">Where the bytes begin; they are all in the object.</param>
    /// <param name="buffer">Where they go.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="Files.StoredFileException">It is not there any more, or is another one.</exception>
    Task ReadAsync(string key, string? tag, long offset, Memory<byte> buffer, CancellationToken cancellationToken);

    /// <summary>Puts an object at once.</summary>
    Task PutAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>Begins an object that is put in parts, and is not there before it is complete.</summary>
    Task<IPartedObject> BeginAsync(string key, CancellationToken cancellationToken);

    /// <summary>All objects whose keys begin so.</summary>
    IAsyncEnumerable<ListedObject> ListAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>What follows a prefix in keys, up to the next slash; each once.</summary>
    IAsyncEnumerable<string> ListNamesAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>Deletes an object; nothing happens where there is none.</summary>
    Task DropAsync(string key, CancellationToken cancellationToken);

    /// <summary>Gives up objects whose parts somebody began to put before a time; answers how many. Nothing to do where the service does that by itself.</summary>
    Task<int> DropUnfinishedAsync(string prefix, DateTimeOffset before, CancellationToken cancellationToken);
}

/// <summary>An object that is put in parts. Not thread-safe, but parts may be put side by side.</summary>
internal interface IPartedObject
{
    /// <summary>Puts a part, from number 1 on.</summary>
    Task PutAsync(int number, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>Makes the object of all parts, in their order.</summary>
    Task CompleteAsync(CancellationToken cancellationToken);

    /// <summary>Gives the parts up.</summary>
    Task DropAsync(CancellationToken cancellationToken);
}

/// <summary>What is known of an object.</summary>
/// <param name="Length">Its length in bytes.</param>
/// <param name="Tag">Changes with its bytes.</param>
internal sealed record ObjectFacts(long Length, string? Tag);

/// <summary>An object in a list.</summary>
internal readonly record struct ListedObject(string Key, long Length, DateTimeOffset PutAt);

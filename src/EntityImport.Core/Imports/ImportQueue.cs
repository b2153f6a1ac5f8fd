using EntityImport.Storage;

namespace EntityImport.Imports;

/// <summary>Invokes imports and runs them: those of one entity one after the other, different entities side by side. Thread-safe.</summary>
public sealed class ImportQueue(ICatalog catalog, IEntityData data)
{
    /// <summary>Invokes an import of an upload. It is durable when the call returns, and runs by itself.</summary>
    /// <returns>The import; null where there is no such upload.</returns>
    /// <exception cref="RequestException">The upload is being imported, or was.</exception>
    public Task<Import?> InvokeAsync(Guid uploadId, string? invokedBy, CancellationToken cancellationToken) =>
        throw new NotImplementedException(catalog.ToString() + data);

    /// <summary>Asks an import to end without writing anything; false where there is no such import.</summary>
    /// <exception cref="RequestException">It has ended already.</exception>
    public Task<bool> CancelAsync(Guid importId, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>An import as the catalog and the running work know it, or null. Cheap: it is what status polls call.</summary>
    public Task<Import?> FindAsync(Guid importId, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>All that is known of an import, or null.</summary>
    public Task<ImportSnapshot?> FindSnapshotAsync(Guid importId, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Imports, newest first.</summary>
    public Task<IReadOnlyList<Import>> ListAsync(ImportQuery query, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>The import's snapshots: one at once, one whenever something has changed but at most one each <paramref name="interval"/>, and the last at its end.</summary>
    public IAsyncEnumerable<ImportSnapshot> WatchAsync(Guid importId, TimeSpan interval, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>Waits for an import's end.</summary>
    public Task<Import> WaitAsync(Guid importId, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Whether an ended import has an error file: it has not where it ended before it read the file's header.</summary>
    public Task<bool> HasErrorFileAsync(Import import, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Writes an ended import's error file: the file's header and rejected rows in its own dialect and encoding, with the reasons.</summary>
    public Task WriteErrorFileAsync(Import import, Stream target, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Reads an ended import's rejected rows in file order.</summary>
    /// <param name="import">The import.</param>
    /// <param name="cursor">Where to go on, as an earlier call returned it; null for the beginning.</param>
    /// <param name="limit">The most rows to return.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The rows, and the cursor of the rows after them; null where there are none.</returns>
    /// <exception cref="RequestException">The cursor is none that this import returned.</exception>
    public Task<(IReadOnlyList<RejectedRow> Rows, string? Next)> ReadRejectedRowsAsync(
        Import import, string? cursor, int limit, CancellationToken cancellationToken) => throw new NotImplementedException();
}

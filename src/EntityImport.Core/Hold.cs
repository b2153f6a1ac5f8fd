namespace EntityImport;

/// <summary>A place that somebody has until it is disposed of.</summary>
internal sealed class Hold : IDisposable
{
    private readonly SemaphoreSlim _places;

    private Hold(SemaphoreSlim places) => _places = places;

    /// <summary>Waits for a place.</summary>
    public static async Task<IDisposable> TakeAsync(SemaphoreSlim places, CancellationToken cancellationToken)
    {
        await places.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new Hold(places);
    }

    /// <inheritdoc/>
    public void Dispose() => _places.Release();
}

namespace EntityImport.Imports.Running;

/// <summary>How long an answer of the store is waited for by what runs by itself.</summary>
internal static class Patience
{
    /// <summary>None takes a second where all is well.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(15);

    /// <summary>Asks the store, which may never answer: what is not answered is given up, and asked over another connection. Where it came about all the same, the next look gives it back.</summary>
    /// <param name="ask">Asks.</param>
    /// <param name="stopping">Ends that.</param>
    public static async Task<T> AskAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken stopping)
    {
        using var asking = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        asking.CancelAfter(Longest);
        return await ask(asking.Token).WaitAsync(asking.Token).ConfigureAwait(false);
    }
}

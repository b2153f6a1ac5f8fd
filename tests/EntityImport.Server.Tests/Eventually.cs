using System.Diagnostics;

namespace EntityImport.Server.Tests;

/// <summary>Waits for conditions, in bounded time.</summary>
internal static class Eventually
{
    public static Task TrueAsync(Func<bool> condition, string otherwise) => TrueAsync(() => Task.FromResult(condition()), otherwise);

    public static async Task TrueAsync(Func<Task<bool>> condition, string otherwise)
    {
        var begun = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(begun) < TestServer.Patience, otherwise);
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }
}

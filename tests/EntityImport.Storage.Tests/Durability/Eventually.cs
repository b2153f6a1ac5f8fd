using System.Diagnostics;

using Xunit;

namespace EntityImport.Storage.Tests.Durability;

/// <summary>Waits for conditions, in bounded time.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static Task TrueAsync(Func<bool> condition, string otherwise) => TrueAsync(() => Task.FromResult(condition()), otherwise);

    public static async Task TrueAsync(Func<Task<bool>> condition, string otherwise)
    {
        var begun = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(begun) < Patience, otherwise);
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }
}

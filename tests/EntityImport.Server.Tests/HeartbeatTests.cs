using System.Runtime.CompilerServices;
using System.Text;
using EntityImport.Imports;
using EntityImport.Server.Imports;

namespace EntityImport.Server.Tests;

public sealed class HeartbeatTests
{
    [Fact]
    public async Task Watchers_get_comments_while_nothing_happens()
    {
        using var target = new MemoryStream();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var writing = ImportEvents.WriteAsync(NothingAsync(ending.Token), snapshot => (snapshot.Import.HasEnded, Api.ImportDetails.Of(snapshot)), target, TimeSpan.FromMilliseconds(1), ending.Token);
        await Eventually.TrueAsync(() => target.Length > 20, "There was no comment.");
        await ending.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing);
        Assert.StartsWith(": waiting\n\n: waiting\n\n", Encoding.ASCII.GetString(target.ToArray()), StringComparison.Ordinal);
    }

    private static async IAsyncEnumerable<ImportSnapshot> NothingAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.Infinite, cancellationToken);
        yield break;
    }
}

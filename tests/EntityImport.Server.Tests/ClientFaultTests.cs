using System.Net.Sockets;
using EntityImport.Client;

namespace EntityImport.Server.Tests;

/// <summary>What callers of the client have to be ready for.</summary>
public sealed class ClientFaultTests
{
    [Fact]
    public async Task A_connection_that_breaks_as_soon_as_it_is_made_is_a_request_that_failed()
    {
        using var http = new HttpClient(new Broken()) { BaseAddress = new Uri("http://127.0.0.1/") };

        var fault = await Assert.ThrowsAsync<HttpRequestException>(() => new EntityImportClient(http).GetImportAsync(Guid.NewGuid(), TestContext.Current.CancellationToken));

        Assert.Equal(HttpRequestError.ConnectionError, fault.HttpRequestError);
        Assert.Equal(SocketError.NotConnected, Assert.IsType<SocketException>(fault.InnerException).SocketErrorCode);
    }

    /// <summary>Fails as HttpClient's own handler does where it asks a socket who is at its other end, and nobody is any longer.</summary>
    private sealed class Broken : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => throw new SocketException((int)SocketError.NotConnected);
    }
}

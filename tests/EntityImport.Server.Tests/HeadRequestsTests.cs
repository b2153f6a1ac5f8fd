using System.Net;
using EntityImport.Server.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace EntityImport.Server.Tests;

public sealed class HeadRequestsTests
{
    [Fact]
    public async Task An_answer_that_never_ends_ends_for_HEAD_with_its_headers()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRouting();
        await using var app = builder.Build();
        app.UseRoutingWithHead();
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        app.MapGet("/endless", async (HttpResponse response, CancellationToken cancellationToken) =>
        {
            try
            {
                response.ContentType = "text/endless";
                while (true) await response.WriteAsync("x", cancellationToken);
            }
            finally
            {
                ended.SetResult();
            }
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()), Timeout = TestServer.Patience };

        using var head = await http.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/endless"), TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.OK, "text/endless"), (head.StatusCode, head.Content.Headers.ContentType?.MediaType));
        await ended.Task.WaitAsync(TestServer.Patience, TestContext.Current.CancellationToken);
    }
}

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using StandardWebhooks;
using StandardWebhooks.Diagnostics;

namespace EntityImport.Server.Tests.Notices;

/// <summary>A web server on this machine that notices are sent to, which can be stopped and started again at its address.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly X509Certificate2? _certificate;
    private WebApplication _app = null!;

    private Receiver(X509Certificate2? certificate) => _certificate = certificate;

    public int Port { get; private set; }

    public string Url => $"http://127.0.0.1:{Port}/hook";

    /// <summary>What was received, in its order.</summary>
    public ConcurrentQueue<Received> All { get; } = [];

    /// <summary>What is answered; a task that does not end is no answer.</summary>
    public Func<Received, HttpContext, Task> Answer { get; set; } = (_, context) => Status(context, 204);

    public static async Task<Receiver> StartAsync(X509Certificate2? certificate = null)
    {
        var receiver = new Receiver(certificate);
        await receiver.StartAsync();
        return receiver;
    }

    public static Task Status(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    public async Task StopAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, Port, listen =>
        {
            if (_certificate is not null) listen.UseHttps(_certificate);
        }));
        _app = builder.Build();
        _app.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
            var received = new Received(context.Request.Path, new HeaderDictionary(context.Request.Headers.ToDictionary()), await reader.ReadToEndAsync());
            All.Enqueue(received);
            await Answer(received, context);
        });
        await _app.StartAsync();
        Port = new Uri(_app.Urls.Single()).Port;
    }

    public ValueTask DisposeAsync() => new(StopAsync());
}

/// <summary>A request that was received.</summary>
internal sealed record Received(string Path, IHeaderDictionary Headers, string Body)
{
    public Guid NoticeId => Guid.ParseExact(Headers["webhook-id"].ToString(), "D");

    public JsonElement Json => JsonElement.Parse(Body);

    public string[] Signatures => Headers["webhook-signature"].ToString().Split(' ');

    /// <summary>Verifies the notice as a receiver would that uses somebody else's implementation of Standard Webhooks; that one looks at the first of two signatures alone, and at the clock.</summary>
    public void Verify(string secret)
    {
        new StandardWebhook(secret).Verify(Body, Headers);
        Assert.Throws<WebhookVerificationException>(() => new StandardWebhook(secret).Verify(Body + " ", Headers));
    }

    /// <summary>The signature that OpenSSL makes of the notice, by the specification's words.</summary>
    public async Task<string> SignByOpenSslAsync(string secret)
    {
        var key = Convert.ToHexStringLower(Convert.FromBase64String(secret["whsec_".Length..]));
        Process? process = null;
        try
        {
            process = Process.Start(new ProcessStartInfo("openssl", ["dgst", "-sha256", "-mac", "HMAC", "-macopt", $"hexkey:{key}", "-binary"]) { RedirectStandardInput = true, RedirectStandardOutput = true });
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("There is no openssl here.");
        }

        using (process)
        {
            await process!.StandardInput.BaseStream.WriteAsync(Encoding.UTF8.GetBytes($"{Headers["webhook-id"]}.{Headers["webhook-timestamp"]}.{Body}"), TestContext.Current.CancellationToken);
            process.StandardInput.Close();
            using var signature = new MemoryStream();
            await process.StandardOutput.BaseStream.CopyToAsync(signature, TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return "v1," + Convert.ToBase64String(signature.ToArray());
        }
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using EntityImport.Api;
using EntityImport.Client;

namespace EntityImport.Web.Tests;

/// <summary>The pages behind nginx, as the docs set it up. Where it is not installed, that is said.</summary>
[Collection(nameof(Browser))]
public sealed partial class ProxyTests(Browser browser) : IDisposable
{
    private const string Program = "/usr/sbin/nginx";

    private readonly string _directory = Directory.CreateTempSubdirectory("eis-proxy-").FullName;
    private Process? _proxy;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_job_is_done_progress_comes_while_it_is_made_and_a_restart_is_got_over()
    {
        var address = await StartAsync();
        var page = await browser.OpenAsync(address: address);
        var entity = Walk.NewName("proxied");
        await Walk.DropAsync(page, "few.csv", "id;price\n1;1.50\n2;2.50\n");
        await Walk.PlanAsync(page, entity);
        await Walk.ApplyAsync(page);
        Assert.Equal("2", await page.Locator("[data-of='ledger.inserted']").InnerTextAsync());

        using var http = new HttpClient { BaseAddress = new Uri(address) };
        var client = new EntityImportClient(http);
        var mapping = await client.CreateMappingAsync(entity, new ImportDefinition { FieldDelimiter = ";" }, cancellationToken: Cancel);
        var rows = new StringBuilder("id;price\n");
        for (var row = 0; row < 400_000; row++) rows.Append(CultureInfo.InvariantCulture, $"{row};{row} kg\n");
        rows.Append("3;3.50\n");
        var upload = await client.UploadAsync(mapping, new MemoryStream(Encoding.UTF8.GetBytes(rows.ToString())), "many.csv", cancellationToken: Cancel);
        var import = await client.ImportAsync(upload, Cancel);

        // What comes first is of an import that still runs: nothing on the way has collected it.
        var first = await page.EvaluateAsync<JsonElement>(
            """
            id => new Promise(done => {
              const events = new EventSource(`/v1/EntityImport/imports/${id}/events`);
              events.addEventListener('progress', async event => {
                if (JSON.parse(event.data).progress.recordsRead === 0) return;
                events.close();
                done(await (await fetch(`/v1/EntityImport/imports/${id}`)).json());
              });
              events.addEventListener('ended', () => { events.close(); done({}); });
            })
            """, import.ToString());
        Assert.Equal("RUNNING", first.GetProperty("state").GetString());
        await page.GotoAsync($"/imports/{import}");
        await browser.RestartAsync();
        await page.Locator("table.account").First.WaitForAsync(new() { Timeout = 180_000 });
        Assert.Equal("400,000", await page.Locator("[data-of='ledger.rejected']").InnerTextAsync());
    }

    public void Dispose()
    {
        if (_proxy is not null)
        {
            _proxy.Kill();
            _proxy.WaitForExit();
            _proxy.Dispose();
        }

        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>Starts nginx with the block that docs/security.md has, in front of the server.</summary>
    private async Task<string> StartAsync()
    {
        Assert.SkipUnless(File.Exists(Program), $"There is no nginx at {Program}: the pages are not looked at behind it.");
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        var documented = Block().Match(await File.ReadAllTextAsync(Path.Combine(Browser.Root, "docs", "security.md"), Cancel)).Groups[1].Value;
        var block = documented.Replace("http://127.0.0.1:5080", browser.Address, StringComparison.Ordinal);
        Assert.NotEqual(documented, block);
        var file = Path.Combine(_directory, "nginx.conf");
        await File.WriteAllTextAsync(
            file,
            $$"""
            daemon off;
            master_process off;
            pid {{_directory}}/pid;
            error_log {{_directory}}/error.log;
            events {}
            http {
              access_log off;
              client_body_temp_path {{_directory}}/body;
              proxy_temp_path {{_directory}}/proxy;
              fastcgi_temp_path {{_directory}}/fastcgi;
              uwsgi_temp_path {{_directory}}/uwsgi;
              scgi_temp_path {{_directory}}/scgi;
              server {
                listen 127.0.0.1:{{port}};
                {{block}}
              }
            }
            """, Cancel);
        _proxy = Process.Start(new ProcessStartInfo(Program, ["-c", file, "-e", Path.Combine(_directory, "error.log")]))!;
        for (var tries = 0; tries < 100; tries++)
        {
            using var probe = new TcpClient();
            try
            {
                await probe.ConnectAsync(IPAddress.Loopback, port, Cancel);
                break;
            }
            catch (SocketException)
            {
                await Task.Delay(50, Cancel);
            }
        }

        return $"http://127.0.0.1:{port}";
    }

    [GeneratedRegex("```nginx\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}

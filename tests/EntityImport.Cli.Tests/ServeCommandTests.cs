using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace EntityImport.Cli.Tests;

public sealed class ServeCommandTests : IDisposable
{
    private readonly Eis _eis = new();

    public void Dispose() => _eis.Dispose();

    [Fact]
    public async Task Another_process_that_holds_the_data_directory_is_told_of_and_serves_the_same_data()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await _eis.ImportAsync(Samples.PathOf("products.csv"));
        using var server = Start("serve", "--urls", "http://127.0.0.1:0");
        try
        {
            var address = (await server.StandardOutput.ReadLineAsync(cancellationToken))!.Split(' ')[2];

            var result = await _eis.ImportAsync(Samples.PathOf("products.csv"));

            Assert.Equal(1, result.Code);
            Assert.Contains($"The data directory {_eis.Data} is in use by another process", result.Error, StringComparison.Ordinal);
            Assert.EndsWith($" eis serve runs there: --server {address} in place of --data works with it.\n", result.Error, StringComparison.Ordinal);
            Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            using var client = new HttpClient();
            var records = await client.GetStringAsync(new Uri($"{address}/v1/LogicalEntityData/products?sku=BR-0002"), cancellationToken);
            Assert.Contains("Hex nut M8", records, StringComparison.Ordinal);
            using var docs = await client.GetAsync(new Uri($"{address}/docs"), cancellationToken);
            Assert.Equal(HttpStatusCode.OK, docs.StatusCode);
        }
        finally
        {
            server.Kill(entireProcessTree: true);
            await server.WaitForExitAsync(cancellationToken);
        }

        Assert.Equal(0, (await _eis.ImportAsync(Samples.PathOf("products.csv"))).Code);
    }

    [Fact]
    public async Task A_server_that_cannot_start_says_why_in_one_line()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        using var server = Start("serve", "--urls", $"http://{taken.LocalEndpoint}");
        var (output, error) = (server.StandardOutput.ReadToEndAsync(cancellationToken), server.StandardError.ReadToEndAsync(cancellationToken));
        await server.WaitForExitAsync(cancellationToken);

        Assert.Equal((1, ""), (server.ExitCode, await output));
        Assert.Equal($"Failed to bind to address http://{taken.LocalEndpoint}: address already in use. --urls chooses another one.\n", await error);

        using var held = Start("serve", "--urls", "http://127.0.0.1:0");
        try
        {
            Assert.StartsWith("Listening on ", await held.StandardOutput.ReadLineAsync(cancellationToken), StringComparison.Ordinal);
            using var second = Start("serve", "--urls", "http://127.0.0.1:0");
            (output, error) = (second.StandardOutput.ReadToEndAsync(cancellationToken), second.StandardError.ReadToEndAsync(cancellationToken));
            await second.WaitForExitAsync(cancellationToken);

            Assert.Equal((1, ""), (second.ExitCode, await output));
            Assert.StartsWith($"The data directory {_eis.Data} is in use by another process.", await error, StringComparison.Ordinal);
            Assert.Single((await error).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }
        finally
        {
            held.Kill(entireProcessTree: true);
            await held.WaitForExitAsync(cancellationToken);
        }
    }

    private Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "eis.dll"), .. arguments, "--data", _eis.Data])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return Process.Start(start)!;
    }
}

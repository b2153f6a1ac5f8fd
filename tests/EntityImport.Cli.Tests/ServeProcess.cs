using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace EntityImport.Cli.Tests;

/// <summary><c>eis serve</c> as a process; disposing kills it.</summary>
internal sealed class ServeProcess : IDisposable
{
    private readonly Process _process;

    private ServeProcess(Process process, string address)
    {
        _process = process;
        Address = address;
        Http = new HttpClient { BaseAddress = new Uri(address), Timeout = TimeSpan.FromSeconds(120) };
    }

    public HttpClient Http { get; }

    /// <summary>Where it listens.</summary>
    public string Address { get; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <param name="eis">Where its data are.</param>
    /// <param name="address">Where it is to listen.</param>
    /// <param name="steps">The folder by which it is held at a step; null means that it is not.</param>
    /// <param name="postgres">The database in which its records are; null means the embedded store.</param>
    public static async Task<ServeProcess> StartAsync(Eis eis, string address = "http://127.0.0.1:0", string? steps = null, string? postgres = null)
    {
        var process = Process.Start(new ProcessStartInfo(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, "eis.dll"), "serve", "--urls", address, "--data", eis.Data, .. postgres is null ? (string[])[] : ["--postgres", postgres]])
        {
            RedirectStandardOutput = true,
            Environment = { ["EIS_TEST_STEPS"] = steps },
        })!;
        try
        {
            // What the log says of imports that run again comes before.
            string? line;
            do line = await process.StandardOutput.ReadLineAsync(Token);
            while (line?.StartsWith("Listening on ", StringComparison.Ordinal) == false);
            Assert.NotNull(line);
            // Nobody else reads the log, and a full pipe would hold up the service.
            _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
            return new ServeProcess(process, line.Split(' ')[2]);
        }
        catch
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    public async Task<Guid> MapAsync(string entity)
    {
        const string Fields = """[{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "name", "dataType": "STRING"}]""";
        using var put = await Http.PutAsync(
            new Uri($"/v1/LogicalEntity/{entity}", UriKind.Relative), new StringContent($$"""{"fields": {{Fields}}}""", Encoding.UTF8, "application/json"), Token);
        Assert.Equal(HttpStatusCode.Created, put.StatusCode);
        return await PostAsync(
            "/v1/EntityImport", new StringContent($$$"""{"entitySystemName": "{{{entity}}}", "definition": {"importMode": "INSERT"}}""", Encoding.UTF8, "application/json"), "mappingId");
    }

    public async Task<Guid> PostAsync(string path, HttpContent? content, string member)
    {
        using var response = await Http.PostAsync(new Uri(path, UriKind.Relative), content, Token);
        var body = await response.Content.ReadAsStringAsync(Token);
        Assert.True(response.StatusCode == HttpStatusCode.Created, body);
        return JsonElement.Parse(body).GetProperty(member).GetGuid();
    }

    /// <summary>The ids of all imports, newest first.</summary>
    public async Task<IReadOnlyList<Guid>> ImportsAsync()
    {
        var page = JsonElement.Parse(await Http.GetStringAsync(new Uri("/v1/EntityImport/imports", UriKind.Relative), Token));
        return [.. page.GetProperty("imports").EnumerateArray().Select(import => import.GetProperty("importId").GetGuid())];
    }

    public async Task<(string State, int Attempts, long Inserted)> StateAsync(Guid import)
    {
        var details = JsonElement.Parse(await Http.GetStringAsync(new Uri($"/v1/EntityImport/imports/{import}", UriKind.Relative), Token));
        return (details.GetProperty("state").GetString()!, details.GetProperty("attempts").GetInt32(), details.GetProperty("ledger").GetProperty("inserted").GetInt64());
    }

    /// <summary>Follows the import's events to its end.</summary>
    public async Task<(string State, int Attempts, long Inserted)> EndOfAsync(Guid import)
    {
        await Http.GetStringAsync(new Uri($"/v1/EntityImport/imports/{import}/events", UriKind.Relative), Token);
        return await StateAsync(import);
    }

    /// <summary>Asks the process to end, as an init system does.</summary>
    public async Task TerminateAsync(TimeSpan patience)
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await _process.WaitForExitAsync(Token).WaitAsync(patience, Token);
        Assert.Equal(0, _process.ExitCode);
    }

    public long PeakMemoryBytes()
    {
        var line = File.ReadLines($"/proc/{_process.Id}/status").Single(text => text.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) << 10;
    }

    public void Dispose()
    {
        Http.Dispose();
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }
}

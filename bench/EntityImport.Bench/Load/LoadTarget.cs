using System.Diagnostics;
using System.Net.Http.Headers;
using System.Reflection;
using System.Text;
using System.Text.Json;

namespace EntityImport.Bench.Load;

/// <summary>The service and the bare endpoint in their process, and short forms for what a load needs of them.</summary>
internal sealed class LoadTarget : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly HttpClient _http;

    private LoadTarget(Process process, Uri service, Uri bare, string key)
    {
        Headers = key.Length == 0 ? [] : [$"X-Api-Key: {key}"];
        _process = process;
        (Service, Bare) = (service, bare);
        _http = new HttpClient { BaseAddress = service, Timeout = TimeSpan.FromMinutes(10) };
        if (key.Length > 0) _http.DefaultRequestHeaders.Add("X-Api-Key", key);
    }

    /// <summary>Where the service listens.</summary>
    public Uri Service { get; }

    /// <summary>Where the bare endpoint does.</summary>
    public Uri Bare { get; }

    /// <summary>Header lines that each request to the service has besides its own.</summary>
    public IReadOnlyList<string> Headers { get; }

    /// <summary>The processor time that their process has taken, in µs.</summary>
    public double ProcessorMicroseconds
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime.TotalMicroseconds;
        }
    }

    /// <summary>Starts them, set up as <c>eis</c> is.</summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="postgres">The PostgreSQL database that the store is in; null means the embedded store.</param>
    /// <param name="isOpen">Whether nobody is asked who he is.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static async Task<LoadTarget> StartAsync(string directory, string? postgres, bool isOpen, CancellationToken cancellationToken)
    {
        var program = Environment.ProcessPath!;
        string[] arguments = [LoadHost.Verb, directory, .. isOpen ? (string[])[LoadHost.Open] : []];
        if (Path.GetFileNameWithoutExtension(program) == "dotnet") arguments = [Assembly.GetExecutingAssembly().Location, .. arguments];
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardInput = true };
        start.Environment[LoadHost.PostgresVariable] = postgres;
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["DOTNET_ThreadPool_ForceMinWorkerThreads"] = "20";
        var process = Process.Start(start)!;
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(StartLimit);
            while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
            {
                if (!line.StartsWith(LoadHost.Ready, StringComparison.Ordinal)) continue;
                var addresses = line[LoadHost.Ready.Length..].Split(' ');
                _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
                return new LoadTarget(process, new Uri(addresses[0]), new Uri(addresses[1]), addresses[2]);
            }

            throw new InvalidOperationException("The service does not start.");
        }
        catch
        {
            process.Kill();
            process.Dispose();
            throw;
        }
    }

    /// <summary>Tells the bare endpoint what to answer.</summary>
    public async Task SetAnswerAsync(string answer, CancellationToken cancellationToken)
    {
        using var response = await _http.PutAsync(new Uri(Bare, LoadHost.AnswerPath), new StringContent(answer), cancellationToken);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Declares an entity; its fields as JSON.</summary>
    public async Task DeclareAsync(string entity, string fields, CancellationToken cancellationToken)
    {
        using var response = await _http.PutAsync($"/v1/LogicalEntity/{entity}", Json($$"""{"fields": {{fields}}}"""), cancellationToken);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Sends a file, and begins its import.</summary>
    /// <returns>The import's id.</returns>
    public async Task<string> ImportAsync(string entity, string mode, Stream file, CancellationToken cancellationToken)
    {
        var mapping = await PostAsync("/v1/EntityImport", Json($$"""{"entitySystemName": "{{entity}}", "definition": {"importMode": "{{mode}}"} }"""), cancellationToken);
        var body = new StreamContent(file, 1 << 16);
        body.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        var upload = await PostAsync($"/v1/EntityImport/{mapping}/upload", body, cancellationToken);
        return await PostAsync($"/v1/EntityImport/{upload}/import", null, cancellationToken);
    }

    /// <summary>What is at a path.</summary>
    public Task<string> GetAsync(string path, CancellationToken cancellationToken) => _http.GetStringAsync(path, cancellationToken);

    /// <summary>Waits until an import has ended, and makes sure that it took all rows.</summary>
    public async Task ExpectImportedAsync(string import, long rows, CancellationToken cancellationToken)
    {
        await GetAsync($"/v1/EntityImport/imports/{import}/events", cancellationToken);
        var report = await GetAsync($"/v1/EntityImport/{import}/report", cancellationToken);
        if (!report.Contains(FormattableString.Invariant($"\"processedRows\":{rows},"), StringComparison.Ordinal)) throw new InvalidOperationException($"The import ended otherwise: {report}");
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _process.StandardInput.Close();
        using var limit = new CancellationTokenSource(StartLimit);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    /// <summary>The id in the answer.</summary>
    private async Task<string> PostAsync(string path, HttpContent? content, CancellationToken cancellationToken)
    {
        using var response = await _http.PostAsync(path, content, cancellationToken);
        response.EnsureSuccessStatusCode();
        using var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync(cancellationToken));
        return answer.RootElement.EnumerateObject().First(member => member.Name.EndsWith("Id", StringComparison.Ordinal)).Value.GetString()!;
    }
}

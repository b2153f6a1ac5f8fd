using System.Diagnostics;

namespace EntityImport.Bench.Cluster;

/// <summary>The object store that the nodes keep files in: a real server in a place of its own, which <c>tests/with-objectstores.sh</c> starts, and ends.</summary>
internal sealed class ClusterFiles : IAsyncDisposable
{
    /// <summary>The servers that there are, and the variable in which the script says where each one's files go.</summary>
    private static readonly Dictionary<string, string> Variables = new() { ["azurite"] = "EIS_TEST_BLOBS", ["swift"] = "EIS_TEST_S3" };

    private readonly Process _script;

    private ClusterFiles(Process script, string location, IReadOnlyDictionary<string, string> credentials) => (_script, Location, Credentials) = (script, location, credentials);

    /// <summary>What the servers are called.</summary>
    public static IReadOnlyCollection<string> Names => Variables.Keys;

    /// <summary>Where files go, as <c>store.files</c> has it.</summary>
    public string Location { get; }

    /// <summary>The variables by which a node gets in.</summary>
    public IReadOnlyDictionary<string, string> Credentials { get; }

    /// <summary>Starts one.</summary>
    /// <param name="name">Which one.</param>
    /// <param name="place">Where it is to be. What it is made of has to be on the machine: there is no way from there to packages.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<ClusterFiles> StartAsync(string name, ClusterPlace place, CancellationToken cancellationToken)
    {
        // It stays until its input ends.
        string[] command = [.. place.Launcher, FindScript(), "sh", "-c", "env; echo .; exec cat"];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["EIS_TEST_HOST"] = place.Address;
        var script = Process.Start(start)!;
        var told = new Dictionary<string, string>();
        while (await script.StandardOutput.ReadLineAsync(cancellationToken) is { } line && line != ".")
            if (line.Split('=', 2) is [var variable, var value]) told[variable] = value;
        if (!told.TryGetValue(Variables[name], out var location)) throw new InvalidOperationException($"There is no {name}: 'tests/with-objectstores.sh true' gets what it is made of.");
        return new ClusterFiles(script, location, told.Where(variable => variable.Key.StartsWith("AWS_", StringComparison.Ordinal) || variable.Key.StartsWith("AZURE_", StringComparison.Ordinal)).ToDictionary());
    }

    public async ValueTask DisposeAsync()
    {
        _script.StandardInput.Close();
        await _script.WaitForExitAsync();
        _script.Dispose();
    }

    private static string FindScript()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
            if (Path.Combine(folder, "tests", "with-objectstores.sh") is var script && File.Exists(script)) return script;
        throw new InvalidOperationException("The project's folder tests is not above this program, so no object store is started.");
    }
}

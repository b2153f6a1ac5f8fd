using System.CommandLine;
using System.Diagnostics;
using EntityImport.Bench.Torture;
using EntityImport.Testing.Breaking;

namespace EntityImport.Bench.Cluster;

/// <summary><c>bench cluster</c>: whether several nodes on one database keep what they promise, whatever goes wrong with one of them, its disk, its clock, its ways to the database and to files, or the database.</summary>
internal static class ClusterCommand
{
    /// <summary>The command.</summary>
    public static Command Build()
    {
        var binaries = new Option<string>("--postgres-binaries") { Description = "The folder with initdb and pg_ctl of a PostgreSQL server: one is made, and deleted.", Required = true };
        var nodes = new Option<int>("--nodes") { Description = "How many nodes.", DefaultValueFactory = _ => 3 };
        var faults = new Option<int>("--faults") { Description = "How often something goes wrong: each kind as often as the others.", DefaultValueFactory = _ => 20 };
        var seed = new Option<int?>("--seed") { Description = "What faults and imports are drawn from; any number where it is not given." };
        var lease = new Option<double>("--lease") { Description = "How long a node's lease is good for, in seconds.", DefaultValueFactory = _ => 20 };
        var files = new Option<string>("--files") { Description = "The object store that files are kept in, which is started for that; without it, a directory that all nodes share." };
        files.AcceptOnlyFromAmong([.. ClusterFiles.Names]);
        var other = new Option<string>("--other-build") { Description = "The folder of another build of eis, which nodes change to and from at rolling restarts." };
        var kinds = new Option<string[]>("--kinds") { Description = "Only faults of these kinds, as they are called where they are told.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [] };
        var broken = new Option<string>("--break") { Description = "Break the service on purpose, to see that it is found: one of EIS_TEST_BREAK's ways." };
        broken.AcceptOnlyFromAmong([.. BrokenStore.Ways]);
        var work = new Option<string>("--work") { Description = "An empty folder for data and logs, which stays; a temporary one where it is not given." };
        var command = new Command("cluster", "Runs several nodes on a PostgreSQL server of its own, and hits them. The exit code is 0 where every promise was kept.") { binaries, nodes, faults, seed, lease, files, other, kinds, broken, work };
        command.SetAction((arguments, cancellationToken) => RunAsync(
            new ClusterOptions
            {
                PostgresBinaries = arguments.GetRequiredValue(binaries),
                Nodes = arguments.GetValue(nodes),
                Faults = arguments.GetValue(faults),
                Seed = arguments.GetValue(seed) ?? Random.Shared.Next(),
                Lease = arguments.GetValue(lease),
                Files = arguments.GetValue(files),
                OtherBuild = arguments.GetValue(other),
                Kinds = arguments.GetValue(kinds)!,
                Break = arguments.GetValue(broken),
                Work = arguments.GetValue(work),
            },
            Console.Out,
            cancellationToken));
        return command;
    }

    /// <summary>Runs it; answers 0 where every promise was kept.</summary>
    public static async Task<int> RunAsync(ClusterOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        if (ClusterNetwork.Obstacle is { } obstacle)
        {
            output.WriteLine(obstacle);
            return 2;
        }

        var work = options.Work ?? Directory.CreateTempSubdirectory("eis-cluster-").FullName;
        Directory.CreateDirectory(work);
        output.WriteLine($"{options.Faults} faults of {options.Nodes} nodes, lease {options.Lease} s, seed {options.Seed}, in {work}.");
        var begun = Stopwatch.GetTimestamp();
        // Not in the folder with the rest: the server is somebody else's process, who may not reach that.
        var database = Directory.CreateTempSubdirectory("eis-cluster-postgres-").FullName;
        try
        {
            await new ClusterRun(options, work, database, output).RunAsync(cancellationToken);
        }
        catch (FindingException found)
        {
            output.WriteLine($"{found.Kind}: {found.Message}");
            output.WriteLine($"Data and logs are in {work}, those of the database's servers, which are stopped, in {database}.");
            return 1;
        }

        output.WriteLine($"Nothing was lost, doubled, halved, stuck, wrong or left over, in {Stopwatch.GetElapsedTime(begun).TotalSeconds:F0} s.");
        Directory.Delete(database, recursive: true);
        if (options.Work is null) Directory.Delete(work, recursive: true);
        return 0;
    }
}

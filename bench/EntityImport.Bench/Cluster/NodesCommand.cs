using System.CommandLine;

namespace EntityImport.Bench.Cluster;

/// <summary><c>bench nodes</c>: what more nodes are worth, what a long queue costs, how soon another node takes the import of one that ends, and what those who ask for the status of imports cost the database.</summary>
internal static class NodesCommand
{
    private static readonly Dictionary<string, Func<NodesOptions, TextWriter, CancellationToken, Task>> Measures = new()
    {
        ["throughput"] = NodesMeasure.ThroughputAsync,
        ["queue"] = NodesMeasure.QueueAsync,
        ["polls"] = NodesMeasure.PollsAsync,
        ["failover"] = NodesMeasure.FailoverAsync,
    };

    /// <summary>The command.</summary>
    public static Command Build()
    {
        var binaries = new Option<string>("--postgres-binaries") { Description = "The folder with initdb and pg_ctl of a PostgreSQL server: one is made for each measurement, and deleted.", Required = true };
        var measures = new Option<string[]>("--measure") { Description = "What is measured; all where it is not given.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [.. Measures.Keys] };
        measures.AcceptOnlyFromAmong([.. Measures.Keys]);
        var nodes = new Option<int[]>("--nodes") { Description = "With how many nodes throughput is measured.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [1, 2, 4] };
        var files = new Option<int>("--files") { Description = "Files whose throughput is measured.", DefaultValueFactory = _ => 200 };
        var rows = new Option<int>("--rows") { Description = "Rows of each.", DefaultValueFactory = _ => 50_000 };
        var entities = new Option<int>("--entities") { Description = "Entities that they go into.", DefaultValueFactory = _ => 50 };
        var queued = new Option<int>("--queued") { Description = "Imports of the long queue.", DefaultValueFactory = _ => 10_000 };
        var queues = new Option<int>("--queues") { Description = "Entities that they go into.", DefaultValueFactory = _ => 1_000 };
        var ends = new Option<int>("--ends") { Description = "How often a node is killed, and how often one is told to stop.", DefaultValueFactory = _ => 10 };
        var command = new Command("nodes", "Measures several nodes on a PostgreSQL server of their own: nodes of a quarter of a processor each, the server of one.") { binaries, measures, nodes, files, rows, entities, queued, queues, ends };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            if (ProcessorQuota.Obstacle is { } obstacle)
            {
                Console.Out.WriteLine(obstacle);
                return 2;
            }

            var options = new NodesOptions(
                arguments.GetRequiredValue(binaries), arguments.GetValue(nodes)!, arguments.GetValue(files), arguments.GetValue(rows), arguments.GetValue(entities), arguments.GetValue(queued), arguments.GetValue(queues), arguments.GetValue(ends));
            foreach (var measure in arguments.GetValue(measures)!) await Measures[measure](options, Console.Out, cancellationToken);
            return 0;
        });
        return command;
    }
}

/// <summary>What <c>bench nodes</c> is asked for.</summary>
/// <param name="PostgresBinaries">The folder with <c>initdb</c> and <c>pg_ctl</c>.</param>
/// <param name="Nodes">With how many nodes throughput is measured.</param>
/// <param name="Files">Files whose throughput is measured.</param>
/// <param name="Rows">Rows of each.</param>
/// <param name="Entities">Entities that they go into.</param>
/// <param name="Queued">Imports of the long queue.</param>
/// <param name="Queues">Entities that those go into.</param>
/// <param name="Ends">How often a node is killed, and how often one is told to stop.</param>
internal sealed record NodesOptions(string PostgresBinaries, IReadOnlyList<int> Nodes, int Files, int Rows, int Entities, int Queued, int Queues, int Ends);

using System.CommandLine;
using BenchmarkDotNet.Running;
using EntityImport.Bench;
using EntityImport.Bench.Cluster;
using EntityImport.Bench.Compare;
using EntityImport.Bench.Fuzz;
using EntityImport.Bench.Histories;
using EntityImport.Bench.Hostile;
using EntityImport.Bench.Load;
using EntityImport.Bench.Pollock;
using EntityImport.Bench.RandomEntities;
using EntityImport.Bench.Tables;
using EntityImport.Bench.Torture;

var root = new RootCommand("Measures the project. Arguments that begin with no command of these go to BenchmarkDotNet, e.g. --filter '*'.")
{
    ClusterCommand.Build(),
    CompareCommand.Build(),
    EntitiesCommand.Build(),
    FuzzCommand.Build(),
    FuzzWorker.Build(),
    HistoriesCommand.Build(),
    HostileCommand.Build(),
    InferCommand.Build(),
    LoadCommand.Build(),
    LoadHost.Build(),
    NodesCommand.Build(),
    PollockCommand.Build(),
    ReadersCommand.Build(),
    TablesCommand.Build(),
    RunCommand.Build(),
    TortureCommand.Build(),
};
if (args is [] or ["--help" or "-h" or "-?"] || root.Subcommands.Any(command => command.Name == args[0])) return await root.Parse(args).InvokeAsync();
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;

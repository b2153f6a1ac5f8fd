using System.CommandLine;
using EntityImport.Bench.Compare.Scenarios;

namespace EntityImport.Bench.Compare;

/// <summary><c>bench run</c>, hidden: one scenario once, for <c>bench compare</c>.</summary>
internal static class RunCommand
{
    /// <summary>The command.</summary>
    public static Command Build()
    {
        var name = new Argument<string>("NAME");
        var rows = new Argument<long>("ROWS");
        var files = new Argument<string>("FILES");
        var directory = new Argument<string>("DIRECTORY");
        var prepare = new Option<bool>("--prepare");
        var command = new Command(Worker.Verb, "Runs one scenario once.") { name, rows, files, directory, prepare };
        command.Hidden = true;
        command.SetAction(arguments => Worker.RunAsync(
            arguments.GetValue(name)!, arguments.GetValue(rows), arguments.GetValue(files)!, arguments.GetValue(directory)!, arguments.GetValue(prepare)));
        return command;
    }
}

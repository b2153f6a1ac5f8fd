using System.CommandLine;

namespace EntityImport.Bench.Hostile;

/// <summary><c>bench hostile</c>: whether attacks can take memory, time or life from the service.</summary>
internal static class HostileCommand
{
    /// <summary>The command.</summary>
    public static Command Build()
    {
        var only = new Option<string[]>("--only") { Description = "Only the attack of this name; may be given more than once.", AllowMultipleArgumentsPerToken = true };
        only.AcceptOnlyFromAmong([.. Attack.All.Select(attack => attack.Name)]);
        var scale = new Option<double>("--scale") { Description = "The size of the attacks: 1 is what was seen to break it, 0.1 a tenth of that.", DefaultValueFactory = _ => 1 };
        scale.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (> 0 and <= 10)) result.AddError("--scale must be more than 0 and at most 10.");
        });
        var work = new Option<string>("--work") { Description = "A folder for data and logs; logs stay there. A temporary one where it is not given." };
        var command = new Command("hostile", "Attacks a service with a managed heap of 300 MB. The exit code is 0 where it kept to its memory, always answered that it lives, and stayed of use.") { only, scale, work };
        command.SetAction((arguments, cancellationToken) =>
            RunAsync(arguments.GetValue(only) ?? [], arguments.GetValue(scale), arguments.GetValue(work), Console.Out, cancellationToken));
        return command;
    }

    /// <summary>Runs the attacks; answers 0 where no verdict has a fault.</summary>
    /// <param name="only">The names of the attacks; none means all.</param>
    /// <param name="scale">Their size.</param>
    /// <param name="work">A folder for data and logs; null means a temporary one.</param>
    /// <param name="output">Where the table goes.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static async Task<int> RunAsync(IReadOnlyCollection<string> only, double scale, string? work, TextWriter output, CancellationToken cancellationToken)
    {
        var folder = work ?? Directory.CreateTempSubdirectory("eis-hostile-").FullName;
        Directory.CreateDirectory(folder);
        var faulty = 0;
        output.WriteLine(Verdict.Heading);
        try
        {
            foreach (var attack in Attack.All.Where(attack => only.Count == 0 || only.Contains(attack.Name)))
            {
                var verdict = await HostileRun.RunAsync(attack, scale, folder, cancellationToken);
                if (verdict.Faults.Count > 0) faulty++;
                output.WriteLine(verdict);
            }
        }
        finally
        {
            if (work is null) Directory.Delete(folder, recursive: true);
        }

        output.WriteLine(faulty == 0 ? "It withstood all of them." : $"{faulty} of them did what they must not.");
        return faulty == 0 ? 0 : 1;
    }
}

using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using EntityImport.Cli.Output;
using EntityImport.Cli.Services;
using EntityImport.Files;
using EntityImport.Server.Options;
using EntityImport.Storage;

namespace EntityImport.Cli;

/// <summary>Parses the arguments of <c>eis</c>, runs the command that they name and turns failures into lines and exit codes.</summary>
internal static class CommandLine
{
    /// <summary>How long an interrupted command may take to end cleanly.</summary>
    private static readonly TimeSpan InterruptionTimeout = TimeSpan.FromSeconds(30);

    private const string Examples = """
        Examples:
          eis import products.csv                          infer the schema, import, report
          eis import prices.csv --entity products --key sku
          eis serve                                        the same data over HTTP
          eis records products --filter "price gt 10"
          eis import products.csv --server https://eis.example.com
        """;

    /// <summary>Runs a command.</summary>
    /// <param name="arguments">The arguments, without the program's name.</param>
    /// <param name="terminal">Where output goes.</param>
    /// <param name="cancellationToken">Interrupts the command, as Ctrl-C does.</param>
    /// <param name="interruptionTimeout">How long an interrupted command may take to end cleanly; null means 30 s.</param>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, Terminal terminal, CancellationToken cancellationToken, TimeSpan? interruptionTimeout = null)
    {
        var timeout = interruptionTimeout ?? InterruptionTimeout;
        var verbose = new Option<bool>("--verbose") { Description = "Show the cause of an unexpected failure.", Recursive = true };
        var root = new RootCommand("Brings CSV files into typed entities, atomically, with every row accounted for.") { verbose };
        foreach (var command in (ICommand[])[new ImportCommand(), new PlanCommand(), new ApplyCommand(), new ServeCommand(), new EntitiesCommand(), new RecordsCommand(), new HistoryCommand(), new UndoCommand(), new MigrateCommand()])
            root.Add(Build(command, verbose, terminal, timeout));
        root.Add(new Command("keys", "Makes, lists and revokes API keys, and makes links by which people sign in.")
        {
            Build(new CreateKeyCommand(), verbose, terminal, timeout), Build(new ListKeysCommand(), verbose, terminal, timeout), Build(new RevokeKeyCommand(), verbose, terminal, timeout),
            Build(new SignInLinkCommand(), verbose, terminal, timeout),
        });
        AddExamples(root, Examples);

        var result = root.Parse(arguments);
        if (result.Errors.Any(error => error.Message.Contains(ApiKey.Prefix, StringComparison.Ordinal)))
        {
            terminal.WriteError($"There is an argument too many that begins with {ApiKey.Prefix}; it is not shown, as it may be an API key. --api-key-file or --api-key names one.");
            return ExitCode.Failed;
        }

        if (result.Action is ParseErrorAction parseError) parseError.ShowHelp = false;
        return await result.InvokeAsync(
            new InvocationConfiguration
            {
                Output = terminal.Output,
                Error = terminal.Error,
                EnableDefaultExceptionHandler = false,
                // The code that it would return after a time of its own says that nothing was written.
                ProcessTerminationTimeout = Timeout.InfiniteTimeSpan,
            },
            cancellationToken);
    }

    private static Command Build(ICommand command, Option<bool> verbose, Terminal terminal, TimeSpan interruptionTimeout)
    {
        var built = command.Build();
        built.SetAction((result, cancellationToken) => EndAsync(GuardAsync(command, result, result.GetValue(verbose), terminal, cancellationToken), terminal, interruptionTimeout, cancellationToken));
        AddExamples(built, command.Examples);
        return built;
    }

    /// <summary>Waits for a command's end, once it is interrupted only for a while: it may wait for a commit that cannot be cancelled any more.</summary>
    private static async Task<int> EndAsync(Task<int> running, Terminal terminal, TimeSpan interruptionTimeout, CancellationToken cancellationToken)
    {
        try
        {
            return await running.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // It is told so itself, and ends.
        }

        try
        {
            return await running.WaitAsync(interruptionTimeout, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            terminal.WriteError(
                $"Interrupted, but it has not ended within {Amounts.Seconds(interruptionTimeout)}: whether anything was written is not known. An import that was begun goes on, or is finished by the next command; eis import, given again, tells how it ended, and imports nothing twice.");
            return ExitCode.EndUnknown;
        }
    }

    private static async Task<int> GuardAsync(
        ICommand command, ParseResult arguments, bool verbose, Terminal terminal, CancellationToken cancellationToken)
    {
        try
        {
            return await command.RunAsync(arguments, terminal, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            terminal.WriteError("Interrupted; nothing was written.");
            return ExitCode.Interrupted;
        }
        catch (Exception exception) when (Describe(exception) is { } message)
        {
            terminal.WriteError(message);
            if (verbose && exception.InnerException is { } cause) terminal.WriteError(cause.ToString());
            return exception is CommandFailure failure ? failure.ExitCode : ExitCode.Failed;
        }
        catch (Exception exception)
        {
            terminal.WriteError(verbose ? exception.ToString() : $"Unexpected failure: {FirstLine(exception.Message)} (--verbose shows where.)");
            return ExitCode.Failed;
        }
    }

    /// <summary>What is wrong, where the user can do something about it; null where the program is at fault.</summary>
    private static string? Describe(Exception exception) => exception switch
    {
        CommandFailure or ServerConfigurationException or UnknownFilesException => exception.Message,
        RequestException { Faults.Count: > 1 } request =>
            string.Join(Environment.NewLine, [request.Message, .. request.Faults.Select(fault => $"  {fault.Path}: {fault.Message}")]),
        RequestException { Faults: [{ Path.Length: > 0 } fault] } => $"{fault.Path}: {fault.Message}",
        RequestException => exception.Message,
        DataDirectoryInUseException => $"{exception.Message} Stop it first, or choose another place with --data or --postgres.",
        _ => null,
    };

    private static string FirstLine(string text) => text.Split('\n', 2)[0].TrimEnd('\r', '.', ' ') + ".";

    private static void AddExamples(Command command, string examples)
    {
        var help = command.Options.OfType<HelpOption>().FirstOrDefault();
        if (help is null)
        {
            help = new HelpOption();
            command.Options.Add(help);
        }

        help.Action = new HelpWithExamples((HelpAction)help.Action!, examples);
    }

    private sealed class HelpWithExamples(HelpAction help, string examples) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            var code = help.Invoke(parseResult);
            parseResult.InvocationConfiguration.Output.WriteLine(examples);
            return code;
        }
    }
}

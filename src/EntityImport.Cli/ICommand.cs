using System.CommandLine;
using EntityImport.Cli.Output;

namespace EntityImport.Cli;

/// <summary>A command of <c>eis</c>.</summary>
internal interface ICommand
{
    /// <summary>Lines that <c>--help</c> ends with.</summary>
    string Examples { get; }

    /// <summary>Its name, arguments and options.</summary>
    Command Build();

    /// <summary>Does it.</summary>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    Task<int> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancellationToken);
}

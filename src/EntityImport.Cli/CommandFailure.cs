namespace EntityImport.Cli;

/// <summary>A command cannot do what was asked; the message says why and what to do, in lines for the user.</summary>
internal class CommandFailure(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What the command returns: an <see cref="Cli.ExitCode"/>.</summary>
    public int ExitCode { get; init; } = Cli.ExitCode.Failed;
}

namespace EntityImport.Cli;

/// <summary>A command cannot do what was asked; the message says why and what to do, in lines for the user.</summary>
internal sealed class CommandFailure(string message, Exception? inner = null) : Exception(message, inner);

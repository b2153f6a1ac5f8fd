using System.Text;
using Spectre.Console;

namespace EntityImport.Cli.Output;

/// <summary>Where a command writes: for people where output is a terminal, else plain lines without colours and cursor movements.</summary>
/// <param name="output">Standard output.</param>
/// <param name="error">Standard error.</param>
/// <param name="console">The console on a terminal; null where output is not one.</param>
internal sealed class Terminal(TextWriter output, TextWriter error, IAnsiConsole? console)
{
    public TextWriter Output { get; } = output;

    public TextWriter Error { get; } = error;

    /// <summary>The console, for what moves; null where output is no terminal.</summary>
    public IAnsiConsole? Console { get; } = console;

    /// <summary>The terminal of the process.</summary>
    public static Terminal OfProcess()
    {
        if (!System.Console.IsOutputRedirected) return new Terminal(System.Console.Out, System.Console.Error, AnsiConsole.Console);

        // What is redirected is read by programs, which expect no byte order mark.
        var plain = new StreamWriter(System.Console.OpenStandardOutput(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true };
        return new Terminal(plain, System.Console.Error, console: null);
    }

    public void WriteLine(string line = "") => Output.WriteLine(Plain(line));

    /// <summary>Writes a line, or lines.</summary>
    public void WriteError(string line) => Error.WriteLine(Plain(line));

    public void Write(TextTable table)
    {
        if (Console is null) table.WritePlain(Output);
        else Console.Write(table.ForTerminal());
    }

    /// <summary>The text without what moves the cursor or worse: part of it may come from a file or a server.</summary>
    private static string Plain(string text) =>
        text.Any(IsControl) ? string.Concat(text.Select(c => IsControl(c) ? ' ' : c)) : text;

    private static bool IsControl(char c) => char.IsControl(c) && c is not ('\n' or '\r' or '\t');
}

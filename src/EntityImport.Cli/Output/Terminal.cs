using System.Globalization;
using System.Text;
using Spectre.Console;

namespace EntityImport.Cli.Output;

/// <summary>Where a command writes: for people where output is a terminal, else plain lines without colours and cursor movements.</summary>
/// <param name="output">Standard output.</param>
/// <param name="error">Standard error.</param>
/// <param name="console">The console on a terminal; null where output is not one.</param>
/// <param name="answers">Where somebody types answers; null where nobody can be asked.</param>
internal sealed class Terminal(TextWriter output, TextWriter error, IAnsiConsole? console, TextReader? answers = null)
{
    /// <summary>How often a question is put before it is given up.</summary>
    private const int MaxAttempts = 3;

    public TextWriter Output { get; } = output;

    public TextWriter Error { get; } = error;

    /// <summary>The console, for what moves; null where output is no terminal.</summary>
    public IAnsiConsole? Console { get; } = console;

    /// <summary>The terminal of the process.</summary>
    public static Terminal OfProcess()
    {
        if (!System.Console.IsOutputRedirected)
            return new Terminal(System.Console.Out, System.Console.Error, AnsiConsole.Console, System.Console.IsInputRedirected ? null : System.Console.In);

        // What is redirected is read by programs, which expect no byte order mark.
        var plain = new StreamWriter(System.Console.OpenStandardOutput(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true };
        return new Terminal(plain, System.Console.Error, console: null);
    }

    public void WriteLine(string line = "") => Output.WriteLine(Plain(line));

    /// <summary>Writes a line, or lines.</summary>
    public void WriteError(string line) => Error.WriteLine(Plain(line));

    /// <summary>Asks whoever sits at the terminal to choose one of several answers by its number.</summary>
    /// <returns>The index of the answer; null where nobody can be asked, or nobody answers.</returns>
    public async Task<int?> AskAsync(string question, IReadOnlyList<string> choices, CancellationToken cancellationToken)
    {
        if (answers is null) return null;
        WriteLine(question);
        for (var i = 0; i < choices.Count; i++) WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {i + 1}  {choices[i]}"));
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            Output.Write(string.Create(CultureInfo.InvariantCulture, $"1 to {choices.Count}: "));
            // A console does not heed the token while it waits for a line.
            if (await answers.ReadLineAsync(cancellationToken).AsTask().WaitAsync(cancellationToken) is not { } answer) return null;
            if (int.TryParse(answer.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= choices.Count) return number - 1;
        }

        return null;
    }

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

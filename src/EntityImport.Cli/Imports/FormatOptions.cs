using System.CommandLine;
using System.Text.Json.Nodes;

namespace EntityImport.Cli.Imports;

/// <summary>The options of <c>eis import</c> that say how the file is written. Each states a member of the definition; where it is not given, the member is the mapping file's, else inferred.</summary>
internal sealed class FormatOptions
{
    private readonly List<(Option Option, string Member, Func<IReadOnlyList<string>, JsonNode> Value)> _lines;

    public FormatOptions() => _lines =
    [
        Text("--encoding", "encoding", "NAME", "The file's encoding, such as windows-1252 or Shift_JIS. Default: a byte order mark's, else found in the file."),
        Text("--delimiter", "fieldDelimiter", "TEXT", "What separates fields, 1 to 4 characters, or \\t for tab. Default: found in the file."),
        Text("--quote", "quoteCharacter", "CHARACTER", "What encloses texts with delimiters in them. Default: \"."),
        Text("--escape", "escapeCharacter", "CHARACTER", "What makes a quote part of a text. Default: the quote, doubled."),
        Flag("--multiline-fields", "multilineFields", true, "Fields may have several lines, also where these read like rows. Default: asked where they do."),
        Flag("--no-multiline-fields", "multilineFields", false, "No field has several lines: a quote that does not close in its line rejects that line alone."),
        Flag("--no-header", "header", false, "The first line is a record; columns are named 1, 2, …"),
        Number("--skip-lines", "skipLines", "Lines before the header that are passed over. Default: found in the file."),
        Number("--skip-footer", "skipFooterLines", "Lines at the end that are passed over. Default: none."),
        Word("--ragged", "raggedRows", ["reject", "pad", "fit"], "What becomes of rows with too few or too many fields. pad: missing ones are empty; fit: surplus empty ones are dropped, too. Default: reject."),
        Text("--locale", "locale", "LOCALE", "The locale of numbers and dates, such as de-DE. Default: found in the file as far as it shows, else en-US."),
        Texts("--date-format", "dateFormat", "PATTERN", "How dates are written, such as dd.MM.yyyy or ISO_8601. Can be given several times. Default: found in the file."),
        Texts("--datetime-format", "dateTimeFormat", "PATTERN", "How dates with a time are written. Can be given several times. Default: found in the file."),
        Text("--decimal", "decimalSeparator", "CHARACTER", "What stands before the decimals of a number. Default: the locale's."),
        Text("--grouping", "groupingSeparator", "CHARACTER", "What groups the digits of a number; \"\" for nothing. Default: the locale's."),
        List("--null", "nullValues", "TEXT", "What is empty besides an empty field, such as NULL. Can be given several times."),
    ];

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var (option, _, _) in _lines) command.Add(option);
    }

    /// <summary>The options that state members of a definition, as a command line has them; null where there are none for some of them.</summary>
    public static string? For(JsonObject members)
    {
        var lines = new FormatOptions()._lines;
        var options = new List<string>();
        foreach (var (member, value) in members)
        {
            if (lines.FirstOrDefault(line => line.Member == member && line.Option is Option<bool> && JsonNode.DeepEquals(line.Value([]), value)).Option is { } flag)
            {
                options.Add(flag.Name);
                continue;
            }

            if (value is not JsonValue single || !single.TryGetValue<string>(out var text) || lines.FirstOrDefault(line => line.Member == member).Option is not { } option) return null;
            options.Add($"{option.Name} {Quoted(text)}");
        }

        return options.Count == 0 ? null : string.Join(' ', options);
    }

    /// <summary>What the arguments state.</summary>
    public StatedFormat Read(ParseResult arguments)
    {
        var members = new JsonObject();
        var again = "";
        foreach (var (option, member, value) in _lines)
        {
            if (arguments.GetResult(option) is not { Implicit: false } result) continue;
            string[] texts = [.. result.Tokens.Select(token => token.Value)];
            members[member] = value(texts);
            again += texts.Length == 0 ? $" {option.Name}" : string.Concat(texts.Select(text => $" {option.Name} {Quoted(text)}"));
        }

        return new StatedFormat(members, again);
    }

    private static (Option, string, Func<IReadOnlyList<string>, JsonNode>) Text(string name, string member, string help, string description) =>
        (new Option<string>(name) { Description = description, HelpName = help }, member, texts => JsonValue.Create(texts[^1]));

    private static (Option, string, Func<IReadOnlyList<string>, JsonNode>) Word(string name, string member, string[] words, string description)
    {
        var option = new Option<string>(name) { Description = description, HelpName = string.Join('|', words) };
        option.AcceptOnlyFromAmong(StringComparer.OrdinalIgnoreCase, words);
        return (option, member, texts => JsonValue.Create(texts[^1].ToUpperInvariant()));
    }

    private static (Option, string, Func<IReadOnlyList<string>, JsonNode>) Number(string name, string member, string description) =>
        (new Option<int>(name) { Description = description, HelpName = "COUNT" }, member, texts => JsonValue.Create(int.Parse(texts[^1], System.Globalization.CultureInfo.InvariantCulture)));

    private static (Option, string, Func<IReadOnlyList<string>, JsonNode>) Flag(string name, string member, bool meaning, string description) =>
        (new Option<bool>(name) { Description = description }, member, _ => JsonValue.Create(meaning));

    /// <summary>One text stands alone, several are an array.</summary>
    private static (Option, string, Func<IReadOnlyList<string>, JsonNode>) Texts(string name, string member, string help, string description) =>
        (new Option<string[]>(name) { Description = description, HelpName = help, Arity = ArgumentArity.OneOrMore }, member, texts => texts.Count == 1 ? JsonValue.Create(texts[0]) : Array(texts));

    private static (Option, string, Func<IReadOnlyList<string>, JsonNode>) List(string name, string member, string help, string description) =>
        (new Option<string[]>(name) { Description = description, HelpName = help, Arity = ArgumentArity.OneOrMore }, member, Array);

    private static JsonArray Array(IReadOnlyList<string> texts) => new([.. texts.Select(text => JsonValue.Create(text))]);

    /// <summary>The text as a shell reads it back.</summary>
    private static string Quoted(string text) =>
        text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ':' or '/') ? text : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}

/// <summary>What was stated of a file's format by options.</summary>
/// <param name="Members">Members of a definition.</param>
/// <param name="Options">The options as a command line has them, each after a space: what reads another file in the same way.</param>
internal sealed record StatedFormat(JsonObject Members, string Options);

using System.Text;

namespace EntityImport.Bench.Tables.Writers;

/// <summary>A file that a program has written of a table.</summary>
/// <param name="Bytes">The file.</param>
/// <param name="Texts">The text of each field of each row, as it stands in the file, quotes and escapes undone.</param>
internal sealed record WrittenTable(byte[] Bytes, IReadOnlyList<string[]> Texts);

/// <summary>A program that writes tables into files, or what is known of one.</summary>
internal abstract class TableWriter
{
    /// <summary>Its name, and whether it is the program itself.</summary>
    public abstract string Name { get; }

    /// <summary>The language of the tables that it is given.</summary>
    public virtual Language LanguageOf(int number) => (number / 10 % 5) switch
    {
        0 => Language.English,
        1 => Language.German,
        2 => Language.Polish,
        3 => Language.Japanese,
        _ => Language.French,
    };

    /// <summary>Why it cannot write on this machine; null where it can.</summary>
    public virtual string? FindObstacle() => null;

    /// <summary>Writes tables, all at once, since some programs take long to start.</summary>
    public abstract Task<IReadOnlyList<WrittenTable>> WriteAsync(IReadOnlyList<Table> tables, string folder, CancellationToken cancellationToken);
}

/// <summary>A writer of which is known how it writes a value.</summary>
internal abstract class KnownWriter : TableWriter
{
    public override Task<IReadOnlyList<WrittenTable>> WriteAsync(IReadOnlyList<Table> tables, string folder, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<WrittenTable>>([.. tables.Select(Write)]);

    protected virtual Encoding EncodingOf(Table table) => new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

    protected virtual string DelimiterOf(Table table) => ",";

    protected virtual string LineEnd => "\r\n";

    /// <summary>Lines above the header.</summary>
    protected virtual string Above(Table table) => "";

    /// <summary>The text of a value.</summary>
    protected abstract string Text(Table table, Column column, object? value);

    /// <summary>The text between two delimiters.</summary>
    protected virtual string Field(string text, string delimiter) =>
        text.Contains(delimiter, StringComparison.Ordinal) || text.AsSpan().IndexOfAny("\"\r\n") >= 0 ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;

    private WrittenTable Write(Table table)
    {
        var encoding = EncodingOf(table);
        var delimiter = DelimiterOf(table);
        string[][] texts = [.. table.Rows.Select(row => row.Select((value, place) => Known(encoding, Text(table, table.Columns[place], value))).ToArray())];
        var file = new StringBuilder(Above(table));
        foreach (var line in texts.Prepend([.. table.Columns.Select(column => column.Name)])) file.Append(string.Join(delimiter, line.Select(text => Field(text, delimiter)))).Append(LineEnd);
        return new WrittenTable([.. encoding.GetPreamble(), .. encoding.GetBytes(file.ToString())], texts);
    }

    /// <summary>The text as the encoding keeps it.</summary>
    private static string Known(Encoding encoding, string text) => encoding.GetString(encoding.GetBytes(text));
}

using System.Buffers;
using EntityImport.Records;

namespace EntityImport.Cli.Output;

/// <summary>Records as CSV: commas, quotes where they are needed, LF line ends, null as an empty field.</summary>
internal static class RecordCsv
{
    private static readonly SearchValues<char> NeedsQuotes = SearchValues.Create(",\"\r\n");

    public static void Write(RecordPage page, TextWriter writer)
    {
        WriteLine(writer, page.Fields.Select(field => field.SystemName));
        foreach (var record in page.Records) WriteLine(writer, record);
    }

    private static void WriteLine(TextWriter writer, IEnumerable<string?> values)
    {
        writer.Write(string.Join(',', values.Select(Quote)));
        writer.Write('\n');
    }

    /// <summary>Surrounding spaces are part of a value, and readers that cut them leave those inside quotes.</summary>
    private static string Quote(string? value) =>
        value is null ? ""
        : value.AsSpan().ContainsAny(NeedsQuotes) || value.AsSpan().Trim().Length < value.Length ? $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
        : value;
}

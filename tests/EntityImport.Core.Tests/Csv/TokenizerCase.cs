using System.Text;
using EntityImport.Csv;

namespace EntityImport.Core.Tests.Csv;

/// <summary>A text and the records that it holds, as <see cref="Row.ToString"/> shows them.</summary>
internal sealed record TokenizerCase(string Name, byte[] Text, string[] Rows)
{
    public CsvDialect Dialect { get; init; } = CsvDialect.Default;

    /// <summary>Whether the file has one column.</summary>
    public bool OneColumn { get; init; }

    /// <summary>The record limit in bytes.</summary>
    public int RecordLimit { get; init; } = CsvDialect.MaxRecordBytes;

    public static TokenizerCase Of(string name, string text, params string[] rows) => new(name, Encoding.UTF8.GetBytes(text), rows);
}

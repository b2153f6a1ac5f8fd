using System.Globalization;
using System.Text;
using EntityImport.Csv;
using EntityImport.Rows;

namespace EntityImport.Core.Tests.Csv;

/// <summary>A record as tests compare it.</summary>
/// <param name="LineNumber">The physical line on which it begins, from 1.</param>
/// <param name="Raw">Its bytes, each as one character.</param>
/// <param name="Fields">Its fields, <c>[a]["b"]</c>; empty for a faulty record.</param>
/// <param name="Fault">What is wrong with it.</param>
/// <param name="FaultAt">Where the quote at fault opened, in bytes from the record's first; 0 without fault.</param>
internal sealed record Row(long LineNumber, string Raw, string Fields, RecordFault Fault, int FaultAt)
{
    /// <summary>The record <paramref name="index"/> of a batch.</summary>
    public static Row Of(RecordBatch batch, int index, CsvDialect dialect)
    {
        var record = batch[index];
        var fields = new StringBuilder();
        for (var column = 0; column < record.FieldCount; column++)
            fields.Append(Field(record[column], FieldSpan.Of(record, column, dialect).IsQuoted));
        var faultAt = record.Fault == RecordFault.None ? 0 : record.FaultOffset - record.Start;
        return new Row(record.LineNumber, Encoding.Latin1.GetString(record.Raw), fields.ToString(), record.Fault, faultAt);
    }

    /// <summary>A field as <see cref="Fields"/> shows it.</summary>
    public static string Field(ReadOnlySpan<byte> text, bool quoted)
    {
        var shown = Encoding.UTF8.GetString(text);
        return quoted ? $"[\"{shown}\"]" : $"[{shown}]";
    }

    /// <summary>Line and fields, or line, fault, its place and the record's text: <c>2: [a][b]</c> and <c>3: UnclosedQuote+2 a,"b</c>.</summary>
    public override string ToString() => Fault == RecordFault.None
        ? string.Create(CultureInfo.InvariantCulture, $"{LineNumber}: {Fields}")
        : string.Create(CultureInfo.InvariantCulture, $"{LineNumber}: {Fault}+{FaultAt} {Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(Raw))}");
}

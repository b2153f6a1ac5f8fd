using System.Globalization;
using System.Text;
using System.Text.Unicode;
using EntityImport.Catalog;
using EntityImport.Conversion;
using EntityImport.Csv;
using EntityImport.Rows;

namespace EntityImport.Inputs;

/// <summary>Reads the names of columns from a record, for the import and for what proposes one.</summary>
internal static class HeaderReader
{
    /// <summary>The names, in file order. An empty one may occur more than once.</summary>
    /// <param name="record">The record; nothing is read of it where it has a fault.</param>
    /// <param name="fault">What is wrong with it, as it was found in the whole file.</param>
    /// <param name="line">The physical line on which it begins, from 1.</param>
    /// <param name="encoding">The name of the file's encoding.</param>
    /// <param name="layout">How the file is laid out.</param>
    /// <exception cref="ImportRefusedException">The record cannot be a header; told with its line.</exception>
    public static IReadOnlyList<string> Read(BatchRecord record, RecordFault fault, long line, string encoding, FileLayout layout)
    {
        if (fault != RecordFault.None)
            throw Refused(EndCode.BadHeader, line, $"the header cannot be read: {Describe(fault, layout)}. Expected the names of the columns.");
        if (record.Raw.Contains((byte)0))
            throw Refused(EndCode.BadHeader, line, $"the header contains NUL bytes. Is the encoding {encoding.ToUpperInvariant()} right? The file may be UTF-16.");
        var names = new List<string>();
        for (var column = 0; column < record.FieldCount; column++)
        {
            var text = record[column];
            if (!Utf8.IsValid(text))
                throw Refused(EndCode.BadHeader, line, string.Create(CultureInfo.InvariantCulture, $"the name of column {column + 1} is not {encoding.ToUpperInvariant()}. Expected another encoding in the mapping?"));
            names.Add(Encoding.UTF8.GetString(text));
        }

        return names;
    }

    /// <summary>Says which columns have the same name, of those that are the file's own; null where none has. An empty name may occur more than once.</summary>
    public static string? FindRepeated(IReadOnlyList<string> columns)
    {
        var own = columns.SkipLast(ErrorFileColumns.CountIn(columns)).ToList();
        var repeated = own.Where(name => name.Length > 0).GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1);
        return repeated is null ? null : DescribeRepeated(own, repeated.Key);
    }

    /// <summary>Says which columns have a name: <c>columns 3 and 4 have the same name 'price'</c>.</summary>
    public static string DescribeRepeated(IReadOnlyList<string> columns, string name)
    {
        var numbers = columns.Index().Where(column => column.Item == name).Select(column => (column.Index + 1).ToString(CultureInfo.InvariantCulture));
        return $"columns {ShownText.Join(numbers, " and ", Limits.NameCharacters)} have the same name '{RejectionReasons.Show(name)}'";
    }

    /// <summary>The names of columns where no record has them: 1, 2, …</summary>
    public static IReadOnlyList<string> Numbers(int columns) => [.. Enumerable.Range(1, columns).Select(number => number.ToString(CultureInfo.InvariantCulture))];

    private static string Describe(RecordFault fault, FileLayout layout) => fault switch
    {
        RecordFault.TextAfterQuote => "text follows a closing quote",
        RecordFault.UnclosedQuote => $"a quote does not close {RejectionReasons.WhereQuotesClose(layout.MaxRecordBytes, layout.MultilineFields)}",
        RecordFault.TooLong => $"it is longer than {ShownText.Size(layout.MaxRecordBytes)}",
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, "Not a fault."),
    };

    private static ImportRefusedException Refused(string code, long line, string fault) => new(code, string.Create(CultureInfo.InvariantCulture, $"Line {line}: {fault}"));
}

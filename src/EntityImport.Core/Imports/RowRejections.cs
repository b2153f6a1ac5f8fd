using System.Text;
using EntityImport.Conversion;
using EntityImport.Csv;
using EntityImport.Storage;

namespace EntityImport.Imports;

/// <summary>Turns the faults of records into what rejected rows are told: each row with every reason. Thread-safe.</summary>
internal sealed class RowRejections(ImportSource source, IReadOnlyList<BoundField> fields, IReadOnlyList<string> unfilled)
{
    /// <summary>Hands over the rejected records of a batch, in file order.</summary>
    public void Describe(RecordBatch batch, RecordFaults faults, Action<StoredRejectedRow> take)
    {
        for (var rest = faults.SortByRecord(); !rest.IsEmpty;)
        {
            var record = rest[0].Record;
            var count = 1;
            while (count < rest.Length && rest[count].Record == record) count++;
            var reasons = new RejectionReason[count];
            for (var i = 0; i < count; i++) reasons[i] = Describe(batch, rest[i]);
            var text = rest[0].Code == FaultCode.RecordUncorrected
                ? batch.Text(record, source.RecordTextColumn).ToArray()
                : faults.IsUnreadable(record) ? batch[record].Raw.ToArray() : null;
            take(Row(batch, record, reasons, text));
            rest = rest[count..];
        }
    }

    /// <summary>A record that the entity's key forbids.</summary>
    public StoredRejectedRow Describe(RecordBatch batch, int record, KeyConflict conflict)
    {
        var key = fields.Where(f => f.Field.PrimaryKey).ToList();
        var value = Show(string.Join(", ", key.Select(f => Encoding.UTF8.GetString(batch.Text(record, f.Column)))));
        IReadOnlyList<RejectionReason> reasons = conflict.Code switch
        {
            FaultCode.KeyRepeated => [KeyReason(RejectionReasons.KeyRepeated(conflict.FirstRecordNumber))],
            FaultCode.KeyExists => [KeyReason(RejectionReasons.KeyExists())],
            _ => [.. unfilled.Select(name => new RejectionReason(conflict.Code.Name(), name, null, null, RejectionReasons.Describe(conflict.Code, null, null, default)))],
        };
        return Row(batch, record, reasons, textWithoutColumns: null);

        RejectionReason KeyReason(string message) => new(
            conflict.Code.Name(),
            string.Join(", ", key.Select(f => f.Field.SystemName)),
            string.Join(", ", key.Select(f => f.ColumnName)),
            value,
            message);
    }

    /// <summary>The reasons of a row as the error file shows them.</summary>
    public static string Join(IEnumerable<RejectionReason> reasons) => RejectionReasons.Join(
        reasons.Select(reason => RejectionReasons.Compose(reason.Field, reason.Message, Encoding.UTF8.GetBytes(reason.Value ?? ""))));

    private StoredRejectedRow Row(RecordBatch batch, int record, IReadOnlyList<RejectionReason> reasons, byte[]? textWithoutColumns)
    {
        // Bytes that are no character of the encoding cannot be written back into it: such a record must not look like a correct one there.
        if (textWithoutColumns is null && source.Encoding != FileEncoding.Utf8 && batch[record].Raw.Contains(Utf8Transcoder.NoCharacter))
            textWithoutColumns = batch[record].Raw.ToArray();
        var text = textWithoutColumns ?? ColumnsOf(batch, record);
        return new StoredRejectedRow(
            batch.RecordsBefore + record + 1, batch[record].LineNumber, reasons, text, HasColumns: textWithoutColumns is null);
    }

    private byte[] ColumnsOf(RecordBatch batch, int record)
    {
        using var shaped = new MemoryStream();
        RecordText.Append(shaped, batch, record, source.InputColumns);
        return shaped.ToArray();
    }

    private RejectionReason Describe(RecordBatch batch, ValueFault fault)
    {
        if (fault.Column < 0) return new RejectionReason(fault.Code.Name(), null, null, null, DescribeRecord(batch, fault));
        var bound = fields[fault.Column];
        var text = batch.Text(fault.Record, bound.Column);
        var message = RejectionReasons.Describe(fault.Code, bound.Field, bound.Converter, text);
        return new RejectionReason(fault.Code.Name(), bound.Field.SystemName, bound.ColumnName, RejectionReasons.Show(text), message);
    }

    private string DescribeRecord(RecordBatch batch, ValueFault fault)
    {
        var record = batch[fault.Record];
        var (line, column) = PlaceOfFault(batch, record);
        return fault.Code switch
        {
            FaultCode.RecordFields => RejectionReasons.RecordFields(source.Columns.Count, record.FieldCount),
            FaultCode.RecordTextAfterQuote => RejectionReasons.RecordTextAfterQuote(line, column),
            FaultCode.RecordUnclosedQuote => RejectionReasons.RecordUnclosedQuote(line, column),
            _ => RejectionReasons.Describe(fault.Code, null, null, default),
        };
    }

    /// <summary>The physical line and the character in it, both from 1, at which the quote at fault opened.</summary>
    private static (long Line, long Column) PlaceOfFault(RecordBatch batch, CsvRecord record)
    {
        var before = batch.Buffer.Span[record.Start..Math.Max(record.Start, record.FaultOffset)];
        var lineNumber = record.LineNumber;
        for (var end = before.IndexOfAny((byte)'\n', (byte)'\r'); end >= 0; end = before.IndexOfAny((byte)'\n', (byte)'\r'))
        {
            before = before[(end + (before[end..].StartsWith("\r\n"u8) ? 2 : 1))..];
            lineNumber++;
        }

        return (lineNumber, Encoding.UTF8.GetCharCount(before) + 1);
    }

    private static string Show(string value) => RejectionReasons.Show(Encoding.UTF8.GetBytes(value));
}

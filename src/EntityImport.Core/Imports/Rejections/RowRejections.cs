using System.Globalization;
using System.Text;
using EntityImport.Conversion;
using EntityImport.Conversion.Strings;
using EntityImport.Csv;
using EntityImport.Inputs;
using EntityImport.Rows;
using EntityImport.Storage;

namespace EntityImport.Imports.Rejections;

/// <summary>Turns the faults of records into what rejected rows are told: each row with every reason. Thread-safe.</summary>
/// <param name="input">The input.</param>
/// <param name="shape">What judges its records.</param>
/// <param name="fields">The fields that rows have values for.</param>
/// <param name="unfilled">The required fields that no column fills.</param>
/// <param name="kinds">Where the kinds of the reasons are kept.</param>
internal sealed class RowRejections(IInput input, RecordShape shape, IReadOnlyList<BoundField> fields, IReadOnlyList<string> unfilled, ReasonKinds kinds)
{
    private readonly IReadOnlyList<BoundField> _key = [.. fields.Where(f => f.Field.PrimaryKey)];

    /// <summary>Adds the rejected records of a batch, in file order.</summary>
    /// <param name="batch">The records.</param>
    /// <param name="faults">Their faults.</param>
    /// <param name="rows">Where they go.</param>
    /// <param name="added">Called after each of them.</param>
    public void Describe(RecordBatch batch, RecordFaults faults, RejectedRowsBuffer rows, Action added)
    {
        for (var rest = faults.SortByRecord(); !rest.IsEmpty;)
        {
            var record = rest[0].Record;
            var count = 1;
            while (count < rest.Length && rest[count].Record == record) count++;
            var isUncorrected = rest[0].Code == FaultCode.RecordUncorrected;
            var hasColumns = (!faults.IsUnreadable(record) || rest[0].Code is FaultCode.RecordEmpty or FaultCode.RecordHeader) && input.CanRepeat(batch, record);
            rows.Begin(batch.RecordsBefore + record + 1, input.LineOf(batch, record), count, hasColumns);
            foreach (var fault in rest[..count]) AddReason(rows, batch, fault);
            AddText(rows, batch, record, hasColumns, isUncorrected);
            rows.End();
            added();
            rest = rest[count..];
        }
    }

    /// <summary>Adds a record that the entity's key forbids.</summary>
    public void Describe(RecordBatch batch, int record, KeyConflict conflict, RejectedRowsBuffer rows)
    {
        var hasColumns = input.CanRepeat(batch, record);
        var isUnmapped = conflict.Code == FaultCode.RequiredUnmapped;
        rows.Begin(batch.RecordsBefore + record + 1, input.LineOf(batch, record), isUnmapped ? unfilled.Count : 1, hasColumns);
        if (isUnmapped)
        {
            for (var i = 0; i < unfilled.Count; i++) rows.AddReason(kinds.NumberOf(conflict.Code, i, hint: null, DescribeKind));
        }
        else
        {
            var value = Encoding.UTF8.GetBytes(string.Join(", ", _key.Select(f => Encoding.UTF8.GetString(f.Converter.TextAsRead(batch, record, f.Column)))));
            var kind = kinds.NumberOf(conflict.Code, 0, hint: null, DescribeKind);
            if (conflict.Code == FaultCode.KeyExists) rows.AddReason(kind, value);
            else if (conflict.Code == FaultCode.RecordTooLarge) rows.AddReason(kind, conflict.Figure);
            else rows.AddReason(kind, value, conflict.Figure);
        }

        AddText(rows, batch, record, hasColumns, isUncorrected: false);
        rows.End();
    }

    /// <summary>The reasons of a row as the error file shows them.</summary>
    public static string Join(IEnumerable<RejectionReason> reasons) => RejectionReasons.Join(
        reasons.Select(reason => RejectionReasons.Compose(reason.Field, reason.Message, Encoding.UTF8.GetBytes(reason.Value ?? ""))));

    private void AddText(RejectedRowsBuffer rows, RecordBatch batch, int record, bool hasColumns, bool isUncorrected)
    {
        if (hasColumns) input.Repeat(rows.Rows, batch, record);
        else if (isUncorrected) rows.Rows.Write(batch.Text(record, ErrorFileColumns.RecordTextColumn(input.Columns.Count, input.OwnColumns)));
        else WriteRaw(rows.Rows, batch[record].Raw);
    }

    /// <summary>Writes a record as it is, only that bytes which the file's encoding does not have are written out, since they cannot be written back into it.</summary>
    private static void WriteRaw(MemoryStream rows, ReadOnlySpan<byte> raw)
    {
        for (var marker = raw.IndexOf(BadBytes.Marker); marker >= 0; marker = raw.IndexOf(BadBytes.Marker))
        {
            var (bad, length) = BadBytes.Read(raw[marker..]);
            if (length < BadBytes.MarkBytes) break;
            rows.Write(raw[..marker]);
            rows.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"\\x{bad:X2}")));
            raw = raw[(marker + length)..];
        }

        rows.Write(raw);
    }

    private void AddReason(RejectedRowsBuffer rows, RecordBatch batch, ValueFault fault)
    {
        if (fault.Column < 0)
        {
            AddRecordReason(rows, batch, fault);
            return;
        }

        var text = fields[fault.Column].Converter.TextAsRead(batch, fault.Record, fields[fault.Column].Column);
        if (fault.Code == FaultCode.StringLength)
            rows.AddReason(kinds.NumberOf(fault.Code, fault.Column, hint: null, DescribeKind), text, StringConverter.CountCharacters(text));
        else
            rows.AddReason(kinds.NumberOf(fault.Code, fault.Column, fields[fault.Column].Converter.Hint(text, fault.Code), DescribeKind), text);
    }

    private void AddRecordReason(RejectedRowsBuffer rows, RecordBatch batch, ValueFault fault)
    {
        var record = batch[fault.Record];
        var kind = kinds.NumberOf(fault.Code, fault.Code == FaultCode.RecordFields ? (int)CountOf(record) : 0, hint: null, DescribeKind);
        switch (fault.Code)
        {
            case FaultCode.RecordFields when record.FieldCount != 1:
                rows.AddReason(kind, record.FieldCount);
                break;
            case FaultCode.RecordTextAfterQuote or FaultCode.RecordUnclosedQuote:
                var (line, column) = input.PlaceOfFault(batch, fault.Record);
                rows.AddReason(kind, line, column);
                break;
            default:
                rows.AddReason(kind);
                break;
        }
    }

    private FieldCountKind CountOf(BatchRecord record) => record.FieldCount == 1 ? FieldCountKind.One
        : record.FieldCount <= input.Columns.Count || !shape.HasEmptySurplus(record) ? FieldCountKind.Other
        : record.FieldCount == input.Columns.Count + 1 ? FieldCountKind.EmptyLast : FieldCountKind.EmptySurplus;

    private ReasonKind DescribeKind(FaultCode code, int field, string? hint)
    {
        switch (code)
        {
            case FaultCode.RecordFields:
                return new ReasonKind(code.Name(), null, null, RejectionReasons.RecordFieldsPieces(input.Columns.Count, (FieldCountKind)field));
            case FaultCode.RecordTextAfterQuote:
                return new ReasonKind(code.Name(), null, null, RejectionReasons.RecordTextAfterQuotePieces);
            case FaultCode.RecordUnclosedQuote:
                return new ReasonKind(code.Name(), null, null, RejectionReasons.RecordUnclosedQuotePieces(input.MaxRecordBytes, input.MultilineFields));
            case FaultCode.RecordTooLong:
                return new ReasonKind(code.Name(), null, null, [RejectionReasons.RecordTooLong(input.MaxRecordBytes)]);
            case FaultCode.RecordUncorrected or FaultCode.RecordEmpty or FaultCode.RecordHeader:
                return new ReasonKind(code.Name(), null, null, [RejectionReasons.Describe(code, null, null, hint: null)]);
            case FaultCode.RequiredUnmapped:
                return new ReasonKind(code.Name(), unfilled[field], null, [RejectionReasons.Describe(code, null, null, hint: null)]);
            case FaultCode.RecordTooLarge:
                return new ReasonKind(code.Name(), null, null, RejectionReasons.RecordTooLargePieces);
            case FaultCode.KeyRepeated or FaultCode.KeyExists or FaultCode.KeyTooLong:
                return new ReasonKind(
                    code.Name(),
                    ShownText.Join(_key.Select(f => f.Field.SystemName), ", ", Limits.ReasonCharacters),
                    ShownText.Join(_key.Select(f => f.ColumnName).OfType<string>(), ", ", Limits.ReasonCharacters),
                    code switch { FaultCode.KeyRepeated => RejectionReasons.KeyRepeatedPieces, FaultCode.KeyTooLong => RejectionReasons.KeyTooLongPieces, _ => [RejectionReasons.KeyExists()] });
            default:
                var bound = fields[field];
                return new ReasonKind(
                    code.Name(), bound.Field.SystemName, bound.ColumnName,
                    code == FaultCode.StringLength ? RejectionReasons.StringLengthPieces(bound.Field) : [RejectionReasons.Describe(code, bound.Field, bound.Converter, hint)]);
        }
    }
}

using System.Text;
using EntityImport.Conversion.Ambiguity;
using EntityImport.Entities;
using EntityImport.Imports.Rejections;
using EntityImport.Inputs;
using EntityImport.Mappings;
using EntityImport.Rows;

namespace EntityImport.Imports.Running;

/// <summary>Shows rows as an import would read them: found, judged, converted and worded by the import's own parts.</summary>
internal static class FilePreview
{
    /// <summary>The most characters of a text that are shown; of a longer one, the beginning and <c>…</c>.</summary>
    private const int MaxCharacters = 4_096;

    /// <summary>Reads rows.</summary>
    /// <param name="beginning">The file, or its beginning.</param>
    /// <param name="definition">How it is to be read.</param>
    /// <param name="fields">What goes where; empty where nothing is to be converted.</param>
    /// <param name="from">The first row, from 1.</param>
    /// <param name="rows">How many, at most.</param>
    /// <param name="bytes">How many bytes of rows, at most; a single row may have more.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static Preview Read(InputBeginning beginning, ImportDefinition definition, IReadOnlyList<BoundField> fields, long from, int rows, int bytes, CancellationToken cancellationToken)
    {
        var input = beginning.Input;
        var shown = new List<PreviewRow>();
        var reader = input.CreateReader();
        var shape = new RecordShape(input.Columns, definition.Layout.HasHeader, definition.RaggedRows);
        var conversion = new BatchConversion(shape, definition, fields);
        var kinds = new ReasonKinds();
        var rejections = new RowRejections(input, shape, fields, unfilled: [], kinds);
        var end = Math.Min(beginning.Records, from + rows - 1);
        for (var part = 0; part < input.Parts.Count && shown.Count < rows && bytes > 0; part++)
        {
            var (before, count) = input.Parts[part];
            if (before + count < from || before >= end) continue;
            reader.Open(part);
            while (bytes > 0 && reader.Read())
            {
                cancellationToken.ThrowIfCancellationRequested();
                var batch = reader.Batch;
                if (batch.RecordsBefore + batch.Count < from) continue;
                if (batch.RecordsBefore >= end) break;
                conversion.Convert(batch, cancellationToken);
                using var rejected = new RejectedRowsBuffer();
                rejections.Describe(batch, conversion.Faults, rejected, () => { });
                var reasons = RejectedRowsReader.ReadAll(rejected.Rows, kinds.All).ToDictionary(row => row.Row, row => row.Reasons);
                for (var record = (int)Math.Max(0, from - 1 - batch.RecordsBefore); record < batch.Count && batch.RecordsBefore + record < end && bytes > 0; record++)
                {
                    shown.Add(Show(batch, record, reasons.GetValueOrDefault(batch.RecordsBefore + record + 1, [])));
                    bytes -= batch[record].Raw.Length;
                }
            }
        }

        return new Preview
        {
            Columns = [.. Columns().Select(column => column with { Refused = shown.Sum(row => row.Fields.LongCount(field => field.Field is not null && field.Field == column.Field && field.Fault is not null)) })],
            Rows = shown,
            Records = beginning.IsWhole ? input.RecordCount : null,
            HasMore = !beginning.IsWhole || from + shown.Count <= input.RecordCount,
        };

        // Each column of the file in its order, with each field that it goes into.
        IEnumerable<PreviewColumn> Columns() =>
            from column in Enumerable.Range(0, input.Columns.Count)
            from bound in fields.Where(f => f.Column == column).DefaultIfEmpty()
            select new PreviewColumn(input.Columns[column], bound?.Field.SystemName, bound?.Field.DataType, Refused: 0);

        PreviewRow Show(RecordBatch batch, int record, IReadOnlyList<RejectionReason> reasons)
        {
            var row = batch[record];
            var isReadable = !conversion.Faults.IsUnreadable(record);
            var texts = new List<PreviewField>();
            for (var column = 0; isReadable && column < input.Columns.Count; column++)
            {
                var raw = column < row.FieldCount ? Cut(row[column]) : null;
                var bindings = Enumerable.Range(0, fields.Count).Where(i => fields[i].Column == column).ToList();
                if (bindings.Count == 0) texts.Add(new PreviewField(input.Columns[column], raw, Field: null, Value: null, Fault: null));
                foreach (var i in bindings)
                {
                    var field = fields[i].Field;
                    var fault = reasons.FirstOrDefault(reason => reason.Field == field.SystemName);
                    texts.Add(new PreviewField(input.Columns[column], raw, field.SystemName, fault is null ? ValueOf(batch, record, conversion.Columns[i]) : null, fault));
                }
            }

            return new PreviewRow(batch.RecordsBefore + record + 1, input.LineOf(batch, record), Cut(row.Raw), texts, isReadable || reasons.Count == 0 ? null : reasons[0]);
        }
    }

    /// <summary>A value as text: numbers plain, dates in ISO 8601; null where it is null.</summary>
    private static string? ValueOf(RecordBatch batch, int record, ColumnVector column)
    {
        if (column.IsNull(record)) return null;
        return column.Field.DataType == DataType.String ? Cut(StoredValue.TextOf(batch, column, record)) : WithScale(StoredValue.Show(column, record), column.Field);
    }

    /// <summary>A number with as many decimals as records have it with.</summary>
    private static string WithScale(string value, FieldDefinition field)
    {
        if (field.DataType is not (DataType.Decimal or DataType.Currency or DataType.Percent) || field.Scale == 0) return value;
        var point = value.IndexOf('.', StringComparison.Ordinal);
        return point < 0 ? $"{value}.{new string('0', field.Scale)}" : value.PadRight(point + 1 + field.Scale, '0');
    }

    /// <summary>A text as it is shown, of which no more is decoded than that.</summary>
    private static string Cut(ReadOnlySpan<byte> text)
    {
        var decoded = Encoding.UTF8.GetString(text[..Math.Min(text.Length, 4 * MaxCharacters)]);
        return decoded.Length <= MaxCharacters ? decoded : ShownText.Fit(decoded, MaxCharacters);
    }
}

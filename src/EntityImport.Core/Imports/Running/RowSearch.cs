using System.Globalization;
using System.Text;
using EntityImport.Conversion.Ambiguity;
using EntityImport.Entities;
using EntityImport.Inputs;
using EntityImport.Mappings;
using EntityImport.Rows;

namespace EntityImport.Imports.Running;

/// <summary>Finds the row of a file that has made the record of a key what it is: read and converted by the import's own parts.</summary>
/// <remarks>Only columns of the key are converted, and the others of the batches in which it is found, since a row that was rejected has made nothing.</remarks>
internal static class RowSearch
{
    /// <summary>Finds it.</summary>
    /// <param name="input">The file.</param>
    /// <param name="definition">How it was read.</param>
    /// <param name="fields">What went where.</param>
    /// <param name="key">The values of the key's fields by name, as records are read.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The row, from 1, and the line on which it begins; null where there is none.</returns>
    public static (long Row, long Line)? Find(IInput input, ImportDefinition definition, IReadOnlyList<BoundField> fields, IReadOnlyDictionary<string, string> key, CancellationToken cancellationToken)
    {
        var shape = new RecordShape(input.Columns, definition.Layout.HasHeader, definition.RaggedRows);
        BoundField[] keyFields = [.. fields.Where(field => field.Field.PrimaryKey)];
        var values = keyFields.Select(field => new KeyValue(field.Field, key[field.Field.SystemName])).ToArray();
        var keys = new BatchConversion(shape, definition, keyFields);
        var all = new BatchConversion(shape, definition, fields);
        var reader = input.CreateReader();
        // Of rows with one key the last wins in an UPSERT, and else the first, because the others are rejected.
        var lastWins = definition.Mode == ImportMode.Upsert;
        for (var i = 0; i < input.Parts.Count; i++)
        {
            reader.Open(lastWins ? input.Parts.Count - 1 - i : i);
            (long, long)? found = null;
            while (reader.Read())
            {
                cancellationToken.ThrowIfCancellationRequested();
                var batch = reader.Batch;
                keys.Convert(batch, cancellationToken);
                var matching = Enumerable.Range(0, batch.Count).Where(record => !keys.Faults.IsRejected(record) && values.Index().All(value => value.Item.Is(batch, keys.Columns[value.Index], record))).ToList();
                if (matching.Count == 0) continue;
                all.Convert(batch, cancellationToken);
                matching.RemoveAll(all.Faults.IsRejected);
                if (matching.Count == 0) continue;
                var winner = lastWins ? matching[^1] : matching[0];
                found = (batch.RecordsBefore + winner + 1, input.LineOf(batch, winner));
                if (!lastWins) return found;
            }

            if (found is not null) return found;
        }

        return null;
    }

    /// <summary>A value of a key, to be compared with converted ones.</summary>
    private sealed class KeyValue(FieldDefinition field, string text)
    {
        private readonly byte[] _bytes = Encoding.UTF8.GetBytes(text);

        // Records show all decimals of a number, and converted values those that it needs.
        private readonly string _plain = field.IsDecimal && text.Contains('.', StringComparison.Ordinal) ? text.TrimEnd('0').TrimEnd('.') : text;

        public bool Is(RecordBatch batch, ColumnVector column, int record)
        {
            if (column.IsNull(record)) return false;
            switch (field.DataType)
            {
                case DataType.String:
                    return StoredValue.TextOf(batch, column, record).SequenceEqual(_bytes);
                case DataType.Double:
                    return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && column.Values<double>()[record].Equals(number);
                default:
                    return StoredValue.Show(column, record) == _plain;
            }
        }
    }
}

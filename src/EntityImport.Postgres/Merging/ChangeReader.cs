using System.Globalization;
using System.Text;
using EntityImport.Changes;
using EntityImport.Entities;
using EntityImport.Postgres.Connections;
using EntityImport.Storage;
using Npgsql;

namespace EntityImport.Postgres.Merging;

/// <summary>Reads the table of a plan into batches, no more of it at once than one of them.</summary>
internal static class ChangeReader
{
    /// <summary>Reads the records that change, and the keys of those that come and go.</summary>
    /// <param name="merge">A transaction that sees the table.</param>
    /// <param name="order">What was loaded for the plan.</param>
    /// <param name="kinds">How many rows of each kind the table has.</param>
    /// <param name="batch">What is filled.</param>
    /// <param name="withKeys">Whether records that come and go are read.</param>
    /// <param name="take">Looks at the batch.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="LedgerException">Not all of them were read: what is judged by them must not be judged by some.</exception>
    public static async Task ReadAsync(PostgresMerge merge, LoadOrder order, Dictionary<int, long> kinds, ChangeBatch batch, bool withKeys, Action take, CancellationToken cancellationToken)
    {
        foreach (var kind in withKeys ? [ChangeKind.Updated, ChangeKind.Removed, ChangeKind.Inserted] : new[] { ChangeKind.Updated })
        {
            var expected = kinds.GetValueOrDefault((int)kind);
            if (expected == 0) continue;
            var read = await ReadAsync(merge, order, kind, expected, batch, take, cancellationToken).ConfigureAwait(false);
            if (read != expected)
                throw new LedgerException(string.Create(CultureInfo.InvariantCulture, $"What the plan keeps was not read whole, so nothing was written: of {expected} records of a kind {read} were read."));
        }
    }

    /// <summary>Reads the records of a kind; answers how many they were.</summary>
    private static async Task<long> ReadAsync(PostgresMerge merge, LoadOrder order, ChangeKind kind, long expected, ChangeBatch batch, Action take, CancellationToken cancellationToken)
    {
        var table = merge.Table;
        // Of a record that goes there is nothing but what it had.
        var values = batch.Keys.Select(key => (Values: key, Sql: kind == ChangeKind.Removed ? PlanTable.Old(table, key.Field) : table.Column(key.Field))).ToList();
        if (kind == ChangeKind.Updated)
        {
            foreach (var (before, after) in batch.Columns)
            {
                values.Add((before, PlanTable.Old(table, before.Field)));
                values.Add((after, order.Fields.Any(f => f.Field == after.Field) ? table.Column(after.Field) : Sql.Null(after.Field)));
            }
        }

        var (read, filled) = (0L, 0);
        await merge.Session.ReadAsync(
            // Something is to be read also where there is no key.
            $"SELECT {string.Join(", ", values.Select(value => Measure(value.Values.Field, value.Sql)).Append(PlanTable.Kind))} FROM {PlanTable.Name(order.PlanId!.Value)} WHERE {PlanTable.Kind} = {(int)kind}", [],
            row =>
            {
                if (filled == 0) batch.Begin(kind, (int)Math.Clamp(expected - read, 1, ChangeBatch.Capacity));
                for (var i = 0; i < values.Count; i++) Set(values[i].Values, filled, row, i);
                filled++;
                read++;
                if (filled < batch.Count) return;
                filled = 0;
                take();
            },
            cancellationToken).ConfigureAwait(false);
        return read;
    }

    /// <summary>The expression for a value as the number or text that a batch takes.</summary>
    private static string Measure(FieldDefinition field, string column) => field.DataType switch
    {
        DataType.Date => $"({column} - DATE '1970-01-01')::bigint",
        DataType.DateTime => $"(extract(epoch FROM {column}) * 1000000)::bigint",
        DataType.Boolean => $"{column}::integer::bigint",
        _ when field.IsDecimal => $"trunc({column} * 1{new string('0', field.Scale)}::numeric)::text",
        _ => column,
    };

    private static void Set(ChangeValues values, int record, NpgsqlDataReader row, int column)
    {
        if (row.IsDBNull(column))
        {
            values.SetNull(record);
            return;
        }

        switch (values.Kind)
        {
            case ChangeValueKind.Text: values.SetText(record, Encoding.UTF8.GetBytes(row.GetString(column))); break;
            case ChangeValueKind.Binary: values.Binary[record] = row.GetDouble(column); break;
            case ChangeValueKind.Scaled: values.Scaled[record] = Int128.Parse(row.GetString(column), CultureInfo.InvariantCulture); break;
            default: values.Whole[record] = row.GetInt64(column); break;
        }
    }
}

using System.Globalization;
using System.Text;
using EntityImport.Entities;
using EntityImport.Postgres.Catalog;
using EntityImport.Postgres.Connections;
using EntityImport.SqlStores;
using EntityImport.Storage;

namespace EntityImport.Postgres;

/// <summary>Takes in what another store holds, in one transaction: all of it, read back and compared, or nothing.</summary>
internal sealed class Intake
{
    private readonly Session _session;
    private readonly Dictionary<string, EntityTable> _entities = new(StringComparer.OrdinalIgnoreCase);

    private Intake(Session session) => _session = session;

    /// <summary>Takes it in; answers each table with the number of its rows.</summary>
    /// <param name="session">The session, in a transaction, on a store that knows of nothing.</param>
    /// <param name="entities">The entities.</param>
    /// <param name="before">Of which imports it is kept what records were.</param>
    /// <param name="tables">The tables.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="StoreNotOpenedException">What was read back is something else.</exception>
    public static async Task<IReadOnlyList<(StoredTable Table, long Rows)>> RunAsync(
        Session session, IReadOnlyList<EntityDefinition> entities, IReadOnlyList<StoredBeforeImage> before, IReadOnlyList<StoredTable> tables, CancellationToken cancellationToken)
    {
        var intake = new Intake(session);
        foreach (var entity in entities)
        {
            await RecordTables.SaveAsync(session, entity, cancellationToken).ConfigureAwait(false);
            intake._entities[entity.SystemName] = await EntityTable.ReadAsync(session, entity, cancellationToken).ConfigureAwait(false);
        }

        foreach (var image in before)
        {
            var whole = image.IsWhole ? NameOfWhole(intake._entities[image.Entity].Number, image.Import) : null;
            await session.ExecuteAsync("INSERT INTO eis.before_image (import, entity, whole_table, records) VALUES ($1, $2, $3, $4)", [image.Import, image.Entity, whole, image.Records], cancellationToken).ConfigureAwait(false);
        }

        var taken = new List<(StoredTable Table, long Rows)>();
        foreach (var table in tables) taken.Add((table, await intake.TakeAsync(table, cancellationToken).ConfigureAwait(false)));
        // Numbers go on where they ended.
        await session.ExecuteAsync("UPDATE eis.counter SET last = coalesce((SELECT max(sequence) FROM eis.import), 0) WHERE name = 'import'", cancellationToken).ConfigureAwait(false);
        return taken;
    }

    private static string NameOfWhole(long number, long import) => string.Create(CultureInfo.InvariantCulture, $"w{number}_of_{import}");

    private async Task<long> TakeAsync(StoredTable table, CancellationToken cancellationToken)
    {
        var name = NameOf(table);
        if (table.Kind == StoredTableKind.Whole) await RecordTables.CreateAsync(_session, TableOf(table).With(NameOfWhole(TableOf(table).Number, table.Import)), cancellationToken).ConfigureAwait(false);
        if (table.Kind == StoredTableKind.Plan)
        {
            await TableOf(table).MakeAsync(_session, name, $"CREATE TABLE {name} ({string.Join(", ", table.Columns.Select(column => $"{ColumnOf(table, column)} {TypeOf(column)}"))})", cancellationToken).ConfigureAwait(false);
            await TableOf(table).NoteInPlanAsync(_session, name, cancellationToken).ConfigureAwait(false);
        }

        var sent = new RowSum(table.Columns);
        await _session.CopyTextAsync($"COPY {name} ({string.Join(", ", table.Columns.Select(column => ColumnOf(table, column)))}) FROM STDIN", Lines(), cancellationToken).ConfigureAwait(false);
        if (table.Kind == StoredTableKind.Whole) await RecordTables.AddKeyAsync(_session, TableOf(table).With(NameOfWhole(TableOf(table).Number, table.Import)), cancellationToken).ConfigureAwait(false);

        var found = new RowSum(table.Columns);
        var row = new string?[table.Columns.Count];
        await _session.ReadAsync(
            $"SELECT {string.Join(", ", table.Columns.Select(column => TextOf(table, column)))} FROM {name}", [],
            reader =>
            {
                for (var i = 0; i < row.Length; i++) row[i] = reader.IsDBNull(i) ? null : reader.GetString(i);
                found.Add(row);
            },
            cancellationToken).ConfigureAwait(false);
        if (!found.IsSameAs(sent)) throw new StoreNotOpenedException(string.Create(CultureInfo.InvariantCulture, $"Of {name}, {sent.Rows} rows were sent and {found.Rows} read back, and they are not the same. Nothing was taken in."));
        return sent.Rows;

        IEnumerable<string> Lines()
        {
            var line = new StringBuilder();
            foreach (var values in table.Read())
            {
                sent.Add(values);
                line.Clear();
                for (var i = 0; i < values.Length; i++)
                {
                    if (i > 0) line.Append('\t');
                    Append(line, table.Columns[i].Field?.DataType == DataType.DateTime && values[i] is { } time ? TimeOf(time) : values[i]);
                }

                yield return line.Append('\n').ToString();
            }
        }
    }

    private EntityTable TableOf(StoredTable table) => _entities[table.Entity!.SystemName];

    private string NameOf(StoredTable table) => table.Kind switch
    {
        StoredTableKind.Catalog => $"eis.{table.Name}",
        StoredTableKind.Records => TableOf(table).Table,
        StoredTableKind.Before => TableOf(table).Before,
        StoredTableKind.Whole => EntityTable.InData(NameOfWhole(TableOf(table).Number, table.Import)),
        _ => PlanTable.Name(table.PlanId),
    };

    private string ColumnOf(StoredTable table, StoredColumn column) => column switch
    {
        { Field: { } field, Name: StoredColumn.Old } => PlanTable.Old(TableOf(table), field),
        { Field: { } field } => TableOf(table).Column(field),
        { Name: StoredColumn.Version } => Sql.Version,
        { Name: StoredColumn.Was } => BeforeTables.Was,
        { Name: StoredColumn.Became } => BeforeTables.Became,
        { Name: StoredColumn.Kind } when table.Kind == StoredTableKind.Plan => PlanTable.Kind,
        { Name: StoredColumn.RowNumber } => Sql.RowNumber,
        _ => column.Name,
    };

    private static string TypeOf(StoredColumn column) => column.Field is { } field ? Sql.Type(field) : column.Name == StoredColumn.Kind ? "smallint" : "bigint";

    private string TextOf(StoredTable table, StoredColumn column) => column.Field?.DataType switch
    {
        DataType.DateTime => $"(extract(epoch FROM {ColumnOf(table, column)}) * 1000000)::bigint::text",
        DataType.Date => $"to_char({ColumnOf(table, column)}, 'YYYY-MM-DD')",
        _ => $"{ColumnOf(table, column)}::text",
    };

    private static string TimeOf(string microseconds) =>
        DateTime.UnixEpoch.AddTicks(long.Parse(microseconds, CultureInfo.InvariantCulture) * TimeSpan.TicksPerMicrosecond).ToString("yyyy-MM-dd HH:mm:ss.ffffff'+00'", CultureInfo.InvariantCulture);

    /// <summary>Adds a value in the form of COPY.</summary>
    private static void Append(StringBuilder line, string? value)
    {
        if (value is null)
        {
            line.Append(@"\N");
            return;
        }

        foreach (var character in value)
        {
            _ = character switch
            {
                '\\' => line.Append(@"\\"),
                '\t' => line.Append(@"\t"),
                '\n' => line.Append(@"\n"),
                '\r' => line.Append(@"\r"),
                _ => line.Append(character),
            };
        }
    }
}

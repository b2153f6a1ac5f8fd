using System.Text.Json;
using EntityImport.Entities;
using EntityImport.SqlStores;

namespace EntityImport.Postgres.Connections;

/// <summary>Where the records of an entity are: its table as it is at the moment, and its columns. Immutable.</summary>
/// <remarks>
/// The table changes where all records are replaced: the new one is filled beside it, and takes its place by one change of the catalog. So whoever reads records reads the table's name in the same transaction.
/// </remarks>
internal sealed class EntityTable
{
    private readonly Dictionary<string, string> _columns = new(StringComparer.OrdinalIgnoreCase);

    private EntityTable(EntityDefinition entity, long number, string tableName, IEnumerable<string> columns)
    {
        Entity = entity;
        Number = number;
        TableName = tableName;
        foreach (var (index, name) in columns.Index()) _columns[name] = ColumnAt(index);
    }

    /// <summary>The entity.</summary>
    public EntityDefinition Entity { get; }

    /// <summary>The entity's number, which its tables are named by.</summary>
    public long Number { get; }

    /// <summary>The table's name in its schema.</summary>
    public string TableName { get; }

    /// <summary>The table of the records.</summary>
    public string Table => InData(TableName);

    /// <summary>The table of what they were before imports changed them.</summary>
    public string Before => BeforeOf(Number);

    /// <summary>The fields of the key as columns.</summary>
    public string Key => Columns(Entity.Key);

    /// <summary>The condition that <see cref="Sql.Target"/> and <see cref="Sql.Row"/> have the same key; keys are never null.</summary>
    public string SameKey => string.Join(" AND ", Entity.Key.Select(f => $"{Sql.Target}.{Column(f)} = {Sql.Row}.{Column(f)}"));

    /// <summary>The condition that a <see cref="Sql.Target"/> of an outer join is none.</summary>
    public string IsNew => $"{Sql.Target}.{Column(Entity.Key.First())} IS NULL";

    /// <summary>The columns of a table of records. Those of a key say at once that they are never null: a key that is added later would read the whole table for it once more.</summary>
    public string RecordColumns => $"{string.Join(", ", Entity.Fields.Select(f => $"{Column(f)} {Sql.Type(f)}{(f.PrimaryKey ? " NOT NULL" : "")}"))}, {Sql.Version} bigint NOT NULL";

    /// <summary>The table of what an entity's records were.</summary>
    public static string BeforeOf(long number) => InData($"b{Sql.Text(number)}");

    /// <summary>A table of the schema of records.</summary>
    public static string InData(string name) => $"{Sql.DataSchema}.{name}";

    /// <summary>The column of the field that was declared at a place, from 0.</summary>
    public static string ColumnAt(int index) => $"f{Sql.Text(index + 1L)}";

    /// <summary>A new entity's table, or that of a new definition of an entity.</summary>
    public static EntityTable Of(EntityDefinition entity, long number, string tableName, IEnumerable<string> columns) => new(entity, number, tableName, columns);

    /// <summary>Where an entity's records are, as the session's transaction sees it; null where there is no such entity.</summary>
    /// <param name="session">The session.</param>
    /// <param name="entity">The entity, whose fields are some of those that it has.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static async Task<EntityTable?> FindAsync(Session session, EntityDefinition entity, CancellationToken cancellationToken) => (await session.QueryAsync(
        "SELECT number, table_name, columns FROM eis.entity WHERE name = $1", [CatalogStatements.Key(entity.SystemName)],
        row => new EntityTable(entity, row.GetInt64(0), row.GetString(1), row.GetFieldValue<string[]>(2)), cancellationToken).ConfigureAwait(false)).SingleOrDefault();

    /// <summary>The same of an entity that must be there.</summary>
    /// <exception cref="InvalidOperationException">It is not.</exception>
    public static async Task<EntityTable> ReadAsync(Session session, EntityDefinition entity, CancellationToken cancellationToken) =>
        await FindAsync(session, entity, cancellationToken).ConfigureAwait(false) ?? throw new InvalidOperationException($"The entity {entity.SystemName} is not in the catalog.");

    /// <summary>The columns of the table of what a plan keeps, as they were the entity's when it was made: a field may have had another one since, or none.</summary>
    /// <param name="session">The session.</param>
    /// <param name="planId">The plan.</param>
    /// <param name="entity">The entity as it was.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static async Task<EntityTable> OfPlanAsync(Session session, Guid planId, EntityDefinition entity, CancellationToken cancellationToken)
    {
        var noted = await session.QueryAsync(
            "SELECT pg_catalog.obj_description(pg_catalog.to_regclass($1), 'pg_class')", [PlanTable.Name(planId)], row => row.IsDBNull(0) ? null : row.GetString(0), cancellationToken).ConfigureAwait(false);
        // Plans of earlier versions have no note.
        if (noted[0] is not { } columns) return await ReadAsync(session, entity, cancellationToken).ConfigureAwait(false);
        return new EntityTable(entity, number: 0, PlanTable.NameInSchema(planId), JsonSerializer.Deserialize<string[]>(columns)!);
    }

    /// <summary>Notes the columns of the entity with the table of what a plan keeps; see <see cref="OfPlanAsync"/>.</summary>
    public Task NoteInPlanAsync(Session session, string planTable, CancellationToken cancellationToken) =>
        session.ExecuteAsync($"COMMENT ON TABLE {planTable} IS {Sql.Text(JsonSerializer.Serialize(_columns.Keys))}", cancellationToken);

    /// <summary>Whether any record is there.</summary>
    /// <param name="session">The connection, which keeps the table from being dropped as long as its transaction.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<bool> HasRecordsAsync(Session session, CancellationToken cancellationToken) =>
        await session.CountAsync($"SELECT count(*) FROM (SELECT 1 FROM {Table} LIMIT 1) one", cancellationToken).ConfigureAwait(false) > 0;

    /// <summary>
    /// Makes a table that holds records of the entity, or what a run finds out about them. Every such table is made here: where the database is spread over several servers (Citus), it is put whole onto the one that has the others of the
    /// entity, so that statements about them run there, and readers see all of a commit or nothing of it.
    /// </summary>
    /// <param name="session">The session, in a transaction or not.</param>
    /// <param name="table">The table's name.</param>
    /// <param name="sql">The statement that makes it.</param>
    /// <param name="cancellationToken">Interrupts it.</param>
    /// <remarks>The table of what records were is the first that an entity has, and the last: the others stand beside it, also where that is not placed, because the entity is older than Citus there.</remarks>
    public async Task MakeAsync(Session session, string table, string sql, CancellationToken cancellationToken)
    {
        await session.ExecuteAsync(sql, cancellationToken).ConfigureAwait(false);
        if (!session.IsSpread) return;
        await session.QueryAsync(
            """
            SELECT pg_catalog.create_distributed_table($1::regclass, NULL, colocate_with => $2)
            WHERE NOT EXISTS (SELECT 1 FROM pg_catalog.pg_dist_partition WHERE logicalrelid = $1::regclass)
            AND ($2 = 'none' OR EXISTS (SELECT 1 FROM pg_catalog.pg_dist_partition WHERE logicalrelid = pg_catalog.to_regclass($2)))
            """,
            [table, table == Before ? "none" : Before], _ => 0, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The same with another table.</summary>
    public EntityTable With(string tableName) => new(Entity, Number, tableName, _columns.Keys);

    /// <summary>A field's column.</summary>
    public string Column(FieldDefinition field) => _columns[field.SystemName];

    /// <summary>A list of columns, each with an alias before it.</summary>
    public string Columns(IEnumerable<FieldDefinition> fields, string alias = "") => string.Join(", ", fields.Select(f => alias + Column(f)));

    /// <summary>The columns of fields with their types.</summary>
    public string ColumnTypes(IEnumerable<FieldDefinition> fields) => string.Join(", ", fields.Select(f => $"{Column(f)} {Sql.Type(f)}"));
}

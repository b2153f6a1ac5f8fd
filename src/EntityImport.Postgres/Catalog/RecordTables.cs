using EntityImport.Entities;
using EntityImport.Postgres.Connections;
using EntityImport.SqlStores;

namespace EntityImport.Postgres.Catalog;

/// <summary>The tables that hold entities' records, and what these were before imports, and the views by which users see records: with the names of entity and fields.</summary>
internal static class RecordTables
{
    /// <summary>Makes an entity's tables and view, or brings them to a new definition: further columns. Types do not change where lengths and digits do.</summary>
    /// <param name="session">The session, in a transaction.</param>
    /// <param name="entity">The entity as it is to be.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static async Task SaveAsync(Session session, EntityDefinition entity, CancellationToken cancellationToken)
    {
        var name = CatalogStatements.Key(entity.SystemName);
        var existing = (await session.QueryAsync(
            "SELECT number, table_name, columns, document FROM eis.entity WHERE name = $1 FOR UPDATE", [name],
            row => (Number: row.GetInt64(0), Table: row.GetString(1), Columns: row.GetFieldValue<string[]>(2), Entity: CatalogJson.Parse<EntityDefinition>(row.GetString(3))), cancellationToken).ConfigureAwait(false)).SingleOrDefault();
        if (existing.Columns is null)
        {
            var number = await NextNumberAsync(session, "entity", cancellationToken).ConfigureAwait(false);
            var made = EntityTable.Of(entity, number, NameOf(number, epoch: 0), entity.Fields.Select(field => field.SystemName));
            await made.MakeAsync(session, made.Before, $"CREATE TABLE {made.Before} ({Sql.Version} bigint NOT NULL, {BeforeTables.Was} bigint NOT NULL, {BeforeTables.Became} bigint NOT NULL, {made.ColumnTypes(entity.Fields)})", cancellationToken).ConfigureAwait(false);
            await session.ExecuteAsync($"CREATE INDEX ON {made.Before} ({Sql.Version})", cancellationToken).ConfigureAwait(false);
            await CreateAsync(session, made, cancellationToken).ConfigureAwait(false);
            await AddKeyAsync(session, made, cancellationToken).ConfigureAwait(false);
            await session.ExecuteAsync(
                "INSERT INTO eis.entity (name, number, table_name, columns, document) VALUES ($1, $2, $3, $4, $5)",
                [name, number, made.TableName, entity.Fields.Select(field => field.SystemName).ToList(), CatalogJson.Write(entity)], cancellationToken).ConfigureAwait(false);
            await ShowAsync(session, made, entity, cancellationToken).ConfigureAwait(false);
            return;
        }

        var added = entity.Fields.Where(field => existing.Entity.FindField(field.SystemName) is null).ToList();
        // Columns keep the order in which fields came.
        var columns = existing.Columns.Concat(added.Select(field => field.SystemName)).ToList();
        var table = EntityTable.Of(entity, existing.Number, existing.Table, columns);
        if (added.Count > 0)
        {
            var whole = await BeforeTables.ListWholeAsync(session, entity.SystemName, cancellationToken).ConfigureAwait(false);
            foreach (var altered in whole.Select(before => EntityTable.InData(before.Table)).Append(table.Table).Append(table.Before))
                await session.ExecuteAsync($"ALTER TABLE {altered} {string.Join(", ", added.Select(field => $"ADD COLUMN {table.Column(field)} {Sql.Type(field)}"))}", cancellationToken).ConfigureAwait(false);
        }

        await session.ExecuteAsync("UPDATE eis.entity SET columns = $2, document = $3 WHERE name = $1", [name, columns, CatalogJson.Write(entity)], cancellationToken).ConfigureAwait(false);
        await ShowAsync(session, table, entity, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Drops an entity's tables with its records, and its view; nothing happens where there are none.</summary>
    public static async Task DropAsync(Session session, string systemName, CancellationToken cancellationToken)
    {
        var name = CatalogStatements.Key(systemName);
        var existing = (await session.QueryAsync(
            "DELETE FROM eis.entity WHERE name = $1 RETURNING number, table_name, document", [name],
            row => (Number: row.GetInt64(0), Table: row.GetString(1), Entity: CatalogJson.Parse<EntityDefinition>(row.GetString(2))), cancellationToken).ConfigureAwait(false)).SingleOrDefault();
        if (existing.Table is null) return;
        var whole = await BeforeTables.ListWholeAsync(session, systemName, cancellationToken).ConfigureAwait(false);
        await session.ExecuteAsync($"DROP VIEW IF EXISTS {ViewOf(existing.Entity)} CASCADE", cancellationToken).ConfigureAwait(false);
        foreach (var table in whole.Select(before => EntityTable.InData(before.Table)).Append(EntityTable.InData(existing.Table)).Append(EntityTable.BeforeOf(existing.Number)))
            await session.ExecuteAsync($"DROP TABLE IF EXISTS {table}", cancellationToken).ConfigureAwait(false);
        await session.ExecuteAsync("DELETE FROM eis.before_image WHERE entity = $1", [name], cancellationToken).ConfigureAwait(false);
        await session.ExecuteAsync("DELETE FROM eis.lease WHERE name = $1", [name], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The name of the table that an attempt may make for an entity.</summary>
    public static string NameOf(long number, long epoch) => $"t{Sql.Text(number)}_{Sql.Text(epoch)}";

    /// <summary>Makes an empty table of records, without its key, so that it can be filled first.</summary>
    public static Task CreateAsync(Session session, EntityTable table, CancellationToken cancellationToken) => table.MakeAsync(session, table.Table, $"CREATE TABLE {table.Table} ({table.RecordColumns})", cancellationToken);

    /// <summary>Adds the key to a table of records.</summary>
    public static async Task AddKeyAsync(Session session, EntityTable table, CancellationToken cancellationToken)
    {
        if (table.Entity.Key.Any()) await session.ExecuteAsync($"ALTER TABLE {table.Table} ADD PRIMARY KEY ({table.Key})", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes the next number of a kind, which nobody else gets before the transaction ends: their order is that of the commits.</summary>
    public static async Task<long> NextNumberAsync(Session session, string kind, CancellationToken cancellationToken) =>
        (await session.QueryAsync("UPDATE eis.counter SET last = last + 1 WHERE name = $1 RETURNING last", [kind], row => row.GetInt64(0), cancellationToken).ConfigureAwait(false))[0];

    /// <summary>An entity's view.</summary>
    public static string ViewOf(EntityDefinition entity) => $"{Sql.ViewSchema}.{Sql.Name(entity.SystemName)}";

    /// <summary>The statement that makes an entity's view one of a table, or makes it. What depends on it stays.</summary>
    /// <param name="table">The table, of the entity with all of its fields.</param>
    public static string View(EntityTable table)
    {
        var columns = table.Entity.Fields.OrderBy(field => int.Parse(table.Column(field).AsSpan(1), System.Globalization.CultureInfo.InvariantCulture)).Select(field => $"{Sql.Target}.{table.Column(field)} AS {Sql.Name(field.SystemName)}");
        return $"CREATE OR REPLACE VIEW {ViewOf(table.Entity)} AS SELECT {string.Join(", ", columns)} FROM {table.Table} {Sql.Target}";
    }

    private static async Task ShowAsync(Session session, EntityTable table, EntityDefinition entity, CancellationToken cancellationToken)
    {
        await session.ExecuteAsync(View(table), cancellationToken).ConfigureAwait(false);
        await session.ExecuteAsync($"COMMENT ON VIEW {ViewOf(entity)} IS {Sql.Text(entity.DisplayName)}", cancellationToken).ConfigureAwait(false);
        foreach (var field in entity.Fields.Where(field => field.DisplayName is not null))
            await session.ExecuteAsync($"COMMENT ON COLUMN {ViewOf(entity)}.{Sql.Name(field.SystemName)} IS {Sql.Text(field.DisplayName)}", cancellationToken).ConfigureAwait(false);
    }
}

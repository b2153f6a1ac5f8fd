using System.Globalization;
using DuckDB.NET.Data;
using EntityImport.Catalog;
using EntityImport.DuckDb.Catalog;
using EntityImport.DuckDb.Connections;
using EntityImport.Entities;
using EntityImport.Rows;
using EntityImport.Storage;
using EntityImport.Testing;

namespace EntityImport.DuckDb.Merging;

/// <summary>The one transaction in which an import's delta is found, applied and committed. Disposing it undoes what is not committed.</summary>
internal sealed class DuckDbMerge : IMerge, IDisposable
{
    private readonly Database _database;
    private readonly DuckDBTransaction _transaction;
    private readonly EntityDefinition _entity;
    private readonly IRowAmount _rows;
    private readonly long _textsVersion;

    /// <summary>Begins a transaction for an entity.</summary>
    /// <param name="database">The database.</param>
    /// <param name="entity">The entity.</param>
    /// <param name="rows">What is written.</param>
    /// <param name="areLong">Whether that, or the entity's records, are long.</param>
    public DuckDbMerge(Database database, EntityDefinition entity, IRowAmount rows, bool areLong)
    {
        _database = database;
        _rows = rows;
        _entity = entity;
        AreLong = areLong;
        Table = Sql.Table(entity);
        _textsVersion = database.Texts.Version;
        Connection = database.Connect(ConnectionUse.Merge);
        try
        {
            // Joins and conditions collect the few rows that they let through, until there are 2,048 of them.
            if (areLong) Connection.Execute("SET enable_caching_operators = false");
            _transaction = Connection.BeginTransaction();
        }
        catch
        {
            Connection.Dispose();
            throw;
        }
    }

    /// <summary>The connection, for statements that are part of the transaction.</summary>
    public DuckDBConnection Connection { get; }

    /// <summary>The entity's table.</summary>
    public string Table { get; }

    /// <summary>Whether rows or records are to be handled with care for their length.</summary>
    public bool AreLong { get; }

    /// <summary>Records that were put in, or changed.</summary>
    public long Written { get; set; }

    public KeptChanges? Kept { get; set; }

    /// <summary>Runs a statement; answers how many records it was about.</summary>
    public long Execute(string sql, CancellationToken cancellationToken)
    {
        var count = Connection.Execute(sql, cancellationToken: cancellationToken);
        // What long rows were moved through is given back, before the next statement asks for as much by other threads.
        if (AreLong) Connection.Execute(_database.GiveBackStatement, cancellationToken: cancellationToken);
        return count;
    }

    /// <summary>Runs statements that together do what was counted before.</summary>
    /// <param name="expected">How many records that is about.</param>
    /// <param name="counted">What was counted, as the beginning of a sentence that ends with what was to be done.</param>
    /// <param name="done">What is done to them, as a participle.</param>
    /// <param name="statements">The statements.</param>
    /// <param name="cancellationToken">Interrupts them.</param>
    /// <exception cref="LedgerException">They were about another number of records.</exception>
    public void Execute(long expected, string counted, string done, IEnumerable<string> statements, CancellationToken cancellationToken)
    {
        var actual = statements.Sum(sql => Execute(sql, cancellationToken));
        if (actual != expected)
            throw new LedgerException(string.Create(CultureInfo.InvariantCulture, $"The ledger does not add up, so nothing was written: {counted} {expected} were to be {done}, and {actual} were."));
    }

    /// <summary>
    /// What to read a table's records from: the table, or, where some of them are long, one range of it after the other. DuckDB reads 2,048 records at once, however long they are, so that a statement that reads the texts of all of
    /// them fails for want of memory.
    /// </summary>
    /// <param name="table">The table, with columns of the entity's fields. What this transaction put into it is not among the records of ranges.</param>
    /// <param name="cancellationToken">Interrupts the statement that asks how long they are.</param>
    public IReadOnlyList<string> Portions(string table, CancellationToken cancellationToken)
    {
        if (table == Table && _database.Texts.MostBytes(Connection, _textsVersion, _entity, [.. _entity.Fields], cancellationToken) < StoredTexts.LongBytes) return [table];
        return [.. StoredTexts.RangesOfLong(Connection, table, [.. _entity.Fields], cancellationToken).Select(range => Sql.Range(table, range)).DefaultIfEmpty(table)];
    }

    /// <summary>The one figure that a query answers.</summary>
    public long Count(string sql, CancellationToken cancellationToken) => Connection.Query(sql, null, row => row.GetInt64(0), cancellationToken)[0];

    /// <summary>How many records the entity has.</summary>
    public long CountRecords(CancellationToken cancellationToken) => Count($"SELECT count(*) FROM {Table}", cancellationToken);

    /// <summary>How many records the table has space for: those that are there, and those that were taken out before the last of them.</summary>
    /// <param name="cancellationToken">Interrupts the statement.</param>
    /// <remarks>DuckDB gives space back where nothing is left of a group of rows, and where it puts groups together, which it does not where these are long (<see cref="Database.Commit"/>). This transaction must not have put in any.</remarks>
    public long CountPlaces(CancellationToken cancellationToken) => Count($"SELECT coalesce(max({Sql.RowId}) + 1, 0) FROM {Table}", cancellationToken);

    /// <summary>Puts an empty table in the place of the entity's, which stays under another name, or is dropped.</summary>
    /// <param name="keptName">The name, beside the entities' tables; null where it is dropped.</param>
    /// <param name="cancellationToken">Interrupts the statements.</param>
    public void BeginNewTable(string? keptName, CancellationToken cancellationToken)
    {
        if (keptName is not null) Execute($"ALTER TABLE {Table} RENAME TO {Sql.Name(keptName)}", cancellationToken);
        Execute($"CREATE OR REPLACE TABLE {Table} ({Sql.RecordColumns(_entity)})", cancellationToken);
    }

    public Task CommitAsync(CatalogCommit commit, CancellationToken cancellationToken) => OwnThread.RunAsync(() => Commit(commit), CancellationToken.None);

    public void Dispose()
    {
        try
        {
            _transaction.Dispose();
        }
        finally
        {
            // A connection that stays open would keep an invalidated database from being opened again.
            Connection.Dispose();
        }
    }

    private void Commit(CatalogCommit commit)
    {
        CatalogWriter.Write(Connection, commit);
        try
        {
            _database.Commit(_transaction, _rows, Written);
        }
        catch (DuckDBException exception)
        {
            throw _database.Translate(exception);
        }
        finally
        {
            _database.Entities.NoteCommit(commit);
        }

        if (commit.ChangedPlan is { } plan) FaultPoints.Reach(FaultStep.PlanCommitted, plan.Id);
        if (commit.ChangedImport is { } import)
            FaultPoints.Reach(import.Undoes is not null ? FaultStep.UndoCommitted : import.PlanId is not null && commit.NewPlan is null ? FaultStep.ApplyCommitted : FaultStep.ImportCommitted, import.Id);
    }
}

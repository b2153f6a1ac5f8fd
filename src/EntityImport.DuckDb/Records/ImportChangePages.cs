using DuckDB.NET.Data;
using EntityImport.Catalog;
using EntityImport.Changes;
using EntityImport.DuckDb.Catalog;
using EntityImport.DuckDb.Connections;
using EntityImport.Entities;
using EntityImport.SqlStores;
using EntityImport.Storage;

namespace EntityImport.DuckDb.Records;

/// <summary>
/// Reads what an import did, page by page, from what records were before imports and what they are now. A record and its version tell its values, so that a record as the import left it is any with its key and that version, wherever it is:
/// in the entity's table, or among what later imports kept.
/// </summary>
/// <remarks>
/// Changes are numbered by a hash of the record's key, which later imports do not change, so that a page goes on where the one before it ended whatever is imported in between. Both sides are joined for a range of these numbers at a time:
/// memory does not depend on how much the import changed. Without a key imports add records, and undos take them out, all that have a version at once: nothing is joined, and a change's number is where the record is.
/// </remarks>
internal sealed class ImportChangePages : ChangePages
{
    /// <summary>Records of each side that are joined at a time, of which only keys are compared.</summary>
    private const long MaxCandidates = 200_000;

    /// <summary>What those take of which all values are compared.</summary>
    private const long MaxCandidateBytes = 16 << 20;

    /// <summary>Changes that may share a number with the last one of a page.</summary>
    private const int MaxAlike = 16;

    /// <summary>Bits of a number for <see cref="Sql.RowId"/> where there is no key.</summary>
    private const int IdBits = 44;

    private const string Id = "\"#id\"";
    private const string Table = "\"#table\"";
    private const string Order = "\"#order\"";
    private const string Number = "\"#number\"";

    private readonly EntityDefinition _entity;
    private readonly Import _import;
    private readonly bool _isComplete;
    private readonly LaterTables _tables;
    private readonly bool _isWhole;
    private readonly List<Source> _sources;
    private readonly long _recordBytes;

    private ImportChangePages(DuckDBConnection connection, ImportedChanges imported, bool isWhole, long recordBytes, ChangeQuery query, CancellationToken cancellationToken)
        : base(connection, query, cancellationToken)
    {
        (_entity, _import, _isComplete) = imported;
        _tables = imported.Tables;
        _isWhole = isWhole;
        _recordBytes = recordBytes;
        _sources =
        [
            new Source(Sql.Table(_entity), Sql.Version, $"{long.MaxValue}"),
            new Source(Sql.Before(_entity), BeforeTables.Was, Sql.Version),
            .. BeforeTables.ListWhole(connection, _entity.SystemName).Select(import => new Source(WholeTable(import), Sql.Version, Text(import)) { Import = import }),
        ];
    }

    /// <summary>Reads a page; null where what the records were is not kept.</summary>
    /// <param name="connection">The connection, in a transaction.</param>
    /// <param name="texts">How long texts are.</param>
    /// <param name="version">What their version was before the transaction.</param>
    /// <param name="import">The import.</param>
    /// <param name="query">Which changes.</param>
    /// <param name="cancellationToken">Interrupts the statements.</param>
    public static ChangePage? Read(DuckDBConnection connection, StoredTexts texts, long version, ImportedChanges import, ChangeQuery query, CancellationToken cancellationToken)
    {
        if (BeforeTables.FindIsWhole(connection, import.Import.Sequence, import.Entity.SystemName, cancellationToken) is not { } isWhole) return null;
        // What the records were may have been longer than they are.
        var recordBytes = BeforeTables.ListOf(connection, import.Entity.SystemName).Select(table => StoredTexts.MostBytes(connection, table, import.Entity.Fields, cancellationToken))
            .Append(texts.MostBytes(connection, version, import.Entity, [.. import.Entity.Fields], cancellationToken)).Append(1).Max();
        return new ImportChangePages(connection, import, isWhole, recordBytes, query, cancellationToken).Read();
    }

    protected override IReadOnlyList<FieldDefinition> Fields => _entity.Fields;

    private bool HasKey => _entity.Key.Any();

    private string Key => Sql.Columns(_entity.Key);

    private bool IsUndo => _import.Undoes is not null;

    private string Import => Text(_import.Sequence);

    /// <summary>The fields that both sides are read with, beside their keys.</summary>
    private IEnumerable<FieldDefinition> Compared => _isWhole ? _entity.Fields.Where(compared => !compared.PrimaryKey) : Query.Field is { PrimaryKey: false } asked ? [asked] : Array.Empty<FieldDefinition>();

    /// <summary>Whether the largest moves come first, so that all changes are looked at for each page.</summary>
    private bool IsMeasured => Query.Field is { PrimaryKey: false } asked && Move(asked, "", "") is not null;

    protected override (IReadOnlyList<FoundChange> Changes, bool HasMore) Find()
    {
        var found = HasKey ? FindByKey() : FindInTables();
        var limit = Math.Min(found.Count, Query.Limit);
        // Whoever goes on goes on behind a number.
        while (limit > 0 && limit < found.Count && found[limit].Place == found[limit - 1].Place) limit++;
        var fitting = _recordBytes * 2 * limit <= FoundChange.PageBytes ? limit : Fit(found, limit);
        return ([.. found.Take(fitting)], found.Count > fitting);
    }

    protected override IEnumerable<(DataType Type, string Column)> ValueColumns => _entity.Fields.Select(told => (told.DataType, Sql.Column(told)));

    protected override string Before(FieldDefinition field) => RecordSql.AsText(field);

    protected override string After(FieldDefinition field) => RecordSql.AsText(field);

    private List<FoundChange> FindByKey()
    {
        var most = Math.Max(1, _isWhole ? Math.Min(MaxCandidates, MaxCandidateBytes / _recordBytes) : MaxCandidates);
        var records = Math.Max(1, CountCandidates());
        // Whoever wants some changes in the order of their numbers gets by with looking at some of them.
        var candidates = IsMeasured ? most : Math.Min(most, 4L * (Query.Limit + 1));
        var found = new List<FoundChange>();
        for (var first = IsMeasured ? 0 : Query.After?.Number ?? 0; first >= 0;)
        {
            var last = (long)Math.Min(long.MaxValue, first + ((double)long.MaxValue * candidates / records)) is var end && end >= first ? end : long.MaxValue;
            found.AddRange(Connection.Query(Changes(first, last), null, Read, CancellationToken));
            found = [.. found.OrderByDescending(change => change.Place.Move ?? double.NegativeInfinity).ThenBy(change => change.Place.Move is null).ThenBy(change => change.Place.Number).Take(Query.Limit + 1 + MaxAlike)];
            if (last == long.MaxValue || (!IsMeasured && found.Count > Query.Limit + MaxAlike)) break;
            first = last + 1;
            candidates = Math.Min(most, 8 * candidates);
        }

        return found;

        FoundChange Read(DuckDBDataReader row) => new(
            (ChangeKind)row.GetInt32(2),
            RecordNumber: null,
            new ChangePlace(row.IsDBNull(0) ? null : row.GetDouble(0), row.GetInt64(1)),
            row.IsDBNull(3) ? null : new FoundRecord(_isWhole ? WholeTable(_import.Sequence) : Sql.Before(_entity), row.GetInt64(3)),
            row.IsDBNull(5) ? null : new FoundRecord(_sources[row.GetInt32(4)].Table, row.GetInt64(5)));
    }

    private long CountCandidates() => _isWhole
        ? Math.Max(Count($"SELECT count(*) FROM {WholeTable(_import.Sequence)}"), Count($"SELECT count(*) FROM {Sql.Table(_entity)}"))
        : IsUndo ? _import.Ledger.Reversed : _import.Ledger.Inserted + _import.Ledger.Updated;

    private long Count(string sql) => Connection.Query(sql, null, row => row.GetInt64(0), CancellationToken)[0];

    /// <summary>The query for the changes with numbers of a range.</summary>
    private string Changes(long first, long last)
    {
        var range = $"{NumberOfKey} BETWEEN {Text(first)} AND {Text(last)}";
        var (before, after) = (Sql.Target, Sql.Row);
        var (isNew, isNowhere) = ($"{before}.{Id} IS NULL", $"{after}.{Id} IS NULL");
        var kind = _isWhole
            // Where the record as it was left may have been lost, that it is not there says nothing.
            ? $"CASE WHEN {isNew} THEN {(int)ChangeKind.Inserted} WHEN {isNowhere} THEN {(int)(_isComplete ? ChangeKind.Removed : ChangeKind.Updated)} ELSE {(int)ChangeKind.Updated} END"
            : $"CASE WHEN {isNew} OR {before}.{BeforeTables.Was} = {BeforeTables.Absent} THEN {(int)ChangeKind.Inserted} WHEN {before}.{BeforeTables.Became} = {BeforeTables.Absent} THEN {(int)ChangeKind.Removed} ELSE {(int)ChangeKind.Updated} END";
        var conditions = new List<string>();
        if (_isWhole) conditions.Add($"({isNew} OR {isNowhere} OR {string.Join(" OR ", Compared.Select(Differs).DefaultIfEmpty("false"))})");
        if (Query.Kind is { } only) conditions.Add($"{kind} = {(int)only}");
        string? move = null;
        if (Query.Field is { } field)
        {
            conditions.Add(field.PrimaryKey ? $"{kind} <> {(int)ChangeKind.Updated}" : $"(({isNowhere} AND {kind} <> {(int)ChangeKind.Removed}) OR {Differs(field)})");
            if (!field.PrimaryKey) move = Move(field, $"{before}.{Sql.Column(field)}", $"{after}.{Sql.Column(field)}");
        }

        var number = $"coalesce({before}.{Number}, {after}.{Number})";
        if (Behind(move, number) is { } behind) conditions.Add(behind);
        // An undo brings back versions, whichever they are; what an import inserted is told by its version alone.
        var sides = IsUndo && !_isWhole ? "LEFT" : _isWhole && !IsUndo && !_import.Replaced ? "RIGHT" : "FULL";
        var join = $"{sides} JOIN ({RecordsAfter(range)}) {after} ON {Sql.SameKey(_entity)}{(IsUndo && !_isWhole ? $" AND {after}.{Sql.Version} = {before}.{BeforeTables.Became}" : "")}";
        return $"""
            SELECT {move ?? "NULL::DOUBLE"}, {number}, {kind}, {before}.{Id}, {after}.{Table}, {after}.{Id} FROM ({RecordsBefore(range)}) {before} {join}
            {(conditions.Count == 0 ? "" : $"WHERE {string.Join(" AND ", conditions)}")} ORDER BY 1 DESC NULLS LAST, 2 LIMIT {Text(Query.Limit + 1L + MaxAlike)}
            """;

        string Differs(FieldDefinition compared) => $"{before}.{Sql.Column(compared)} IS DISTINCT FROM {after}.{Sql.Column(compared)}";
    }

    /// <summary>The number of a record: the hash of its key without the bit that would be its sign.</summary>
    private string NumberOfKey => $"(hash({Key}) >> 1)::BIGINT";

    private string Columns => Sql.Columns(_entity.Key.Concat(Compared));

    /// <summary>The records as they were, each with a version and the one that it got.</summary>
    private string RecordsBefore(string range) => _isWhole
        ? $"SELECT {Sql.RowId} AS {Id}, {NumberOfKey} AS {Number}, {Columns} FROM {WholeTable(_import.Sequence)} WHERE {range}"
        : $"SELECT {Sql.RowId} AS {Id}, {NumberOfKey} AS {Number}, {BeforeTables.Was}, {BeforeTables.Became}, {Columns} FROM {Sql.Before(_entity)} WHERE {Sql.Version} = {Import} AND {BeforeTables.Was} <> {BeforeTables.Became} AND {range}";

    /// <summary>The records as they became, each once.</summary>
    private string RecordsAfter(string range)
    {
        // What an undo of a REPLACE has left are records of many versions. Of a key it is the first of what was found there since then, if that is none of a version that came since.
        var isByTime = IsUndo && _isWhole;
        var sources = _sources.Index().Select(source =>
        {
            var (table, version, order) = (source.Item.Table, source.Item.Version, source.Item.Order);
            var which = isByTime ? VersionCondition.TellsOf(_import.Sequence, _tables, order) : IsUndo ? $"{version} <> {BeforeTables.Absent}" : $"{version} = {Import}";
            var changes = table == Sql.Before(_entity) ? $" AND {BeforeTables.Was} <> {BeforeTables.Became}" : "";
            return $"SELECT {source.Index} AS {Table}, {Sql.RowId} AS {Id}, {NumberOfKey} AS {Number}, {version} AS {Sql.Version}, {order}::BIGINT AS {Order}, {Columns} FROM {table} WHERE {which}{changes} AND {range}";
        });
        var once = $"SELECT DISTINCT ON ({Key}{(IsUndo && !_isWhole ? $", {Sql.Version}" : "")}) * FROM ({string.Join(" UNION ALL ", sources)}) ORDER BY {Order}, {Table}, {Id}";
        return isByTime ? $"SELECT * FROM ({once}) WHERE {Sql.Version} BETWEEN 0 AND {Import}" : once;
    }

    /// <summary>The changes of an entity without a key: whole versions of records that came or went.</summary>
    private List<FoundChange> FindInTables()
    {
        var parts = new List<string>();
        foreach (var (kind, source, condition) in ListVersions())
        {
            if (Query.Kind is { } only && only != kind) continue;
            var number = $"({Text((long)source << IdBits)} + {Sql.RowId})";
            var conditions = new[] { condition, Query.Field is { } field ? $"{Sql.Column(field)} IS NOT NULL" : null, Behind(move: null, number) }.OfType<string>();
            parts.Add($"SELECT {number}, {(int)kind}, {source}, {Sql.RowId} FROM {_sources[source].Table} WHERE {string.Join(" AND ", conditions)}");
        }

        if (parts.Count == 0) return [];
        return [.. Connection.Query(
            $"{string.Join(" UNION ALL ", parts)} ORDER BY 1 LIMIT {Text(Query.Limit + 1L)}", null,
            row =>
            {
                var (kind, place) = ((ChangeKind)row.GetInt32(1), new FoundRecord(_sources[row.GetInt32(2)].Table, row.GetInt64(3)));
                return new FoundChange(kind, RecordNumber: null, new ChangePlace(null, row.GetInt64(0)), kind == ChangeKind.Removed ? place : null, kind == ChangeKind.Removed ? null : place);
            },
            CancellationToken)];
    }

    /// <summary>What came and what went, each as records of a source that fulfil a condition.</summary>
    private IEnumerable<(ChangeKind Kind, int Source, string Condition)> ListVersions()
    {
        List<long> came = [_import.Sequence];
        if (_isWhole)
        {
            var whole = _sources.FindIndex(source => source.Import == _import.Sequence);
            var was = Versions(_sources[whole].Table, Sql.Version, "true");
            if (IsUndo) came = [.. VersionsAfter().Except(was)];
            var went = IsUndo ? was.Except(VersionsAfter()) : was;
            if (went.Any()) yield return (ChangeKind.Removed, whole, AnyOf(Sql.Version, went));
        }
        else if (IsUndo)
        {
            yield return (ChangeKind.Removed, 1, $"{Sql.Version} = {Import} AND {BeforeTables.Became} = {BeforeTables.Absent}");
            came = [.. Versions(Sql.Before(_entity), BeforeTables.Became, $"{Sql.Version} = {Import} AND {BeforeTables.Was} = {BeforeTables.Absent}")];
        }

        foreach (var (i, source) in _sources.Index())
        {
            if (came.Count == 0) yield break;
            var condition = AnyOf(source.Version, came);
            var there = Versions(source.Table, source.Version, condition);
            if (there.Count == 0) continue;
            came = [.. came.Except(there)];
            // The same version may have gone more than once: by an undo, and by the undo of an undo of that.
            if (i == 1) condition = $"({AnyOf(BeforeTables.Was, there)} AND {Sql.Version} = (SELECT min(other.{Sql.Version}) FROM {source.Table} other WHERE other.{BeforeTables.Was} = {source.Table}.{BeforeTables.Was}))";
            yield return (ChangeKind.Inserted, i, i == 1 ? condition : AnyOf(source.Version, there));
        }

        static string AnyOf(string column, IEnumerable<long> versions) => $"{column} IN ({string.Join(", ", versions.Select(Text))})";
    }

    /// <summary>The versions of the records that there were after the undo of a REPLACE: those of which that was found first since then, and those that are there as nothing else was found.</summary>
    private List<long> VersionsAfter()
    {
        var found = Connection.Query(
            $"SELECT {BeforeTables.Became}, arg_min({BeforeTables.Was}, {Sql.Version}) FROM {BeforeTables.Versions(Connection, _entity)} WHERE {VersionCondition.TellsOf(_import.Sequence, _tables, Sql.Version)} GROUP BY 1", null,
            row => (Version: row.GetInt64(0), Was: row.GetInt64(1)), CancellationToken);
        var untouched = _tables.First is null ? Versions(_sources[0].Table, Sql.Version, "true").Except(found.Select(version => version.Version)) : [];
        return [.. untouched.Concat(found.Select(version => version.Was)).Where(version => version >= 0 && version <= _import.Sequence)];
    }

    private IReadOnlyList<long> Versions(string table, string column, string condition) => Connection.Query($"SELECT DISTINCT {column} FROM {table} WHERE {condition}", null, row => row.GetInt64(0), CancellationToken);

    private static string WholeTable(long import) => $"{Sql.RecordSchema}.{Sql.Name(Sql.WholeName(import))}";

    /// <summary>A table in which records are that have a version.</summary>
    /// <param name="Table">The table.</param>
    /// <param name="Version">The column of the version.</param>
    /// <param name="Order">The expression for the import before which they were so; the highest number where they are so now.</param>
    private sealed record Source(string Table, string Version, string Order)
    {
        /// <summary>The import before which all records were so; null where the table is not of one import.</summary>
        public long? Import { get; init; }
    }
}

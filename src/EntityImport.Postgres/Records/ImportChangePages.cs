using EntityImport.Catalog;
using EntityImport.Changes;
using EntityImport.Entities;
using EntityImport.Postgres.Catalog;
using EntityImport.Postgres.Connections;
using EntityImport.SqlStores;
using EntityImport.Storage;
using Npgsql;

namespace EntityImport.Postgres.Records;

/// <summary>
/// Reads what an import did, page by page, from what records were before imports and what they are now. A record and its version tell its values, so that a record as the import left it is any with its key and that version, wherever it is:
/// in the entity's table, or among what later imports kept.
/// </summary>
/// <remarks>
/// Changes are numbered by a hash of the record's key, which later imports do not change, so that a page goes on where the one before it ended whatever is imported in between. Without a key imports add records, and undos take them out, all
/// that have a version at once: nothing is joined, and a change's number is where the record is.
/// </remarks>
internal sealed class ImportChangePages : ChangePages
{
    /// <summary>Records of each side that are joined at a time.</summary>
    private const long MaxCandidates = 200_000;

    /// <summary>Changes that may share a number with the last one of a page.</summary>
    private const int MaxAlike = 16;

    /// <summary>Bits of a number for the place of a record where there is no key.</summary>
    private const int IdBits = 48;

    private const string Id = "id";
    private const string Source = "source";
    private const string Order = "since";
    private const string Number = "number";
    private const string Has = "version";

    private readonly EntityDefinition _entity;
    private readonly Import _import;
    private readonly bool _isComplete;
    private readonly LaterTables _tables;
    private readonly string _versions;
    private readonly string? _wholeTable;
    private readonly List<Place> _sources;

    private ImportChangePages(
        Session session, EntityTable table, ImportedChanges imported, string? wholeTable, IReadOnlyList<(long Import, string Table)> whole, ChangeQuery query, CancellationToken cancellationToken)
        : base(session, table, query, cancellationToken)
    {
        (_entity, _import, _isComplete) = imported;
        _tables = imported.Tables;
        _versions = BeforeTables.Versions(table, whole);
        _wholeTable = wholeTable;
        _sources =
        [
            new Place(table.Table, Sql.Version, Sql.Text(long.MaxValue)),
            new Place(table.Before, BeforeTables.Was, Sql.Version),
            .. whole.Select(kept => new Place(EntityTable.InData(kept.Table), Sql.Version, Sql.Text(kept.Import)) { Import = kept.Import }),
        ];
    }

    /// <summary>Reads a page; null where what the records were is not kept.</summary>
    /// <param name="session">The session, in a transaction that sees one state of the records.</param>
    /// <param name="import">The import.</param>
    /// <param name="query">Which changes.</param>
    /// <param name="cancellationToken">Interrupts the statements.</param>
    public static async Task<ChangePage?> ReadAsync(Session session, ImportedChanges import, ChangeQuery query, CancellationToken cancellationToken)
    {
        var (isKept, wholeTable) = await BeforeTables.FindAsync(session, import.Import.Sequence, import.Entity.SystemName, holds: false, cancellationToken).ConfigureAwait(false);
        if (!isKept) return null;
        var table = await EntityTable.ReadAsync(session, import.Entity, cancellationToken).ConfigureAwait(false);
        var whole = await BeforeTables.ListWholeAsync(session, import.Entity.SystemName, cancellationToken).ConfigureAwait(false);
        return await new ImportChangePages(session, table, import, wholeTable, whole, query, cancellationToken).ReadAsync().ConfigureAwait(false);
    }

    protected override IReadOnlyList<FieldDefinition> Fields => _entity.Fields;

    private bool IsWhole => _wholeTable is not null;

    private string WholeTable => EntityTable.InData(_wholeTable!);

    private bool HasKey => _entity.Key.Any();

    private bool IsUndo => _import.Undoes is not null;

    private string ImportNumber => Sql.Text(_import.Sequence);

    /// <summary>The fields that both sides are read with, beside their keys.</summary>
    private IEnumerable<FieldDefinition> Compared => IsWhole ? _entity.Fields.Where(compared => !compared.PrimaryKey) : Query.Field is { PrimaryKey: false } asked ? [asked] : Array.Empty<FieldDefinition>();

    /// <summary>Whether the largest moves come first, so that all changes are looked at for each page.</summary>
    private bool IsMeasured => Query.Field is { PrimaryKey: false } asked && Move(asked, "", "") is not null;

    protected override async Task<(IReadOnlyList<FoundChange> Changes, bool HasMore)> FindAsync()
    {
        var found = HasKey ? await FindByKeyAsync().ConfigureAwait(false) : await FindInTablesAsync().ConfigureAwait(false);
        var limit = Math.Min(found.Count, Query.Limit);
        // Whoever goes on goes on behind a number.
        while (limit > 0 && limit < found.Count && found[limit].Place == found[limit - 1].Place) limit++;
        var fitting = await FitAsync(found, limit).ConfigureAwait(false);
        return ([.. found.Take(fitting)], found.Count > fitting);
    }

    protected override IEnumerable<(DataType Type, string Column)> ValueColumns => _entity.Fields.Select(told => (told.DataType, Table.Column(told)));

    protected override string Before(FieldDefinition field) => RecordSql.AsText(field, Table.Column(field));

    protected override string After(FieldDefinition field) => RecordSql.AsText(field, Table.Column(field));

    private async Task<List<FoundChange>> FindByKeyAsync()
    {
        var records = Math.Max(1, await CountCandidatesAsync().ConfigureAwait(false));
        // Whoever wants some changes in the order of their numbers gets by with looking at some of them.
        var candidates = IsMeasured ? MaxCandidates : Math.Min(MaxCandidates, 4L * (Query.Limit + 1));
        var found = new List<FoundChange>();
        for (var first = IsMeasured ? 0 : Query.After?.Number ?? 0; first >= 0;)
        {
            var last = (long)Math.Min(long.MaxValue, first + ((double)long.MaxValue * candidates / records)) is var end && end >= first ? end : long.MaxValue;
            found.AddRange(await Session.QueryAsync(Changes(first, last), Read, CancellationToken).ConfigureAwait(false));
            found = [.. found.OrderByDescending(change => change.Place.Move ?? double.NegativeInfinity).ThenBy(change => change.Place.Move is null).ThenBy(change => change.Place.Number).Take(Query.Limit + 1 + MaxAlike)];
            if (last == long.MaxValue || (!IsMeasured && found.Count > Query.Limit + MaxAlike)) break;
            first = last + 1;
            candidates = Math.Min(MaxCandidates, 8 * candidates);
        }

        return found;

        FoundChange Read(NpgsqlDataReader row) => new(
            (ChangeKind)row.GetInt32(2),
            RecordNumber: null,
            new ChangePlace(row.IsDBNull(0) ? null : row.GetDouble(0), row.GetInt64(1)),
            row.IsDBNull(3) ? null : new FoundRecord(IsWhole ? WholeTable : Table.Before, row.GetInt64(3)),
            row.IsDBNull(5) ? null : new FoundRecord(_sources[row.GetInt32(4)].Table, row.GetInt64(5)));
    }

    private async Task<long> CountCandidatesAsync() => IsWhole
        ? Math.Max(await Session.CountAsync($"SELECT count(*) FROM {WholeTable}", CancellationToken).ConfigureAwait(false), await Session.CountAsync($"SELECT count(*) FROM {Table.Table}", CancellationToken).ConfigureAwait(false))
        : IsUndo ? _import.Ledger.Reversed : _import.Ledger.Inserted + _import.Ledger.Updated;

    /// <summary>The query for the changes with numbers of a range.</summary>
    private string Changes(long first, long last)
    {
        var range = $"{NumberOfKey} BETWEEN {Sql.Text(first)} AND {Sql.Text(last)}";
        var (before, after) = (Sql.Target, Sql.Row);
        var (isNew, isNowhere) = ($"{before}.{Id} IS NULL", $"{after}.{Id} IS NULL");
        var kind = IsWhole
            // Where the record as it was left may have been lost, that it is not there says nothing.
            ? $"CASE WHEN {isNew} THEN {(int)ChangeKind.Inserted} WHEN {isNowhere} THEN {(int)(_isComplete ? ChangeKind.Removed : ChangeKind.Updated)} ELSE {(int)ChangeKind.Updated} END"
            : $"CASE WHEN {isNew} OR {before}.{BeforeTables.Was} = {BeforeTables.Absent} THEN {(int)ChangeKind.Inserted} WHEN {before}.{BeforeTables.Became} = {BeforeTables.Absent} THEN {(int)ChangeKind.Removed} ELSE {(int)ChangeKind.Updated} END";
        var conditions = new List<string>();
        if (IsWhole) conditions.Add($"({isNew} OR {isNowhere} OR {string.Join(" OR ", Compared.Select(Differs).DefaultIfEmpty("false"))})");
        if (Query.Kind is { } only) conditions.Add($"{kind} = {(int)only}");
        string? move = null;
        if (Query.Field is { } field)
        {
            conditions.Add(field.PrimaryKey ? $"{kind} <> {(int)ChangeKind.Updated}" : $"(({isNowhere} AND {kind} <> {(int)ChangeKind.Removed}) OR {Differs(field)})");
            if (!field.PrimaryKey) move = Move(field, $"{before}.{Table.Column(field)}", $"{after}.{Table.Column(field)}");
        }

        var number = $"coalesce({before}.{Number}, {after}.{Number})";
        if (Behind(move, number) is { } behind) conditions.Add(behind);
        // An undo brings back versions, whichever they are; what an import inserted is told by its version alone.
        var sides = IsUndo && !IsWhole ? "LEFT" : IsWhole && !IsUndo && !_import.Replaced ? "RIGHT" : "FULL";
        var join = $"{sides} JOIN ({RecordsAfter(range)}) {after} ON {Table.SameKey}{(IsUndo && !IsWhole ? $" AND {after}.{Has} = {before}.{BeforeTables.Became}" : "")}";
        return $"""
            SELECT {move ?? "NULL::double precision"}, {number}, {kind}, {before}.{Id}, {after}.{Source}, {after}.{Id} FROM ({RecordsBefore(range)}) {before} {join}
            {(conditions.Count == 0 ? "" : $"WHERE {string.Join(" AND ", conditions)}")} ORDER BY 1 DESC NULLS LAST, 2 LIMIT {Sql.Text(Query.Limit + 1L + MaxAlike)}
            """;

        string Differs(FieldDefinition compared) => $"{before}.{Table.Column(compared)} IS DISTINCT FROM {after}.{Table.Column(compared)}";
    }

    /// <summary>The number of a record: the hash of its key without the bit that would be its sign.</summary>
    private string NumberOfKey
    {
        get
        {
            var parts = _entity.Key.Select(part => part.IsDecimal ? $"trim_scale({Table.Column(part)})::text" : $"{Table.Column(part)}::text");
            return $"(hashtextextended((concat_ws(E'\\x1F', {string.Join(", ", parts)})) COLLATE \"C\", 0) & {Sql.Text(long.MaxValue)})";
        }
    }

    private string Columns => Table.Columns(_entity.Key.Concat(Compared));

    /// <summary>The records as they were, each with a version and the one that it got.</summary>
    private string RecordsBefore(string range) => IsWhole
        ? $"SELECT {Sql.NumberOf(Sql.RowId)} AS {Id}, {NumberOfKey} AS {Number}, {Columns} FROM {WholeTable} WHERE {range}"
        : $"SELECT {Sql.NumberOf(Sql.RowId)} AS {Id}, {NumberOfKey} AS {Number}, {BeforeTables.Was}, {BeforeTables.Became}, {Columns} FROM {Table.Before} WHERE {Sql.Version} = {ImportNumber} AND {BeforeTables.Was} <> {BeforeTables.Became} AND {range}";

    /// <summary>The records as they became, each once.</summary>
    private string RecordsAfter(string range)
    {
        // What an undo of a REPLACE has left are records of many versions. Of a key it is the first of what was found there since then, if that is none of a version that came since.
        var isByTime = IsUndo && IsWhole;
        var sources = _sources.Index().Select(source =>
        {
            var (table, version, order) = (source.Item.Table, source.Item.Version, source.Item.Order);
            var which = isByTime ? VersionCondition.TellsOf(_import.Sequence, _tables, order) : IsUndo ? $"{version} <> {BeforeTables.Absent}" : $"{version} = {ImportNumber}";
            var changes = table == Table.Before ? $" AND {BeforeTables.Was} <> {BeforeTables.Became}" : "";
            return $"SELECT {source.Index} AS {Source}, {Sql.NumberOf(Sql.RowId)} AS {Id}, {NumberOfKey} AS {Number}, {version} AS {Has}, {order}::bigint AS {Order}, {Columns} FROM {table} WHERE {which}{changes} AND {range}";
        });
        var distinct = $"{Table.Key}{(IsUndo && !IsWhole ? $", {Has}" : "")}";
        var once = $"SELECT DISTINCT ON ({distinct}) * FROM ({string.Join(" UNION ALL ", sources)}) every ORDER BY {distinct}, {Order}, {Source}, {Id}";
        return isByTime ? $"SELECT * FROM ({once}) first WHERE {Has} BETWEEN 0 AND {ImportNumber}" : once;
    }

    /// <summary>The changes of an entity without a key: whole versions of records that came or went.</summary>
    private async Task<List<FoundChange>> FindInTablesAsync()
    {
        var parts = new List<string>();
        foreach (var (kind, source, condition) in await ListVersionsAsync().ConfigureAwait(false))
        {
            if (Query.Kind is { } only && only != kind) continue;
            var number = $"({Sql.Text((long)source << IdBits)} + {Sql.NumberOf(Sql.RowId)})";
            var conditions = new[] { condition, Query.Field is { } field ? $"{Table.Column(field)} IS NOT NULL" : null, Behind(move: null, number) }.OfType<string>();
            parts.Add($"SELECT {number}, {(int)kind}, {source}, {Sql.NumberOf(Sql.RowId)} FROM {_sources[source].Table} WHERE {string.Join(" AND ", conditions)}");
        }

        if (parts.Count == 0) return [];
        return [.. await Session.QueryAsync(
            $"{string.Join(" UNION ALL ", parts)} ORDER BY 1 LIMIT {Sql.Text(Query.Limit + 1L)}",
            row =>
            {
                var (kind, place) = ((ChangeKind)row.GetInt32(1), new FoundRecord(_sources[row.GetInt32(2)].Table, row.GetInt64(3)));
                return new FoundChange(kind, RecordNumber: null, new ChangePlace(null, row.GetInt64(0)), kind == ChangeKind.Removed ? place : null, kind == ChangeKind.Removed ? null : place);
            },
            CancellationToken).ConfigureAwait(false)];
    }

    /// <summary>What came and what went, each as records of a source that fulfil a condition.</summary>
    private async Task<List<(ChangeKind Kind, int Source, string Condition)>> ListVersionsAsync()
    {
        var versions = new List<(ChangeKind Kind, int Source, string Condition)>();
        List<long> came = [_import.Sequence];
        if (IsWhole)
        {
            var whole = _sources.FindIndex(source => source.Import == _import.Sequence);
            var was = await VersionsAsync(_sources[whole].Table, Sql.Version, "true").ConfigureAwait(false);
            var left = IsUndo ? await VersionsAfterAsync().ConfigureAwait(false) : [];
            if (IsUndo) came = [.. left.Except(was)];
            var went = was.Except(left).ToList();
            if (went.Count > 0) versions.Add((ChangeKind.Removed, whole, AnyOf(Sql.Version, went)));
        }
        else if (IsUndo)
        {
            versions.Add((ChangeKind.Removed, 1, $"{Sql.Version} = {ImportNumber} AND {BeforeTables.Became} = {BeforeTables.Absent}"));
            came = [.. await VersionsAsync(Table.Before, BeforeTables.Became, $"{Sql.Version} = {ImportNumber} AND {BeforeTables.Was} = {BeforeTables.Absent}").ConfigureAwait(false)];
        }

        foreach (var (i, source) in _sources.Index())
        {
            if (came.Count == 0) break;
            var condition = AnyOf(source.Version, came);
            var there = await VersionsAsync(source.Table, source.Version, condition).ConfigureAwait(false);
            if (there.Count == 0) continue;
            came = [.. came.Except(there)];
            // The same version may have gone more than once: by an undo, and by the undo of an undo of that.
            if (i == 1) condition = $"({AnyOf(BeforeTables.Was, there)} AND {Sql.Version} = (SELECT min(other.{Sql.Version}) FROM {source.Table} other WHERE other.{BeforeTables.Was} = {source.Table}.{BeforeTables.Was}))";
            versions.Add((ChangeKind.Inserted, i, i == 1 ? condition : AnyOf(source.Version, there)));
        }

        return versions;

        static string AnyOf(string column, IEnumerable<long> versions) => $"{column} IN ({string.Join(", ", versions.Select(Sql.Text))})";
    }

    /// <summary>The versions of the records that there were after the undo of a REPLACE: those of which that was found first since then, and those that are there as nothing else was found.</summary>
    private async Task<List<long>> VersionsAfterAsync()
    {
        var found = await Session.QueryAsync(
            $"SELECT DISTINCT ON ({BeforeTables.Became}) {BeforeTables.Became}, {BeforeTables.Was} FROM {_versions} versions WHERE {VersionCondition.TellsOf(_import.Sequence, _tables, Sql.Version)} ORDER BY {BeforeTables.Became}, {Sql.Version}",
            row => (Version: row.GetInt64(0), Was: row.GetInt64(1)), CancellationToken).ConfigureAwait(false);
        var there = _tables.First is null ? await VersionsAsync(Table.Table, Sql.Version, "true").ConfigureAwait(false) : [];
        return [.. there.Except(found.Select(version => version.Version)).Concat(found.Select(version => version.Was)).Where(version => version >= 0 && version <= _import.Sequence)];
    }

    private Task<IReadOnlyList<long>> VersionsAsync(string table, string column, string condition) => Session.QueryAsync($"SELECT DISTINCT {column} FROM {table} WHERE {condition}", row => row.GetInt64(0), CancellationToken);

    /// <summary>A table in which records are that have a version.</summary>
    /// <param name="Table">The table.</param>
    /// <param name="Version">The column of the version.</param>
    /// <param name="Order">The expression for the import before which they were so; the highest number where they are so now.</param>
    private sealed record Place(string Table, string Version, string Order)
    {
        /// <summary>The import before which all records were so; null where the table is not of one import.</summary>
        public long? Import { get; init; }
    }
}

namespace EntityImport.Bench.RandomEntities;

/// <summary>Names that entities and fields may have, and that a store could take for something of its own.</summary>
internal static class NastyNames
{
    /// <summary>What DuckDB and its relatives have in each table without being asked.</summary>
    private const string PseudoColumns =
        "rowid ROWID RowId row_id rownum row_number _rowid_ oid ctid tableoid xmin xmax cmin cmax filename file_row_number file_index "
        + "database_name schema_name table_name column_name ordinality generated_key index_column k v";

    /// <summary>Functions and values that need no parentheses.</summary>
    private const string Values =
        "current_date current_time current_timestamp CURRENT_TIMESTAMP localtime localtimestamp current_user current_role current_schema current_catalog session_user "
        + "user USER true false TRUE False null NULL Null nan NaN inf Infinity infinity unknown default DEFAULT excluded epoch now today yesterday";

    /// <summary>What the store and its statements call things, with and without a mark before it.</summary>
    private const string OwnNames =
        "t r T R s l x y rows row Row _row row_ first First FIRST last LAST code CODE Code staged conflict fallback delta _delta target Target count Count COUNT "
        + "entity entities document documents records Records record upload uploads import imports mapping mappings revision receipt request requests sequence main MAIN "
        + "temp temp_table stage stage_0 eis eis_rows eis_read eis_import memory system catalog schema pg_catalog information_schema sqlite_master duckdb_tables "
        + "errorRow errorLine errorReasons errorRecord value values Values key keys id ID Id name names data number state created deleted version";

    /// <summary>What statements about rows, keys and their order are most likely to call things.</summary>
    private static readonly string[] Worst = ["rowid", "ROWID", "first", "First", "last", "row", "t", "r", "code", "count"];

    private const string Keywords =
        "select SELECT from where group order by having limit offset union all distinct on using join inner left right full outer cross natural lateral anti semi asof positional "
        + "qualify window over partition range between and or not in is isnull notnull like ilike glob similar escape exists any some case when then else end cast try_cast "
        + "collate collation as with recursive materialized insert into update set delete truncate merge matched create replace table view index constraint primary foreign "
        + "references unique check column add drop alter rename cascade restrict begin commit rollback transaction savepoint checkpoint attach detach copy export load install pragma "
        + "explain analyze vacuum describe show summarize pivot unpivot sample tablesample unnest struct list map array lambda macro function returning conflict_ do nothing "
        + "asc desc nulls fetch for grant revoke to only placing symmetric asymmetric variadic both leading trailing initially deferrable";

    private const string Types =
        "integer INTEGER int int4 int64 bigint hugeint uhugeint smallint tinyint utinyint decimal DECIMAL numeric double float real boolean bool date DATE time timestamp timestamptz "
        + "datetime interval varchar VARCHAR string text char blob bytea uuid bit json enum any_ bignum variant";

    private const string Functions =
        "count_star sum min MIN max avg arg_max arg_max_null coalesce COALESCE ifnull nullif greatest least lower upper trim length year month day hour minute second "
        + "starts_with ends_with contains concat replace_ substring strftime hash md5 random uuid_ rank dense_rank lag lead first_value last_value columns exclude generate_series";

    /// <summary>What a query option or a path could mean.</summary>
    private const string Words = "top skip filter orderby expand infer imports_ events status report file errorFile it";

    private const string Odd = "_ __ ___ _0 _1 a A a1 A_1 a__b constructor __proto__ prototype toString length_ COM1 nul con aux";

    /// <summary>All of them; some differ in case alone.</summary>
    public static readonly IReadOnlyList<string> All =
    [
        .. string.Join(' ', PseudoColumns, Values, OwnNames, Keywords, Types, Functions, Words, Odd).Split(' ').Distinct(),
        new string('x', 63), "_" + new string('9', 62), new string('_', 63), "rowid" + new string('d', 58),
    ];

    /// <summary>Draws names that differ from each other by more than case.</summary>
    /// <param name="random">What is drawn from.</param>
    /// <param name="count">How many; there are more than 250.</param>
    /// <param name="taken">Names that none may equal, ignoring case; the drawn ones are added.</param>
    public static IReadOnlyList<string> Draw(Random random, int count, HashSet<string> taken)
    {
        // The worse they are, the more often they come.
        var worse = string.Join(' ', PseudoColumns, OwnNames).Split(' ');
        var drawn = new List<string>(count);
        while (drawn.Count < count)
        {
            var name = random.Next(6) switch { 0 => Worst[random.Next(Worst.Length)], 1 or 2 => worse[random.Next(worse.Length)], _ => All[random.Next(All.Count)] };
            if (random.Next(12) == 0) name = random.Next(2) == 0 ? name.ToUpperInvariant() : name.ToLowerInvariant();
            if (taken.Add(name)) drawn.Add(name);
        }

        return drawn;
    }
}

using EntityImport.Bench.Compare.Data;
using EntityImport.Bench.Compare.Peers;

namespace EntityImport.Bench.Compare.Scenarios;

/// <summary>The scenarios, in the order of the table.</summary>
internal static class AllScenarios
{
    public const string InsertLocale = "insert-locale";
    public const string InsertLocaleFirst = "insert-locale-first";
    public const string InsertLocaleTenfold = "insert-locale-10x";
    public const string UpsertSame = "upsert-same";
    public const string DuckDbIso = "duckdb-iso";
    public const string DuckDbLocale = "duckdb-locale";
    public const string DuckDbLocaleErrors = "duckdb-locale-errors";
    public const string DuckDbMergeSame = "duckdb-merge-same";
    public const string UpsertChanged = "upsert-changed";
    public const string DuckDbMergeChanged = "duckdb-merge-changed";
    public const string InsertFewBad = "insert-few-bad";
    public const string InsertAllBad = "insert-all-bad";
    public const string DuckDbFewBad = "duckdb-few-bad";
    public const string DuckDbAllBad = "duckdb-all-bad";
    public const string InsertUnkept = "insert-locale-unkept";
    public const string UpsertChangedUnkept = "upsert-changed-unkept";
    public const string UpsertAllChanged = "upsert-all-changed";
    public const string UpsertAllChangedUnkept = "upsert-all-changed-unkept";
    public const string Replace = "replace";
    public const string ReplaceUnkept = "replace-unkept";
    public const string PlanChanged = "plan-changed";
    public const string ApplyChanged = "apply-changed";
    public const string UndoReplace = "undo-replace";
    public const string Changes = "changes-first";
    public const string ChangesOfKind = "changes-of-kind";
    public const string ChangesOfField = "changes-of-field";
    public const string PostgresInsert = "postgres-insert";
    public const string PostgresInsertTenfold = "postgres-insert-10x";
    public const string PostgresUpsertChanged = "postgres-upsert-changed";
    public const string PostgresUpsertAllChanged = "postgres-upsert-all-changed";
    public const string PostgresReplace = "postgres-replace";
    public const string PsqlCopy = "psql-copy";
    public const string PsqlUpsertChanged = "psql-upsert-changed";
    public const string PsqlUpsertAllChanged = "psql-upsert-all-changed";
    public const string PsqlReplace = "psql-replace";
    public const string PgLoader = "pgloader";
    public const string BinaryImporter = "binary-importer";
    public const string Tokenize = "tokenize";
    public const string TokenizeTexts = "tokenize-texts";

    private const string Insert = "insert";
    private const string Upsert = "upsert";
    private const string Undo = "undo";
    private const string Bad = "bad";
    private const string Tools = "tools";
    private const string ReplaceGroup = "replace";
    private const string Memory = "memory";

    public static IReadOnlyList<Scenario> List { get; } =
    [
        new ProjectImport(InsertLocale, Insert, "INSERT of the formatted file", DataVariant.Locale, "INSERT"),
        new ProjectImport(InsertUnkept, Undo, "the same, keepBefore false", DataVariant.Locale, "INSERT") { KeepsBefore = false },
        new ProjectImport(InsertLocaleFirst, Insert, "the same as the first import after a start", DataVariant.Locale, "INSERT") { IsFirst = true },
        new ProjectImport("insert-iso", Insert, "INSERT of the plain file", DataVariant.Iso, "INSERT"),
        new DuckDbLoad(DuckDbIso, Insert, "DuckDB: typed read_csv of the plain file into a table", DataVariant.Iso),
        new DuckDbLoad("duckdb-iso-unordered", Insert, "DuckDB: the same, order of rows not kept", DataVariant.Iso) { Unordered = true },
        new DuckDbLoad(DuckDbLocale, Insert, "DuckDB: the formatted file converted in SQL, a bad value would fail it", DataVariant.Locale),
        new DuckDbJudgedLoad(DuckDbLocaleErrors, Insert, "DuckDB: the formatted file converted in SQL, bad rows captured", DataVariant.Locale, staged: true),
        new DuckDbJudgedLoad("duckdb-locale-errors-passes", Insert, "DuckDB: the same in passes over the file", DataVariant.Locale, staged: false),
        new ProjectImport(UpsertSame, Upsert, "UPSERT of the same rows", DataVariant.Locale, "UPSERT") { Existing = DataVariant.Locale },
        new ProjectImport(UpsertChanged, Upsert, "UPSERT, 5 % of the rows changed", DataVariant.LocaleChanged, "UPSERT") { Existing = DataVariant.Locale },
        new ProjectImport(UpsertChangedUnkept, Undo, "the same, keepBefore false", DataVariant.LocaleChanged, "UPSERT") { Existing = DataVariant.Locale, KeepsBefore = false },
        new ProjectPlan(PlanChanged, Undo, "a plan of it", DataVariant.LocaleChanged, "UPSERT") { Existing = DataVariant.Locale },
        new ProjectApply(ApplyChanged, Undo, "that plan applied", DataVariant.LocaleChanged, "UPSERT") { Existing = DataVariant.Locale },
        new ProjectImport(UpsertAllChanged, Undo, "UPSERT, all rows changed", DataVariant.LocaleAllChanged, "UPSERT") { Existing = DataVariant.Locale },
        new ProjectImport(UpsertAllChangedUnkept, Undo, "the same, keepBefore false", DataVariant.LocaleAllChanged, "UPSERT") { Existing = DataVariant.Locale, KeepsBefore = false },
        new ProjectImport(Replace, Undo, "REPLACE by the file with 5 % of the rows changed", DataVariant.LocaleChanged, "REPLACE") { Existing = DataVariant.Locale },
        new ProjectImport(ReplaceUnkept, Undo, "the same, keepBefore false", DataVariant.LocaleChanged, "REPLACE") { Existing = DataVariant.Locale, KeepsBefore = false },
        new ProjectUndo(UndoReplace, Undo, "that REPLACE undone", DataVariant.Locale, DataVariant.LocaleChanged) { Existing = DataVariant.Locale },
        new ProjectChanges(Changes, Undo, "a plan of UPSERT, all rows changed: first page of it", DataVariant.LocaleAllChanged, "") { Existing = DataVariant.Locale },
        new ProjectChanges(ChangesOfKind, Undo, "then a page of updated records", DataVariant.LocaleAllChanged, "", "&kind=UPDATED") { Existing = DataVariant.Locale },
        new ProjectChanges(ChangesOfField, Undo, "then a page by field, largest moves first", DataVariant.LocaleAllChanged, "", "&kind=UPDATED", "&field=price") { Existing = DataVariant.Locale },
        new DuckDbMerge(DuckDbMergeSame, Upsert, "DuckDB: MERGE INTO of the same rows, plain file", DataVariant.Iso, onlyChanged: false),
        new DuckDbMerge("duckdb-merge-same-compared", Upsert, "DuckDB: the same, only rows that differ updated", DataVariant.Iso, onlyChanged: true),
        new DuckDbMerge(DuckDbMergeChanged, Upsert, "DuckDB: MERGE INTO, 5 % of the rows changed, plain file", DataVariant.IsoChanged, onlyChanged: false),
        new DuckDbMerge("duckdb-merge-changed-compared", Upsert, "DuckDB: the same, only rows that differ updated", DataVariant.IsoChanged, onlyChanged: true),
        new ProjectImport(InsertFewBad, Bad, "INSERT of the formatted file, 1 % bad rows", DataVariant.LocaleFewBad, "INSERT"),
        new ProjectImport(InsertAllBad, Bad, "INSERT of the formatted file, 100 % bad rows", DataVariant.LocaleAllBad, "INSERT"),
        new DuckDbJudgedLoad(DuckDbFewBad, Bad, "DuckDB: converted in SQL, 1 % bad rows captured", DataVariant.LocaleFewBad, staged: true),
        new DuckDbJudgedLoad(DuckDbAllBad, Bad, "DuckDB: converted in SQL, 100 % bad rows captured", DataVariant.LocaleAllBad, staged: true),
        new SqliteImport("sqlite-import", Tools, "sqlite3 .import of the plain file, no key", DataVariant.Iso),
        new MillerRead("mlr-read", Tools, "mlr adding up three columns of the plain file", DataVariant.Iso),
        new CsvHelperRead("csvhelper-read", Tools, "CsvHelper reading typed values of the plain file", DataVariant.Iso),
        new SylvanRead("sylvan-read", Tools, "Sylvan.Data.Csv reading typed values of the plain file", DataVariant.Iso),
        new ProjectTokenizing(Tokenize, "records and fields", texts: false),
        new ProjectTokenizing(TokenizeTexts, "records, fields and each field's text", texts: true),
        new SylvanTokenizing("tokenize-sylvan", "Sylvan.Data.Csv: each field's text"),
        new CsvHelperTokenizing("tokenize-csvhelper", "CsvHelper: each field's text"),
        new DuckDbTokenizing("tokenize-duckdb", "DuckDB: count(*) of read_csv, all columns text"),
        new MillerTokenizing("tokenize-mlr", "mlr count"),
        new ProjectImport(InsertLocaleTenfold, Memory, "INSERT of ten times the rows", DataVariant.Locale, "INSERT") { Times = 10, Selected = true },
        new ProjectPostgresImport(PostgresInsert, Insert, "INSERT of the formatted file", DataVariant.Locale, "INSERT"),
        new PsqlLoad(PsqlCopy, Insert, "psql \\copy of the plain file, primary key", DataVariant.Iso, PsqlLoad.Insert),
        new PgLoader(PgLoader, Insert, "pgloader of the plain file, primary key", DataVariant.Iso),
        new BinaryImport(BinaryImporter, Insert, "Sylvan.Data.Csv and NpgsqlBinaryImporter, row by row, of the plain file, primary key", DataVariant.Iso),
        new ProjectPostgresImport(PostgresUpsertChanged, Upsert, "UPSERT, 5 % of the rows changed", DataVariant.LocaleChanged, "UPSERT") { Existing = DataVariant.Locale },
        new PsqlLoad(PsqlUpsertChanged, Upsert, "psql \\copy to staging, ON CONFLICT DO UPDATE, 5 % changed, plain file", DataVariant.IsoChanged, PsqlLoad.Upsert) { HasRows = true },
        new ProjectPostgresImport(PostgresUpsertAllChanged, Upsert, "UPSERT, all rows changed", DataVariant.LocaleAllChanged, "UPSERT") { Existing = DataVariant.Locale },
        new PsqlLoad(PsqlUpsertAllChanged, Upsert, "psql \\copy to staging, ON CONFLICT DO UPDATE, all changed, plain file", DataVariant.IsoAllChanged, PsqlLoad.Upsert) { HasRows = true },
        new ProjectPostgresImport(PostgresReplace, ReplaceGroup, "REPLACE by the file with 5 % of the rows changed", DataVariant.LocaleChanged, "REPLACE") { Existing = DataVariant.Locale },
        new PsqlLoad(PsqlReplace, ReplaceGroup, "psql TRUNCATE and \\copy in one transaction, the same rows, plain file", DataVariant.IsoChanged, PsqlLoad.Replace) { HasRows = true },
        new ProjectPostgresImport(PostgresInsertTenfold, Memory, "INSERT of ten times the rows", DataVariant.Locale, "INSERT") { Times = 10, Selected = true },
    ];

    /// <summary>The scenarios of a store with these names or of these groups, in the order of the table; all that run by default where there are none.</summary>
    /// <exception cref="ArgumentException">There is no such name.</exception>
    public static IReadOnlyList<Scenario> Select(bool onPostgres, IReadOnlyCollection<string> names)
    {
        var all = List.Where(scenario => scenario.IsOnPostgres == onPostgres).ToList();
        if (names.Count == 0) return [.. all.Where(scenario => scenario.IsDefault)];
        var unknown = names.Where(name => !all.Any(scenario => Is(scenario, name))).ToList();
        if (unknown.Count > 0)
            throw new ArgumentException($"No scenario {string.Join(", ", unknown)}. There are: {string.Join(", ", all.Select(scenario => scenario.Name))}; groups: {string.Join(", ", all.Select(scenario => scenario.Group).Distinct())}.");
        return [.. all.Where(scenario => names.Any(name => Is(scenario, name)))];
    }

    public static Scenario Find(string name) => List.First(scenario => scenario.Name == name);

    /// <summary>Memory is compared with that of the same import of a tenth, and what undo and plans take with the imports as they are.</summary>
    private static bool Is(Scenario scenario, string name) =>
        scenario.Name == name || scenario.Group == name || (name == Memory && scenario.Name is InsertLocale or PostgresInsert) || (name == Undo && scenario.Name is InsertLocale or UpsertChanged);
}

using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Records;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>No name of a field meets a name that the store or the database has for something else.</summary>
public sealed class NameTests
{
    /// <summary>Columns, aliases and tables of the store's own without their <c>#</c>, pseudo-columns, functions and words of SQL.</summary>
    private static readonly string[] Names =
    [
        "rowid", "row", "row_id", "rownum", "oid", "ctid", "tableoid", "filename", "file_row_number", "file_index", "first", "last", "code", "count", "delta", "target", "new", "id", "t", "r",
        "staged", "conflict", "defaults", "fallback", "rows", "eis_rows", "records", "eis", "main", "temp", "memory", "store", "min", "max", "arg_max", "arg_max_null", "coalesce", "lower", "length",
        "select", "from", "where", "group", "order", "by", "having", "limit", "offset", "join", "anti", "semi", "using", "update", "set", "delete", "insert", "values", "table", "null", "true", "default",
        "current_date", "current_timestamp", "user", "key", "primary", "cast", "distinct", "is", "not", "and", "or", "in", "between", "replace", "columns", "exclude", "struct", "map", "list", "varchar",
    ];

    public static TheoryData<string, string> ModesOfKeys()
    {
        var data = new TheoryData<string, string>();
        foreach (var name in (string[])["rowid", "RowId", "first", "FIRST", "row", "code", "count", "last", "target", "new", "id", "rows", "t", "r", "key", "select"])
            foreach (var mode in (string[])["UPSERT", "INSERT", "REPLACE"]) data.Add(name, mode);
        return data;
    }

    [Theory]
    [InlineData("UPSERT", true)]
    [InlineData("INSERT", true)]
    [InlineData("REPLACE", true)]
    [InlineData("UPSERT", false)]
    [InlineData("INSERT", false)]
    [InlineData("REPLACE", false)]
    public async Task Fields_of_all_names_keep_their_own_values(string mode, bool hasKey)
    {
        await using var engine = await Engine.StartAsync();
        var fields = Names.Select((name, i) => $$"""{"systemName": "{{name}}", "dataType": "STRING"}""");
        await engine.DeclareAsync("everything", $$"""[{"systemName": "number", "dataType": "INTEGER", "primaryKey": {{(hasKey ? "true" : "false")}}}, {{string.Join(", ", fields)}}]""");
        var mapping = await engine.MapAsync("everything", $$"""{"importMode": "{{mode}}"}""");

        var first = await engine.ImportAsync(mapping, Csv(Row(1, "a"), Row(2, "b"), Nulls(3), Nulls(4)));
        Assert.Equal((ImportState.Succeeded, 4), (first.State, first.Ledger.Inserted));
        // Row 2 is as it was, 3 gets values, 5 is new and comes twice.
        var second = await engine.ImportAsync(mapping, Csv(Row(2, "b"), Row(3, "c"), Row(5, "x"), Row(5, "d")));

        Assert.Equal(ImportState.Succeeded, second.State);
        string[] expected = (mode, hasKey) switch
        {
            ("UPSERT", true) => [Record(1, "a"), Record(2, "b"), Record(3, "c"), NullRecord(4), Record(5, "d")],
            ("INSERT", true) => [Record(1, "a"), Record(2, "b"), NullRecord(3), NullRecord(4), Record(5, "x")],
            ("REPLACE", true) => [Record(2, "b"), Record(3, "c"), Record(5, "x")],
            ("REPLACE", false) => [Record(2, "b"), Record(3, "c"), Record(5, "x"), Record(5, "d")],
            _ => [Record(1, "a"), Record(2, "b"), NullRecord(3), NullRecord(4), Record(2, "b"), Record(3, "c"), Record(5, "x"), Record(5, "d")],
        };
        Assert.Equal(expected.Order(StringComparer.Ordinal), (await engine.RecordsAsync("everything")).Order(StringComparer.Ordinal));
        if (!hasKey) return;
        foreach (var record in expected) Assert.Equal([record], await engine.RecordsAsync("everything", "number", record[..record.IndexOf('|', StringComparison.Ordinal)]));
    }

    [Theory]
    [MemberData(nameof(ModesOfKeys))]
    public async Task A_key_of_any_name_keeps_rows_apart(string key, string mode)
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", $$"""[{"systemName": "{{key}}", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "v", "dataType": "STRING"}, {"systemName": "w", "dataType": "STRING"}]""");
        var mapping = await engine.MapAsync("e", $$"""
            {"importMode": "{{mode}}", "emptyValues": "KEEP", "fields": [{"systemName": "{{key}}", "csvColumnName": "k"}, {"systemName": "v", "csvColumnName": "v"}, {"systemName": "w", "csvColumnName": "w", "defaultValue": "d"}]}
            """);

        var import = await engine.ImportAsync(mapping, "k,v,w\n2,good,\n2,dup,x\n9,x,\n7,p,y\n7,q,\n"u8.ToArray());

        Assert.Equal(mode == "UPSERT" ? ["2|dup|x", "7|q|y", "9|x|d"] : (string[])["2|good|d", "7|p|y", "9|x|d"], await engine.RecordsAsync("e"));
        Assert.Equal(mode == "UPSERT" ? (3, 2, 0) : (3, 0, 2), ((int)import.Ledger.Inserted, (int)import.Ledger.Superseded, (int)import.Ledger.Rejected));
        if (mode == "UPSERT") return;
        var (rows, _) = await engine.Import.RejectedRows.ReadAsync(Request.Anonymous, import, cursor: null, limit: 10, TestContext.Current.CancellationToken);
        Assert.Equal(["2 the key came already in row 1", "5 the key came already in row 4"], rows.Select(row => $"{row.Row} {row.Reasons.Single().Message}"));
    }

    [Theory]
    [InlineData("rowid")]
    [InlineData("ROWID")]
    [InlineData("first")]
    public async Task A_field_of_any_name_is_filtered_and_ordered_by_its_values(string name)
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", $$"""[{"systemName": "{{name}}", "dataType": "INTEGER"}]""");
        await engine.ImportAsync("e", $"{name}\n30\n10\n20\n");
        var entity = (await engine.Import.Entities.FindAsync(Request.Anonymous, "e", TestContext.Current.CancellationToken))!;

        var page = await engine.Import.Records.ReadAsync(Request.Anonymous, new RecordQuery
        {
            Entity = entity,
            Select = entity.Fields,
            Filter = new Comparison(ComparisonOperator.Greater, new FieldOperand(entity.Fields[0]), new Constant(Entities.DataType.Integer, 10L)),
            OrderBy = [(new FieldOperand(entity.Fields[0]), false)],
        },
            TestContext.Current.CancellationToken);

        Assert.Equal(["20", "30"], page.Records.Select(record => record[0]));
    }

    private static byte[] Csv(params string[] rows) => System.Text.Encoding.UTF8.GetBytes($"number,{string.Join(',', Names)}\n{string.Concat(rows)}");

    private static string Row(int number, string value) => $"{number},{string.Join(',', Names.Select(name => $"{name} {value}"))}\n";

    private static string Nulls(int number) => $"{number}{new string(',', Names.Length)}\n";

    private static string Record(int number, string value) => $"{number}|{string.Join('|', Names.Select(name => $"{name} {value}"))}";

    private static string NullRecord(int number) => $"{number}|{string.Join('|', Names.Select(_ => "∅"))}";
}

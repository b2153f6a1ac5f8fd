using System.Globalization;
using System.Text;
using EntityImport.Catalog;
using EntityImport.Conversion.Ambiguity;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>What an import says of rows that it takes: rows swallowed by a quote, keys that look alike, guessed centuries, values and numbers of rows that are not those of before.</summary>
public sealed class WarningTests
{
    private const string Items = """
        [{"systemName": "id", "dataType": "STRING", "primaryKey": true}, {"systemName": "name", "dataType": "STRING"},
         {"systemName": "price", "dataType": "DECIMAL", "precision": 9, "scale": 2}]
        """;

    private const string Notes = """
        [{"systemName": "id", "dataType": "STRING", "primaryKey": true}, {"systemName": "note", "dataType": "STRING"}, {"systemName": "by", "dataType": "STRING"}]
        """;

    private const string Orders = """
        [{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "status", "dataType": "STRING"}, {"systemName": "paid", "dataType": "BOOLEAN"},
         {"systemName": "rank", "dataType": "INTEGER"}, {"systemName": "day", "dataType": "DATE"}, {"systemName": "at", "dataType": "DATETIME"}]
        """;

    private static async Task<Import> ImportAsync(Engine engine, string csv, string definition = "{}")
    {
        var import = await engine.ImportAsync("t", csv, definition);
        Assert.True(import.State == ImportState.Succeeded, import.Message);
        Assert.Equal(import.Warnings, (await engine.FindKeptAsync(import.Id)).Warnings);
        return import;
    }

    private static async Task<IReadOnlyList<ImportWarning>> WarningsOfAsync(string fields, string csv, string definition = "{}")
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("t", fields);
        return (await ImportAsync(engine, csv, definition)).Warnings;
    }

    [Fact]
    public async Task Rows_that_a_quote_swallowed_are_told_with_its_line()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("t", Items);
        var import = await ImportAsync(engine, "id,name,price\nA,Lamp,1.00\nB,\"TV 55,2.00\nC,Table,3.00\nD,Chair,4.00\nE,Sofa 7\",5.00\nF,Bed,6.00\n");

        // The file has as many good rows as it seems, and three are gone.
        Assert.Equal(["A|Lamp|1.00", "B|TV 55,2.00\nC,Table,3.00\nD,Chair,4.00\nE,Sofa 7|5.00", "F|Bed|6.00"], await engine.RecordsAsync("t"));
        Assert.Equal(
            new ImportWarning
            {
                Code = "quote.swallowed",
                Differing = 1,
                Row = 2,
                Line = 3,
                Message = "Row 2 begins in line 3 and goes on over 3 more lines, of which 3 read like rows of their own, but are text now: a quote in line 3 was probably not meant to open a field, and a later one closed it. Correct the quotes in the file, or state multilineFields false if no field of it has several lines, and import it again.",
            },
            Assert.Single(import.Warnings));
    }

    [Theory]
    [InlineData(Items, "id,name,price\r\nB,\"TV 55,2.00\r\nE,Sofa 7\",5.00\r\n", 1)] // one line, which has a price where prices stand
    [InlineData(Items, "id;name;price\rB;\"TV;2.00\rC;\"\"TV\"\" 7\";5.00\r", 1)]
    [InlineData(Notes, "id,note,by\nA,\"x,me\nB,y,you\nC,z\",her\n", 1)] // of texts alone, it takes two lines
    [InlineData(Notes, "id,note,by\nA,\"x,me\nB,y\",you\nC,\"x,me\nD,y,he\nE,z\",her\n", 1)]
    [InlineData(Items, "id,name,price\nA,\"x,1\nB,y\",2\nC,\"x,1\nD,y\",2\n", 2)]
    public async Task Rows_are_swallowed_where_lines_have_their_delimiters_and_values(string fields, string csv, long rows)
    {
        var warning = Assert.Single(await WarningsOfAsync(fields, csv, csv.Contains(';', StringComparison.Ordinal) ? """{"fieldDelimiter": ";"}""" : "{}"));
        Assert.Equal(("quote.swallowed", rows), (warning.Code, warning.Differing));
    }

    [Theory]
    [InlineData(Notes, "id,note,by\nA,\"12 Main Street\nSpringfield, IL\nUSA\",me\n")] // an address
    [InlineData(Notes, "id,note,by\nA,me,\"Soft, warm, dry.\nLong, wide, high.\nRed, green, blue.\"\n")] // as many commas as a row, but prose
    [InlineData(Items, "id,name,price\nA,\"Set of\nknife,fork,spoon\nplate,cup,bowl\",9.00\n")] // a spoon is no price
    [InlineData(Notes, "id,note,by\nA,\"x,me\nB,y\",you\n")] // one line of texts
    [InlineData(Items, "id,name,price\nA,Lamp,1.00\n\n\nB,Bed,2.00\n")] // blank lines
    public async Task Texts_of_several_lines_are_not_told(string fields, string csv) => Assert.Empty(await WarningsOfAsync(fields, csv));

    [Theory]
    [InlineData("A-1 ", "'A-1 ' in row 2 and 'A-1', which the file has, too")]
    [InlineData(" A-1", "' A-1' in row 2 and 'A-1', which the file has, too")]
    [InlineData("A-1\u00a0", "'A-1[U+00A0]' in row 2 and 'A-1', which the file has, too")]
    [InlineData("A-1\u200b", "'A-1[U+200B]' in row 2 and 'A-1', which the file has, too")]
    [InlineData("\ufeffA-1", "'[U+FEFF]A-1' in row 2 and 'A-1', which the file has, too")]
    [InlineData("A\u00ad-1", "'A[U+00AD]-1' in row 2 and 'A-1', which the file has, too")]
    public async Task Keys_that_look_like_another_one_of_the_file_are_told(string key, string told)
    {
        var warning = Assert.Single(await WarningsOfAsync(Items, $"id,name,price\n\"A-1\",x,1\n\"{key}\",y,2\n"));
        Assert.Equal(("key.similar", "id", "id", 1L, 2L, 3L), (warning.Code, warning.Field, warning.Column, warning.Differing, warning.Row, warning.Line));
        Assert.Equal(
            $"Keys differ only by spaces, characters that nobody can see, or how accents are composed, and are different records: {told}. If they mean the same, correct the file, or have the field's texts made alike by normalize.",
            warning.Message);
    }

    [Fact]
    public async Task Accents_that_are_composed_otherwise_and_double_spaces_look_alike_too()
    {
        var warning = Assert.Single(await WarningsOfAsync(
            Items, "id,name,price\nCafe\u0301,x,1\nCaf\u00e9,y,2\nBig  Lamp,x,1\nBig Lamp,x,1\n\"C \",x,1\n\"C  \",x,1\n"));
        Assert.Equal((3, 1), (warning.Differing, warning.Row));
        Assert.Contains("'Cafe[U+0301]' in row 1 and 'Café', which the file has, too; 'Big  Lamp' in row 3 and 'Big Lamp', which the file has, too; 'C  ' in row 6 and 'C ' in row 5.", warning.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Big Lamp,x,1\nBigLamp,x,1\nbig lamp,x,1\n")] // a space between words is no end, and case can be seen
    [InlineData("\"A \",x,1\n\"B\u200b\",y,2\n")] // alone
    [InlineData("\"A \",x,1\n\"A \",y,2\n")] // the same key twice
    [InlineData("Straße,x,1\nStrasse,x,2\nЙ,x,1\nИ,x,1\n")]
    [InlineData("A,A ,1\nB,A,1\n")] // no key
    public async Task Keys_that_can_be_told_apart_are_not_told(string rows) => Assert.Empty(await WarningsOfAsync(Items, "id,name,price\n" + rows));

    [Fact]
    public async Task Keys_that_look_like_a_record_s_are_told_unless_the_records_are_replaced()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("t", Items);
        await ImportAsync(engine, "id,name,price\nA-1,x,1\n");

        var update = await ImportAsync(engine, "id,name,price\nA-1\u200b,x,1\nB\u200b,x,1\n");
        Assert.Contains(": 'A-1[U+200B]' in row 1 and 'A-1', which a record has.", Assert.Single(update.Warnings).Message, StringComparison.Ordinal);

        Assert.Empty((await ImportAsync(engine, "id,name,price\nA-1\u200b,x,1\nC,x,1\n", """{"importMode": "REPLACE"}""")).Warnings);
    }

    [Fact]
    public async Task A_key_of_several_fields_looks_like_another_one_where_all_of_it_does()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("t", """
            [{"systemName": "site", "dataType": "STRING", "primaryKey": true}, {"systemName": "no", "dataType": "INTEGER", "primaryKey": true},
             {"systemName": "name", "dataType": "STRING"}]
            """);
        var import = await ImportAsync(engine, "site,no,name\nX,1,a\n\"X \",2,b\n\"X \",1,c\n");
        Assert.Contains(": 'X , 1' in row 3 and 'X, 1', which the file has, too.", Assert.Single(import.Warnings).Message, StringComparison.Ordinal);

        import = await ImportAsync(engine, "site,no,name\nY,2,a\nX\u00ad,1,b\nX\u00ad,7,b\n");
        Assert.Contains(": 'X[U+00AD], 1' in row 2 and 'X, 1', which a record has.", Assert.Single(import.Warnings).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("day", "dd.MM.yy", "01.02.24", "13.02.45", "2024-02-01", "2024-02-01", "2045-02-13")]
    [InlineData("at", "dd.MM.yy HH:mm", "31.12.49 20:49", "01.01.1999 00:00", "1949-12-31", "1949-12-31", "1949-12-31")] // four digits are no guess
    public async Task Years_of_two_digits_are_told_with_what_they_became(string field, string pattern, string first, string second, string read, string earliest, string latest)
    {
        await using var engine = await Engine.StartAsync(new EngineSetup { Time = new Clock(new DateTimeOffset(2026, 11, 27, 0, 0, 0, TimeSpan.Zero)) });
        await engine.DeclareAsync("t", Orders);
        var import = await ImportAsync(engine, $"id,{field}\n1,\n2,{first}\n3,{second}\n", $$"""{"dateFormat": "{{pattern}}", "dateTimeFormat": "{{pattern}}"}""");

        var warning = Assert.Single(import.Warnings);
        var dates = earliest == latest ? 1 : 2;
        Assert.Equal(("year.century", field, field, (long)dates, 2L, 3L), (warning.Code, warning.Field, warning.Column, warning.Differing, warning.Row, warning.Line));
        Assert.Equal(
            $"The years of column '{field}' have two digits, which were taken for years from 1946 to 2046: '{first}' is {read}, and the {dates} {(dates == 1 ? "date lies" : "dates lie")} between {earliest} and {latest}. If that is wrong, state twoDigitYearStart, or write four digits (yyyy).",
            warning.Message);
    }

    [Theory]
    [InlineData("\"dateFormat\": \"dd.MM.yy\"", "13.02.2024")]
    [InlineData("\"dateFormat\": \"dd.MM.yyyy\"", "13.02.2024")]
    [InlineData("\"dateFormat\": \"dd.MM.yy\", \"twoDigitYearStart\": 1950", "13.02.24")]
    [InlineData("\"dateFormat\": \"dd.MM.yy\", \"nullValues\": [\"-\"], \"fields\": [{\"systemName\": \"id\", \"csvColumnName\": \"id\"}, {\"systemName\": \"day\", \"csvColumnName\": \"day\", \"defaultValue\": \"13.02.24\"}]", "-")]
    public async Task Years_that_are_written_or_stated_are_not_told(string members, string value) =>
        Assert.Empty(await WarningsOfAsync(Orders, $"id,day\n1,{value}\n", $"{{{members}}}"));

    [Fact]
    public async Task Values_that_the_last_import_did_not_have_and_those_that_are_gone_are_told()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("t", Orders);
        const string First = "id,status,paid,rank\n1,open,true,1\n2,closed,false,2\n3,open,true,1\n4,closed,false,2\n5,held,true,3\n";
        Assert.Empty((await ImportAsync(engine, First)).Warnings);
        Assert.Empty((await ImportAsync(engine, First)).Warnings);

        var warnings = (await ImportAsync(engine, "id,status,paid,rank\n1,open,true,1\n2,Open,true,2\n3,clsd,true,3\n4,open,true,1\n5,open,true,9\n")).Warnings;
        Assert.Equal(
            [
                ("status", 4L, 2L, "Column 'status' has 2 values that the last import of the entity did not have: 'Open', 'clsd', the first in row 2, and lacks 2 values that it had: 'closed', 'held'. Where that is not meant, correct the file."),
                ("paid", 1L, null, "Column 'paid' no longer has a value that it had: 'false'. Where that is not meant, correct the file."),
                ("rank", 1L, 5L, "Column 'rank' has a value that the last import of the entity did not have: '9' in row 5. Where that is not meant, correct the file."),
            ],
            warnings.Select(warning => (warning.Field, warning.Differing, warning.Row, warning.Message)));
        Assert.All(warnings, warning => Assert.Equal("values.changed", warning.Code));
    }

    [Fact]
    public async Task A_part_of_the_rows_lacks_values_only_where_it_replaces_all()
    {
        const string All = "id,status\n1,open\n2,closed\n3,open\n4,closed\n";
        const string Some = "id,status\n1,open\n2,open\n";
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("t", Orders);
        await ImportAsync(engine, All);
        Assert.Empty((await ImportAsync(engine, Some)).Warnings);
        await ImportAsync(engine, All);
        var replaced = await ImportAsync(engine, Some, """{"importMode": "REPLACE"}""");
        Assert.Contains("no longer has a value that it had: 'closed'", Assert.Single(replaced.Warnings).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Values_are_compared_with_the_last_import_that_brought_the_column_and_wrote_something()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("t", Orders);
        await ImportAsync(engine, "id,status\n1,open\n2,closed\n3,open\n4,closed\n");
        await ImportAsync(engine, "id,rank\n1,1\n2,1\n3,1\n");
        await ImportAsync(engine, "id,status\n1,new\n2,new\n3,new\n", """{"dryRun": true}""");
        await engine.RestartAsync();

        var warning = Assert.Single((await ImportAsync(engine, "id,status\n1,new\n")).Warnings);
        Assert.Equal(("status", 1L), (warning.Field, warning.Differing));
        Assert.Empty((await ImportAsync(engine, "id,status\n1,new\n")).Warnings);
    }

    [Fact]
    public async Task A_column_whose_values_hardly_repeat_or_are_many_is_no_list_of_values()
    {
        static string Rows(int from, int count, int different) =>
            "id,status\n" + string.Concat(Enumerable.Range(from, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"{i},v{from + i % different}\n")));
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("t", Orders);
        await ImportAsync(engine, Rows(0, 20, 20));
        Assert.Empty((await ImportAsync(engine, Rows(100, 20, 20))).Warnings);
        await ImportAsync(engine, Rows(0, 6000, 51));
        Assert.Null((await engine.ImportAsync("t", Rows(100, 6000, 51))).ValueLists);
        await ImportAsync(engine, Rows(0, 6000, 5));
        var warning = Assert.Single((await ImportAsync(engine, Rows(0, 6000, 500))).Warnings);
        Assert.Equal("Column 'status' has more than 50 different values, or long ones, where the last import had 5: 'v0', 'v1', 'v2', 'v3', 'v4'. Make sure that the column is the right one.", warning.Message);
    }

    [Fact]
    public async Task A_replacement_of_half_or_twice_as_many_records_is_told()
    {
        static string Rows(int count) => "id\n" + string.Concat(Enumerable.Range(1, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"{i}\n")));
        const string Replace = """{"importMode": "REPLACE"}""";
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("t", Orders);
        Assert.Empty((await ImportAsync(engine, Rows(10), Replace)).Warnings);
        Assert.Empty((await ImportAsync(engine, Rows(5), Replace)).Warnings);
        Assert.Empty((await ImportAsync(engine, Rows(10), Replace)).Warnings);

        var fewer = Assert.Single((await ImportAsync(engine, Rows(4), Replace)).Warnings);
        Assert.Equal(("rows.changed", 6L), (fewer.Code, fewer.Differing));
        Assert.Equal("t had 10 records, and this file, which replaces them, has 4: less than half as many. Make sure that it is the whole file, and the right one.", fewer.Message);
        var more = Assert.Single((await ImportAsync(engine, Rows(9), Replace)).Warnings);
        Assert.Contains("has 9: more than twice as many", more.Message, StringComparison.Ordinal);
        Assert.Empty((await ImportAsync(engine, Rows(100))).Warnings);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Any_number_of_threads_finds_the_same_in_a_file_of_many_parts(int threads)
    {
        const int Rows = 300_000;
        var csv = new StringBuilder("id,name,price\n");
        for (var i = 1; i <= Rows; i++)
        {
            var name = i is 100 or 250_000 ? "\"open,1.00\nx1,y,2.00\nx2,z\"" : $"some name that makes the file long {i % 10}";
            var key = i switch { 7 => "\"200000 \"", 290_000 => "\"8 \"", _ => i.ToString(CultureInfo.InvariantCulture) };
            csv.Append(CultureInfo.InvariantCulture, $"{key},{name},{i % 100}.00\n");
        }

        Assert.True(csv.Length > 12 << 20);
        await using var engine = await Engine.StartAsync(threads);
        await engine.DeclareAsync("t", Items);
        var import = await ImportAsync(engine, csv.ToString());

        Assert.Equal([("quote.swallowed", 2L, 100L, 101L), ("key.similar", 2L, 7L, 8L)], import.Warnings.Select(w => (w.Code, w.Differing, w.Row!.Value, w.Line!.Value)));
        var list = Assert.Single(import.ValueLists!);
        Assert.Equal(("name", Rows, 11), (list.Key, list.Value.Count, list.Value.Values.Count));
    }

    /// <summary>A clock that stands still.</summary>
    private sealed class Clock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}

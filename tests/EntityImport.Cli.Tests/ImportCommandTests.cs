using System.Text;
using System.Text.Json.Nodes;


namespace EntityImport.Cli.Tests;

/// <summary><c>eis import</c>, the same with a data directory and with a server.</summary>
public abstract class ImportCommandTests(bool isRemote) : IAsyncLifetime
{
    private readonly Eis _eis = new();

    public async ValueTask InitializeAsync()
    {
        if (isRemote) await _eis.ServeAsync();
    }

    public ValueTask DisposeAsync()
    {
        _eis.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_new_file_makes_its_entity_and_says_what_it_inferred()
    {
        var result = await _eis.ImportAsync(Samples.PathOf("products.csv"));

        Assert.Equal((0, ""), (result.Code, result.Error));
        Assert.Matches("unitPrice +unitPrice +DECIMAL\\(18,2\\)", result.Output);
        Assert.Matches("sku +sku +STRING +proposed", result.Output);
        Assert.Matches("inserted +20\n", result.Output);
        Assert.False(File.Exists(_eis.PathOf("errors.csv")));
        var records = await _eis.RecordsAsync("products");
        Assert.Equal(21, records.Length);
        Assert.Contains("BR-0001,\"Carriage bolt 3/8\"\" x 4\"\"\",Fasteners,0.42,0.035,12400,false,0400638133393,2021-03-01,2024-11-05T08:15:30Z", records);
    }

    [Fact]
    public async Task The_same_file_again_changes_nothing()
    {
        await _eis.ImportAsync(Samples.PathOf("products.csv"));

        var result = await _eis.ImportAsync(Samples.PathOf("products.csv"));

        Assert.Equal(0, result.Code);
        Assert.Contains("into products; columns are matched by name", result.Output, StringComparison.Ordinal);
        Assert.Matches("unchanged +20\n", result.Output);
    }

    [Fact]
    public async Task The_next_file_of_an_entity_is_read_as_the_last_one_was()
    {
        await _eis.ImportAsync(_eis.Write("first.csv", "nr;price;day\nA1;1.234,567;25/12/2023\n"), "--entity", "item", "--key", "nr");

        // By itself this file would be read as 1.234 on the 6th of May.
        var result = await _eis.ImportAsync(_eis.Write("second.csv", "nr;price;day\nB1;1.234;05/06/2024\nB2;x;05/06/2024\n"), "--entity", "item", "--mode", "insert");

        Assert.Equal(2, result.Code);
        Assert.Contains("Values are read as in the last import into item: ", result.Output, StringComparison.Ordinal);
        Assert.Contains("decimalSeparator ','", result.Output, StringComparison.Ordinal);
        Assert.Matches("--entity item --mode insert\n", result.Output);
        Assert.Contains("B1,1234.000,2024-06-05", await _eis.RecordsAsync("item"));
    }

    [Fact]
    public async Task A_mapping_gives_columns_their_fields_and_formats()
    {
        var result = await _eis.ImportAsync(Samples.PathOf("prices-de.csv"), "--mapping", Samples.PathOf("prices-de.json"));

        Assert.Equal((0, ""), (result.Code, result.Error));
        var records = await _eis.RecordsAsync("prices_de");
        Assert.Equal("article,description,price,discount,validFrom,changedAt,stock,active", records[0]);
        Assert.Contains("10.001,Werkbank Eiche massiv,1234.56,0.125,2024-03-01,2024-02-15T08:30:00Z,12,true", records);
    }

    [Fact]
    public async Task Formats_are_found_without_a_mapping()
    {
        var result = await _eis.ImportAsync(Samples.PathOf("prices-de.csv"), "--entity", "prices", "--key", "Artikelnr.");

        Assert.Equal((0, ""), (result.Code, result.Error));
        Assert.Contains("10.009,\"Hebebühne 3,5 t\",11980.00,0.030,2024-04-01,2024-03-28T16:47:00Z,1,true", await _eis.RecordsAsync("prices"));
    }

    [Fact]
    public async Task Bad_rows_are_shown_with_their_reasons_and_kept_in_the_error_file()
    {
        var result = await _eis.ImportAsync(Samples.PathOf("customers-bad-rows.csv"), "--schema", Samples.PathOf("customers.json"));

        Assert.Equal((2, ""), (result.Code, result.Error));
        Assert.Matches("rejected +10\n", result.Output);
        Assert.Matches(" 4 +5  memberSince: .*\\(2021-02-30\\)", result.Output);
        Assert.Contains("errors.csv --entity customers", result.Output, StringComparison.Ordinal);
        var errors = await File.ReadAllLinesAsync(_eis.PathOf("errors.csv"), TestContext.Current.CancellationToken);
        Assert.Equal(11, errors.Length);
        Assert.Equal("customerNo,name,email,creditLimit,memberSince,newsletter,country,errorRow,errorLine,errorReasons,errorRecord", errors[0]);
        Assert.StartsWith("C1004,Okafor Trading,info@okafor.example,$3000,2021-02-30,true,NG,4,5,", errors[1], StringComparison.Ordinal);
        var records = await _eis.RecordsAsync("customers");
        Assert.Contains("C1001,Harlow & Finch Limited,orders@harlowfinch.example,6000.00,2019-04-12,true,GB", records);
    }

    [Fact]
    public async Task Columns_that_another_reading_fits_are_told_after_the_ledger()
    {
        var schema = _eis.Write("s.json", """
            {"systemName":"s","fields":[{"systemName":"id","dataType":"INTEGER","primaryKey":true},{"systemName":"day","dataType":"DATE"},
             {"systemName":"amount","dataType":"DECIMAL","precision":18,"scale":4},{"systemName":"sure","dataType":"DATE"}]}
            """);
        var mapping = _eis.Write("m.json", """{"entitySystemName":"s","definition":{"dateFormat":"dd/MM/yyyy"}}""");
        var file = _eis.Write("s.csv", "id,day,amount,sure\n1,03/04/2024,\"1,234\",31/12/2024\n2,,7,01/02/2024\n");

        var result = await _eis.ImportAsync(file, "--schema", schema, "--mapping", mapping);

        Assert.Equal((0, ""), (result.Code, result.Error));
        Assert.Matches(
            "rejected +0\nWarning: The values of column 'day' were read as dd/MM/yyyy, but MM/dd/yyyy would read them all, too: 1 of 1 would be another date, "
            + "such as '03/04/2024', which is 2024-04-03 and would be 2024-03-04.\nWarning: The values of column 'amount' were read with decimal separator '.'",
            result.Output);
        Assert.DoesNotContain("column 'sure'", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_inferred_whole_number_that_may_be_a_decimal_is_told()
    {
        var result = await _eis.ImportAsync(_eis.Write("t.csv", "id,amount,sure\na,\"1,234\",1.5\nb,\"5,678\",2\n"));

        Assert.Equal(0, result.Code);
        Assert.Matches("amount +amount +INTEGER .*This is ambiguous: .*chosen as in column 'sure'", result.Output);
        Assert.Contains("'1,234', which is 1234 and would be 1.234.\n", result.Output, StringComparison.Ordinal);
        Assert.Single(result.Output.Split('\n'), line => line.StartsWith("Warning: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_corrected_error_file_can_be_imported()
    {
        var schema = _eis.Write("n.json", """{"systemName":"n","fields":[{"systemName":"id","dataType":"INTEGER","primaryKey":true},{"systemName":"day","dataType":"DATE"}]}""");
        await _eis.ImportAsync(_eis.Write("n.csv", "id;day\n1;31.12.2024\n2;31.11.2024\n3;1.1.2025\n4;2.1.2025\n5;3.1.2025\n6;4.1.2025\n7;5.1.2025\n8;6.1.2025\n9;7.1.2025\n10;8.1.2025\n"), "--schema", schema);
        var errors = await File.ReadAllTextAsync(_eis.PathOf("errors.csv"), TestContext.Current.CancellationToken);

        var corrected = _eis.Write("corrected.csv", errors.Replace("31.11.2024;", "30.11.2024;", StringComparison.Ordinal));
        var result = await _eis.ImportAsync(corrected, "--entity", "n");

        Assert.Equal((0, ""), (result.Code, result.Error));
        var records = await _eis.RecordsAsync("n");
        Assert.Equal(11, records.Length);
        Assert.Contains("2,2024-11-30", records);
    }

    [Fact]
    public async Task Only_the_first_ten_rejected_rows_are_shown()
    {
        var schema = _eis.Write("n.json", """{"systemName":"n","fields":[{"systemName":"id","dataType":"INTEGER","primaryKey":true}]}""");

        var result = await _eis.ImportAsync(_eis.Write("n.csv", "id\n1\n" + string.Concat(Enumerable.Repeat("x\n", 25))), "--schema", schema);

        Assert.Equal(2, result.Code);
        Assert.Contains("the first 10 of 25", result.Output, StringComparison.Ordinal);
        Assert.Equal(10, result.Output.Split("(x)").Length - 1);
    }

    [Fact]
    public async Task Without_a_good_row_it_fails_and_leaves_no_entity_behind()
    {
        var schema = _eis.Write("n.json", """{"systemName":"n","fields":[{"systemName":"id","dataType":"INTEGER","primaryKey":true}]}""");

        var result = await _eis.ImportAsync(_eis.Write("n.csv", "id\nx\n"), "--schema", schema);

        Assert.Equal(1, result.Code);
        Assert.Contains("nothing was written", result.Error, StringComparison.Ordinal);
        Assert.True(File.Exists(_eis.PathOf("errors.csv")));
        Assert.Contains("no entities yet", (await _eis.RunAsync("entities")).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("upsert", 0, "1,new|2,b|3,c")]
    [InlineData("INSERT", 2, "1,a|2,b|3,c")]
    [InlineData("replace", 0, "1,new|3,c")]
    public async Task The_mode_decides_about_existing_records(string mode, int code, string expected)
    {
        await _eis.ImportAsync(_eis.Write("t.csv", "id,name\n1,a\n2,b\n"));

        var result = await _eis.ImportAsync(_eis.Write("t.csv", "id,name\n1,new\n3,c\n"), "--mode", mode);

        Assert.Equal(code, result.Code);
        Assert.Equal(expected.Split('|'), (await _eis.RecordsAsync("t"))[1..].Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_dry_run_writes_nothing_not_even_the_entity()
    {
        var result = await _eis.ImportAsync(_eis.Write("t.csv", "id,name\n1,a\n"), "--dry-run");

        Assert.Equal(0, result.Code);
        Assert.Contains("nothing was written", result.Output, StringComparison.Ordinal);
        Assert.Matches("inserted +1\n", result.Output);
        Assert.Contains("no entities yet", (await _eis.RunAsync("entities")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_without_header_has_numbered_columns()
    {
        var result = await _eis.ImportAsync(_eis.Write("t.csv", "7,a\n8,b\n"), "--no-header");

        Assert.Equal(0, result.Code);
        Assert.Equal(["column_1,column_2", "7,a", "8,b"], (await _eis.RecordsAsync("t")).Order(StringComparer.OrdinalIgnoreCase).OrderBy(line => line[0] != 'c'));
    }

    [Fact]
    public async Task Options_state_how_the_file_is_written()
    {
        var path = _eis.PathOf("prices.csv");
        await File.WriteAllBytesAsync(path, Encoding.Latin1.GetBytes("Price list\nid|name|price|since\n7|'Käse|Brot'|1.234,5|31.01.2024\n8|-|2|01.02.2024\n"), TestContext.Current.CancellationToken);

        var result = await _eis.ImportAsync(
            path, "--encoding", "ISO-8859-1", "--skip-lines", "1", "--delimiter", "|", "--quote", "'", "--decimal", ",", "--grouping", ".", "--date-format", "dd.MM.yyyy", "--null", "-", "--key", "id");

        Assert.Equal((0, ""), (result.Code, result.Error));
        Assert.Equal(["id,name,price,since", "7,Käse|Brot,1234.5,2024-01-31", "8,,2.0,2024-02-01"], await _eis.RecordsAsync("prices"));
    }

    [Fact]
    public async Task Rows_with_too_few_fields_are_filled_up_where_an_option_says_so()
    {
        var result = await _eis.ImportAsync(_eis.Write("t.csv", "id,name\n1,a\n2\n"), "--ragged", "pad", "--key", "id");

        Assert.Equal(0, result.Code);
        Assert.Equal(["id,name", "1,a", "2,"], await _eis.RecordsAsync("t"));
    }

    [Fact]
    public async Task A_quote_ends_with_its_line_where_an_option_says_that_no_field_has_several()
    {
        var result = await _eis.ImportAsync(_eis.Write("t.csv", "id,name,n\n1,\"TV 55,2\n2,Table,3\n3,Sofa 7\",5\n"), "--no-multiline-fields", "--key", "id");

        Assert.Equal(2, result.Code);
        Assert.Contains("the quote that opened in line 2, column 3 does not close within its line, and multilineFields is false", result.Output, StringComparison.Ordinal);
        Assert.EndsWith(" --no-multiline-fields", result.Output.Split('\n').Single(line => line.Contains("eis import ", StringComparison.Ordinal)).TrimEnd(), StringComparison.Ordinal);
        Assert.Equal(["id,name,n", "2,Table,3", "3,\"Sofa 7\"\"\",5"], await _eis.RecordsAsync("t"));
    }

    [Fact]
    public async Task Whether_a_quote_encloses_rows_is_asked_and_can_be_stated()
    {
        var file = _eis.Write("t.csv", "id,name,n\n1,\"TV 55,2\n2,Table,3\n3,Sofa 7\",5\n4,Lamp,6\n");

        var open = await _eis.ImportAsync(file, "--key", "id");
        var answered = await _eis.ImportAnsweringAsync("1\n", file, "--key", "id");
        var stated = await _eis.ImportAsync(file, "--key", "id", "--entity", "u", "--multiline-fields");

        Assert.Equal(1, open.Code);
        Assert.StartsWith("Does the quote in line 2 enclose the line ends up to line 4? ", open.Error, StringComparison.Ordinal);
        Assert.Contains("a quote that does not close in its line rejects that line alone.\n    --no-multiline-fields\n", open.Error, StringComparison.Ordinal);
        Assert.Contains("are one row.\n    --multiline-fields\n", open.Error, StringComparison.Ordinal);
        Assert.Equal(2, answered.Code);
        Assert.Equal(["id,name,n", "2,Table,3", "3,\"Sofa 7\"\"\",5", "4,Lamp,6"], await _eis.RecordsAsync("t"));
        Assert.Equal(0, stated.Code);
        Assert.Contains("a quote in line 2 was probably not meant to open a field", stated.Output, StringComparison.Ordinal);
        Assert.Equal("id,name,n\n1,\"TV 55,2\n2,Table,3\n3,Sofa 7\",5\n4,Lamp,6", string.Join('\n', await _eis.RecordsAsync("u")));
    }

    [Fact]
    public async Task The_command_for_corrected_rows_reads_them_in_the_same_way()
    {
        Assert.Equal(0, (await _eis.ImportAsync(_eis.Write("t.csv", "id;price\n1;1,5\n2;2,5\n"), "--key", "id", "--decimal", ",")).Code);
        var mapping = _eis.Write("m.json", """{"definition":{"fieldDelimiter":";","fields":[{"systemName":"id","csvColumnName":"1"},{"systemName":"price","csvColumnName":"2"}]}}""");

        var result = await _eis.ImportAsync(
            _eis.Write("t.csv", "id;price\n1;1,5\n2;much\n"), "--entity", "t", "--mapping", mapping, "--no-header", "--skip-lines", "1", "--decimal", ",", "--null", "it's nothing");

        Assert.Equal(2, result.Code);
        Assert.Contains(" --no-header --skip-lines 1 --decimal ',' --null 'it'\\''s nothing'", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_saved_mapping_states_what_was_inferred()
    {
        var saved = _eis.PathOf("saved.json");
        await _eis.ImportAsync(_eis.Write("t.csv", "id;price\n1;1,5\n2;2,25\n"), "--save-mapping", saved);

        var definition = JsonNode.Parse(await File.ReadAllTextAsync(saved, TestContext.Current.CancellationToken))!["definition"]!;
        Assert.Equal((";", ","), ((string?)definition["fieldDelimiter"], (string?)definition["decimalSeparator"] ?? ","));
        Assert.Equal(["id", "price"], definition["fields"]!.AsArray().Select(field => (string?)field!["csvColumnName"]));
        var again = await _eis.ImportAsync(_eis.Write("t.csv", "id;price\n3;1.234,5\n"), "--mapping", saved);
        Assert.Equal(0, again.Code);
        Assert.Contains("3,1234.50", await _eis.RecordsAsync("t"));
    }

    [Fact]
    public async Task A_saved_mapping_does_not_take_the_file_s_place()
    {
        var file = _eis.Write("t.csv", "id\n1\n");

        var result = await _eis.ImportAsync(file, "--save-mapping", file);

        Assert.Equal(1, result.Code);
        Assert.Contains("would overwrite the file", result.Error, StringComparison.Ordinal);
        Assert.Equal("id\n1\n", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Of_very_many_columns_the_first_are_shown_and_the_rest_counted()
    {
        var names = string.Join(',', Enumerable.Range(1, 70).Select(number => $"c{number}"));

        var result = await _eis.ImportAsync(_eis.Write("t.csv", $"{names}\n{string.Join(',', Enumerable.Range(1, 70))}\n"));

        Assert.Equal(0, result.Code);
        Assert.Contains("and 20 more columns", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("c51", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Columns_that_the_entity_does_not_have_are_named()
    {
        await _eis.ImportAsync(_eis.Write("t.csv", "id,name\n1,a\n"));

        var result = await _eis.ImportAsync(_eis.Write("t.csv", "id,colour\n2,red\n"));

        Assert.Equal(0, result.Code);
        Assert.Contains("no such fields: colour", result.Output, StringComparison.Ordinal);
        Assert.Contains("2,", await _eis.RecordsAsync("t"));
    }

    [Fact]
    public async Task Output_that_is_no_terminal_has_no_control_characters()
    {
        var result = await _eis.ImportAsync(Samples.PathOf("products.csv"));

        Assert.DoesNotContain(result.Output, c => char.IsControl(c) && c is not '\n' and not '\r');
    }

    [Fact]
    public async Task An_interrupted_import_writes_nothing()
    {
        using var interruption = new CancellationTokenSource();
        await interruption.CancelAsync();

        var result = await _eis.RunAsync(interruption.Token, "import", Samples.PathOf("products.csv"), "--errors", _eis.PathOf("errors.csv"));

        Assert.Equal(130, result.Code);
        Assert.Contains("nothing was written", result.Error, StringComparison.Ordinal);
        Assert.Contains("no entities yet", (await _eis.RunAsync("entities")).Output, StringComparison.Ordinal);
    }
}

public sealed class LocalImportCommandTests() : ImportCommandTests(isRemote: false);

public sealed class RemoteImportCommandTests() : ImportCommandTests(isRemote: true);

namespace EntityImport.Cli.Tests;

/// <summary><c>eis import</c> of files that leave something open: asked where somebody can answer, else refused with what states it.</summary>
public sealed class OpenQuestionTests : IDisposable
{
    private const string Dates = "id,day\nA,01/02/2024\nB,03/04/2024\n";
    private const string Keys = "name,taxNo,staffNo\nx,1,7\nx,2,8\n";

    private readonly Eis _eis = new();

    public void Dispose() => _eis.Dispose();

    [Theory]
    [InlineData(Dates, "Is the day or the month first in column 'day'?", "'01/02/2024' is 2024-02-01, '03/04/2024' is 2024-04-03", "--date-format dd/MM/yyyy")]
    [InlineData("id;n\nA;1.234\n", "Is '.' or ',' the decimal separator in column 'n'?", "'1.234' is 1234", "--decimal ',' --grouping .")]
    [InlineData(Keys, "Which column identifies a record?", "'staffNo', such as '7', '8'", "--key \"staffNo\"")]
    public async Task Where_nobody_can_be_asked_it_fails_and_names_what_answers(string csv, string question, string meaning, string answer)
    {
        var result = await _eis.ImportAsync(_eis.Write("t.csv", csv));

        Assert.Equal(1, result.Code);
        foreach (var told in (string[])[question, meaning, answer, "Nothing was written."]) Assert.Contains(told, result.Error, StringComparison.Ordinal);
        Assert.Contains("no entities yet", (await _eis.RunAsync("entities")).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1\n", "A,2024-01-02")]
    [InlineData("2\n", "A,2024-02-01")]
    [InlineData("both\n3\n 2 \n", "A,2024-02-01")]
    public async Task On_a_terminal_it_is_asked_and_the_answer_is_what_counts(string answers, string record)
    {
        var result = await _eis.ImportAnsweringAsync(answers, _eis.Write("t.csv", Dates));

        Assert.Equal((0, ""), (result.Code, result.Error));
        Assert.Contains("  2  dd/MM/yyyy: '01/02/2024' is 2024-02-01", result.Output, StringComparison.Ordinal);
        Assert.Contains(record, await _eis.RecordsAsync("t"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0\n3\nx\n1\n")]
    public async Task Without_an_answer_nothing_is_written(string answers)
    {
        var result = await _eis.ImportAnsweringAsync(answers, _eis.Write("t.csv", Dates));

        Assert.Equal(1, result.Code);
        Assert.Contains("no entities yet", (await _eis.RunAsync("entities")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_questions_are_asked_one_after_the_other()
    {
        var result = await _eis.ImportAnsweringAsync("2\n2\n2\n", _eis.Write("t.csv", "n;day;taxNo;staffNo\n1.234;01/02/2024;1;7\n1.234;01/02/2024;2;8\n"));

        Assert.Equal((0, ""), (result.Code, result.Error));
        Assert.Contains("1234,2024-02-01,1,7", await _eis.RecordsAsync("t"));
        Assert.Matches("staffNo +staffNo +INTEGER +yes", result.Output);
    }

    [Fact]
    public async Task Yes_takes_a_proposed_key_but_no_reading_of_values()
    {
        Assert.Equal(0, (await _eis.ImportAsync(_eis.Write("keys.csv", Keys), "--yes")).Code);
        var dates = await _eis.ImportAnsweringAsync("", _eis.Write("dates.csv", Dates), "--yes");

        Assert.Equal(1, dates.Code);
        Assert.Contains("Is the day or the month first", dates.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stating_the_answer_imports_the_file()
    {
        var mapping = _eis.Write("m.json", """{"definition":{"dateFormat":"dd/MM/yyyy"}}""");

        Assert.Equal(0, (await _eis.ImportAsync(_eis.Write("t.csv", Dates), "--mapping", mapping)).Code);
        Assert.Contains("B,2024-04-03", await _eis.RecordsAsync("t"));
    }

    [Fact]
    public async Task A_file_that_contradicts_the_last_format_is_read_by_itself_and_told_so()
    {
        await _eis.ImportAsync(_eis.Write("1.csv", "sku,price,stock\nA-1,1234.50,10\nA-2,0.99,20\n"), "--entity", "m50");

        var german = await _eis.ImportAsync(_eis.Write("2.csv", "sku;price;stock\nA-1;1.234,50;11\nA-2;0,99;21\nA-3;1.500;5\n"), "--entity", "m50");

        Assert.Equal((0, ""), (german.Code, german.Error));
        Assert.Contains("This file is written in another way than the last one that was imported into m50 (locale 'en-US').", german.Output, StringComparison.Ordinal);
        Assert.Contains("price: ", german.Output, StringComparison.Ordinal);
        Assert.Contains("'1.234,50' (row 1, line 2)", german.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("as in the last import", german.Output, StringComparison.Ordinal);
        Assert.Equal(["A-1,1234.50,11", "A-2,0.99,21", "A-3,1500.00,5"], (await _eis.RecordsAsync("m50"))[1..].Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Dates_that_the_last_format_cannot_read_change_the_reading_of_all()
    {
        await _eis.ImportAsync(_eis.Write("1.csv", "id,day\na,25/12/2023\n"), "--entity", "t");

        var result = await _eis.ImportAsync(_eis.Write("2.csv", "id,day\nb,05/06/2024\nc,07/08/2024\nd,12/31/2024\n"), "--entity", "t");

        Assert.Equal(0, result.Code);
        Assert.Contains("b,2024-05-06", await _eis.RecordsAsync("t"));
    }

    [Fact]
    public async Task Single_bad_values_are_no_other_format()
    {
        await _eis.ImportAsync(_eis.Write("1.csv", "sku,price,stock\nA-1,1234.50,10\nA-2,0.99,20\n"), "--entity", "m50");

        var result = await _eis.ImportAsync(_eis.Write("3.csv", "sku,price,stock\nA-1,\"1,234\",12\nA-2,\"0,99\",22\n"), "--entity", "m50");

        Assert.Equal(2, result.Code);
        Assert.Contains("Values are read as in the last import into m50", result.Output, StringComparison.Ordinal);
        Assert.Contains("A-1,1234.00,12", await _eis.RecordsAsync("m50"));
        Assert.Contains("A-2,0.99,20", await _eis.RecordsAsync("m50"));
    }
}

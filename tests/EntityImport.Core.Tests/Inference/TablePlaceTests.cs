using System.Text;
using EntityImport.Entities;
using EntityImport.Inference;
using Xunit;

namespace EntityImport.Core.Tests.Inference;

public sealed class TablePlaceTests
{
    [Theory]
    [InlineData("sep=;\r\nid;price\r\nA;1,5\r\nB;2\r\n", ";")]
    [InlineData("\"sep=;\"\nid;price\nA;1,5\nB;2\n", ";")]
    [InlineData("SEP=\t\nid\tprice\nA\t1,5\nB\t2\n", "\\t")]
    [InlineData("sep=,,\nid,price\nA,5\nB,2\n", ",")]
    [InlineData("sep=|^|\nid|^|price\nA|^|5\n", "|^|")]
    public void A_line_that_tells_spreadsheets_the_delimiter_is_skipped_and_obeyed(string csv, string delimiter)
    {
        var schema = Inferring.From(csv);

        Assert.Equal(delimiter, schema.Definition().Text("fieldDelimiter"));
        Assert.Equal(1, schema.Definition().GetProperty("skipLines").GetInt32());
        Assert.Equal(["id", "price"], schema.Columns.Select(column => column.CsvColumnName));
        Assert.Contains("names the delimiter", Message(schema, "table.sep"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("||")]
    [InlineData("|^|")]
    [InlineData("|~|")]
    [InlineData("::")]
    [InlineData("^|^")]
    [InlineData("~~")]
    [InlineData("#@#")]
    [InlineData("\u00A6")]
    [InlineData("\u00A7")]
    [InlineData("\u001F")]
    [InlineData("\u0001")]
    [InlineData("^")]
    [InlineData("~")]
    [InlineData("|")]
    [InlineData(";")]
    public void Rare_delimiters_and_those_of_several_characters_are_found(string delimiter)
    {
        var csv = "id|name|note|amount\n1|Anchor, 12\"|a/b|1.50\n2|Bolt||2.50\n3|Clamp - big|x|3.50\n".Replace("|", delimiter, StringComparison.Ordinal);

        var schema = Inferring.From(csv);

        Assert.Equal(delimiter, schema.Format.Delimiter);
        Assert.Equal(["id", "name", "note", "amount"], schema.Columns.Select(column => column.CsvColumnName));
        Assert.Equal(DataType.Decimal, schema.Field("amount").DataType);
        Assert.Empty(schema.Questions);
        Assert.Empty(schema.Findings);
    }

    [Theory]
    [InlineData("id,tags\n1,a|b\n2,c|d\n3,e|f\n", ",")]
    [InlineData("id;when\n1;2024-01-05 10:00\n2;2024-01-06 11:30\n", ";")]
    [InlineData("name;city\nAnn;Berlin, Germany\nBob;Bonn, Germany\n", ";")]
    [InlineData("Name;Price, EUR\nx;1,50\ny;2,75\n", ";")]
    [InlineData("id,url\n1,http://a::b\n2,http://c::d\n", ",")]
    public void The_delimiter_of_the_header_wins_over_marks_within_values(string csv, string delimiter)
    {
        var schema = Inferring.From(csv);

        Assert.Equal(delimiter, schema.Format.Delimiter);
        Assert.Equal(2, schema.Columns.Count);
        Assert.Empty(schema.Questions);
    }

    [Fact]
    public void Two_delimiters_that_fit_equally_well_are_asked_for()
    {
        var schema = Inferring.From("a;b,c\nx;y,z\np;q,r\n");

        var question = Assert.Single(schema.Questions);
        Assert.Equal(QuestionKind.Delimiter, question.Kind);
        Assert.Equal([",", ";"], question.Answers.Select(answer => answer.Definition["fieldDelimiter"]!.GetValue<string>()));
        Assert.Contains("makes it 'a', 'b,c'", question.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Account statement\nPeriod: 2018.02.28-2018.03.31\nPrinted: 2018.03.31 09:57\n\n{0}", 4)]
    [InlineData("Account statement\n{0}", 1)]
    [InlineData("Account statement;;;\n{0}", 1)]
    [InlineData("Account statement;;;\n;;;\nPeriod;2018-02-28;2018-03-31;\n{0}", 3)]
    [InlineData(";Money;;\n{0}", 1)]
    [InlineData("Statement of \"Smith\n{0}", 1)]
    [InlineData("From: Smith; To: Jones\n\n{0}", 2)]
    public void Lines_above_the_header_are_skipped_and_shown(string csv, int skipLines)
    {
        var schema = Inferring.From(csv.Replace("{0}", "account;amount;currency;booked\nH-1;40000;HUF;2018.03.29\nH-2;-1250;HUF;2018.03.30\n", StringComparison.Ordinal));

        Assert.Equal(["account", "amount", "currency", "booked"], schema.Columns.Select(column => column.CsvColumnName));
        Assert.Equal(skipLines, schema.Definition().GetProperty("skipLines").GetInt32());
        Assert.Equal((2, 0), (schema.Format.Records, schema.Format.UnreadableRecords));
        Assert.Equal(DataType.Integer, schema.Field("amount").DataType);
        Assert.Contains($"skipLines {skipLines}", Message(schema, "table.title"), StringComparison.Ordinal);
        Assert.Contains($"The header is line {skipLines + 1}", Message(schema, "table.title"), StringComparison.Ordinal);
    }

    [Fact]
    public void Stated_lines_to_skip_are_left_as_they_are()
    {
        var schema = Inferring.From("Report;;\nid;a;b\n1;2;3\n", """{"skipLines":0}""");

        Assert.Equal("Report", schema.Columns[0].CsvColumnName);
        Assert.Empty(schema.Findings);
    }

    [Fact]
    public void A_file_that_is_stated_to_have_no_header_has_all_of_its_lines_read()
    {
        var schema = Inferring.From("x;;\n;kg;EUR\nA-1;1,5;2,50\nA-2;2;3,75\n", """{"header":false}""");

        Assert.Equal((4, 0), (schema.Format.Records, schema.Format.UnreadableRecords));
        Assert.False(schema.Definition().TryGetProperty("skipLines", out _));
    }

    [Theory]
    [InlineData("country,2019,2020,2021\nDE,1,2,3\nFR,4,5,6\n")]
    [InlineData("id\n1\n2\n")]
    [InlineData("name,city\nAnn,Berlin\nBob,Paris\n")]
    [InlineData("sku,1,10,100\nA-1,9.5,9.0,8.5\nB-22,7.5,7.0,6.5\n")]
    [InlineData("id,n/a\n1,2\n2,n/a\n3,4\n")]
    public void A_header_stays_one(string csv)
    {
        var schema = Inferring.From(csv);

        Assert.False(schema.Definition().TryGetProperty("header", out _));
        Assert.False(schema.Definition().TryGetProperty("skipLines", out _));
        Assert.Empty(schema.Findings);
    }

    [Theory]
    [InlineData("1,x\n2,y\n3,z\n")]
    [InlineData("A1,Widget,9.99\nA2,Gadget,19.99\nA3,Saw,5.00\n")]
    [InlineData("2024-01-05;5;x\n2024-01-06;7;y\n")]
    public void A_first_line_that_is_like_the_rows_below_is_a_row(string csv)
    {
        var schema = Inferring.From(csv);

        Assert.False(schema.Definition().GetProperty("header").GetBoolean());
        Assert.Equal("column_1", schema.Entity.Fields[0].SystemName);
        Assert.Equal(csv.Count(c => c == '\n'), schema.Format.Records);
        Assert.Contains("state header true", Message(schema, "header.none"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("id;weight;price\n;kg;EUR\nA-1;1,5;2,50\nA-2;2;3,75\n")]
    [InlineData("id;weight;price\nArtikel;Gewicht;Preis\nA-1;1,5;2,50\nA-2;2;3,75\n")]
    public void Units_or_names_below_the_header_make_no_type_wrong(string csv)
    {
        var schema = Inferring.From(csv);

        Assert.Equal([DataType.Decimal, DataType.Decimal], [schema.Field("weight").DataType, schema.Field("price").DataType]);
        Assert.Equal((3, 1), (schema.Format.Records, schema.Format.UnreadableRecords));
        Assert.Contains("Line 2, below the header", Message(schema, "header.second"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a;b;c\n1;x;2.5;\n2;y;3.5;\n", "FIT", "rows.surplus", 3)]
    [InlineData("a;b;c;\n1;x;2.5\n2;y;3.5\n", "PAD", "rows.missing", 4)]
    [InlineData("a;b;c\n1;x;2.5\n2;y\n3;z\n4;w;2.5\n", "PAD", "rows.missing", 3)]
    public void Rows_with_surplus_or_missing_delimiters_are_rows(string csv, string raggedRows, string code, int columns)
    {
        var schema = Inferring.From(csv);

        Assert.Equal(raggedRows, schema.Definition().Text("raggedRows"));
        Assert.Equal(0, schema.Format.UnreadableRecords);
        Assert.Equal(columns, schema.Columns.Count);
        Assert.Equal(["a", "b", "c"], schema.Entity.Fields.Select(field => field.SystemName));
        Assert.Equal(DataType.Decimal, schema.Field("c").DataType);
        Assert.Contains($"raggedRows {raggedRows} is proposed", Message(schema, code), StringComparison.Ordinal);
    }

    [Fact]
    public void A_nameless_empty_last_column_is_not_imported()
    {
        var schema = Inferring.From("a;b;\n1;x;\n2;y;\n");

        Assert.Equal(["a", "b"], schema.Entity.Fields.Select(field => field.SystemName));
        Assert.Equal(0, schema.Format.UnreadableRecords);
    }

    [Fact]
    public void Decimal_commas_that_split_rows_are_said()
    {
        var schema = Inferring.From("id,name,price\nA,Anchor,1,50\nB,Bolt,2,75\nC,Clamp,3\n");

        Assert.Equal(["id", "name", "price"], schema.Columns.Select(column => column.CsvColumnName));
        Assert.Equal(2, schema.Format.UnreadableRecords);
        Assert.Contains("line 2: 'A,Anchor,1,50'", Message(schema, "delimiter.decimalComma"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Total;;30;\n", 1)]
    [InlineData("Closing balance;;30;\n", 1)]
    [InlineData("\nSumme;;30\n", 1)]
    [InlineData(";;30;\n", 1)]
    [InlineData("2 records\n", 1)]
    [InlineData("Total;;30;\nGenerated by X on 2024-01-01", 2)]
    public void A_last_row_like_a_total_is_pointed_out_and_not_judged(string footer, int lines)
    {
        var schema = Inferring.From("booked;text;amount;currency\n2024-01-05;a;10;EUR\n2024-01-06;b;20;EUR\n" + footer);

        Assert.Equal((2, 0), (schema.Format.Records, schema.Format.UnreadableRecords));
        Assert.Equal(DataType.Date, schema.Field("booked").DataType);
        Assert.Contains($"skipFooterLines {lines}", Message(schema, "footer.total"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2024-01-07;c;30;EUR\n")]
    [InlineData("2024-01-07;Total eclipse;30;EUR\n")]
    [InlineData("2024-01-07;c;n/a;\n")]
    [InlineData("2024-01-07;c")]
    public void A_last_row_of_data_is_data(string last) =>
        Assert.DoesNotContain(Inferring.From("booked;text;amount;currency\n2024-01-05;a;10;EUR\n2024-01-06;b;20;EUR\n" + last).Findings, finding => finding.Code == "footer.total");

    [Fact]
    public void The_end_of_a_sample_that_is_not_the_whole_file_is_no_footer()
    {
        var request = Inferring.Request(Encoding.UTF8.GetBytes("a;b\nx;1\ny;2\nTotal;\n")) with { IsWholeFile = false };

        Assert.Empty(SchemaInference.Infer(request, TestContext.Current.CancellationToken).Findings);
    }

    [Fact]
    public void Rows_that_are_quoted_as_a_whole_are_one_column_and_said_to_be()
    {
        var schema = Inferring.From("\"Name,Family Name,Age\"\r\n\"John,Doe,34\"\r\n\"Ann,\"\"Smith, Jr.\"\",41\"\r\n");

        Assert.Equal("Name,Family Name,Age", Assert.Single(schema.Columns).CsvColumnName);
        Assert.Contains("line 1 is \"Name,Family Name,Age\", whose text ',' splits into 3", Message(schema, "rows.quoted"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("name\nSmith, John\nDoe, Jane\nRoe, Rick\n", "','")]
    [InlineData("price\n1,50\n2,75\n3,20\n", "','")]
    [InlineData("address\nMain St 5, Springfield, IL\nElm St 7, Boston, MA\n", "','")]
    public void A_column_whose_values_alone_are_split_evenly_stays_one_and_is_doubted(string csv, string delimiter)
    {
        var schema = Inferring.From(csv);

        Assert.Single(schema.Columns, column => column.CsvColumnName == csv.Split('\n')[0]);
        Assert.Equal(0, schema.Format.UnreadableRecords);
        Assert.Contains(delimiter, Message(schema, "delimiter.doubtful"), StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_that_another_delimiter_splits_than_the_header_are_asked_for()
    {
        const string Csv = "a,b,c\n1;2;x\n3;4;y\n5;6;z\n";

        var question = Assert.Single(Inferring.From(Csv).Questions);

        Assert.Contains("The first line is split by ',' ('a', 'b', 'c'), but all lines from 2 on by ';'", question.Message, StringComparison.Ordinal);
        Assert.Equal(3, Inferring.From(Csv, question.Answers[0].Definition.ToJsonString()).Columns[0].Rows);
    }

    [Fact]
    public void A_stated_delimiter_that_splits_nothing_is_doubted()
    {
        var schema = Inferring.From("id;name\n1;x\n2;y\n", """{"fieldDelimiter":","}""");

        Assert.Contains("';' splits all from line 1 on into 2", Message(schema, "delimiter.doubtful"), StringComparison.Ordinal);
    }

    [Fact]
    public void Columns_that_are_stated_tell_the_header()
    {
        var schema = Inferring.From("Name;X\n1;2\n5;2024\n", """{"fields":[{"systemName":"n","csvColumnName":"2024"}]}""");

        Assert.Equal("2024", schema.Columns[1].CsvColumnName);
        Assert.Equal(2, schema.Definition().GetProperty("skipLines").GetInt32());
    }

    private static string Message(InferredSchema schema, string code) => Assert.Single(schema.Findings, finding => finding.Code == code).Message;
}

using EntityImport.Entities;
using EntityImport.Inference;
using Xunit;

namespace EntityImport.Core.Tests.Inference;

/// <summary>Files as people sent them to other tools, without any mapping. They lie beside the repository.</summary>
public sealed class FieldCaseTests
{
    [Theory]
    [InlineData("input.csv")]
    [InlineData("input-bom.csv")]
    public void Excels_sep_line_is_skipped_and_obeyed(string file)
    {
        var schema = Infer("06-excel-sep-line", file);

        Assert.Equal(["Artikel", "Preis", "Menge"], schema.Columns.Select(column => column.CsvColumnName));
        Assert.Equal((";", 1), (schema.Definition().Text("fieldDelimiter"), schema.Definition().GetProperty("skipLines").GetInt32()));
        Assert.Equal(DataType.String, schema.Field("Artikel").DataType);
        Assert.Equal(DataType.Decimal, schema.Field("Preis").DataType);
    }

    [Fact]
    public void Broken_quotes_leave_the_types_of_the_other_rows()
    {
        var schema = Infer("23-inches-and-quotes", "input.csv");

        Assert.Equal(3, schema.Format.UnreadableRecords);
        Assert.Equal(DataType.Decimal, schema.Field("price").DataType);
        Assert.Empty(schema.Findings);
        Assert.Equal((QuestionKind.Lines, false), (Assert.Single(schema.Questions).Kind, (bool?)schema.Questions[0].Answers[0].Definition["multilineFields"]));
    }

    [Fact]
    public void Rows_that_a_quote_took_in_are_rows_where_no_field_has_several_lines()
    {
        var schema = Infer("23-inches-and-quotes", "input.csv", """{"multilineFields": false}""");

        Assert.Equal((8, 4), (schema.Format.Records, schema.Format.UnreadableRecords));
        Assert.Equal(DataType.Decimal, schema.Field("price").DataType);
        Assert.False(schema.Definition().GetProperty("multilineFields").GetBoolean());
    }

    [Theory]
    [InlineData("{}", 20)]
    [InlineData("""{"emptyRows": "SKIP"}""", 0)]
    public void Rows_of_delimiters_alone_are_unreadable_where_they_are_not_passed_over(string definition, long unreadable)
    {
        var schema = Infer("34-comma-only-rows", "input.csv", definition);

        Assert.Equal((22, unreadable), (schema.Format.Records, schema.Format.UnreadableRecords));
        Assert.Equal(DataType.Decimal, schema.Field("price").DataType);
    }

    [Fact]
    public void Rows_that_are_quoted_as_a_whole_are_said_to_be() =>
        Assert.Equal(["rows.quoted"], Infer("26-whole-row-quoted", "input.csv").Findings.Select(finding => finding.Code));

    [Theory]
    [InlineData("input.csv", "FIT")]
    [InlineData("input-header.csv", "PAD")]
    [InlineData("input-both.csv", null)]
    public void Delimiters_at_the_end_of_lines_cost_no_row(string file, string? raggedRows)
    {
        var schema = Infer("29-trailing-delimiter", file);

        Assert.Equal(raggedRows, schema.Definition().Text("raggedRows"));
        Assert.Equal((3, 0), (schema.Format.Records, schema.Format.UnreadableRecords));
        Assert.Equal(["Timestamp", "Event1", "PM", "F"], schema.Entity.Fields.Select(field => field.SystemName));
        Assert.Equal([DataType.DateTime, DataType.Integer, DataType.Integer, DataType.Decimal], schema.Entity.Fields.Select(field => field.DataType));
    }

    [Fact]
    public void Title_lines_are_skipped_and_the_balance_below_is_pointed_out()
    {
        var schema = Infer("30-title-lines-and-footer", "input.csv");

        Assert.Equal(["Account", "Type", "Amount", "Currency", "Booked"], schema.Columns.Select(column => column.CsvColumnName));
        Assert.Equal((DataType.Integer, DataType.Date), (schema.Field("Amount").DataType, schema.Field("Booked").DataType));
        Assert.Equal(4, schema.Definition().GetProperty("skipLines").GetInt32());
        Assert.Equal(1, schema.Definition().GetProperty("skipFooterLines").GetInt32());
        Assert.Equal(["table.title", "footer.total", "key.none"], schema.Findings.Select(finding => finding.Code));
    }

    [Theory]
    [InlineData("input.csv", "||", 4)]
    [InlineData("input-caret.csv", "|^|", 3)]
    [InlineData("input-bar.csv", "\u00A6", 3)]
    public void Delimiters_of_several_characters_are_found(string file, string delimiter, int columns)
    {
        var schema = Infer("37-multi-char-delimiter", file);

        Assert.Equal((delimiter, columns), (schema.Format.Delimiter, schema.Columns.Count));
        Assert.Equal(0, schema.Format.UnreadableRecords);
        Assert.Equal(DataType.Decimal, schema.Field("amount").DataType);
    }

    private static InferredSchema Infer(string folder, string file, string? definition = null)
    {
        var path = SharedFiles.Find($"data/field/{folder}/{file}");
        Assert.SkipWhen(path is null, $"../shared/data/field/{folder} is absent.");
        return Inferring.From(File.ReadAllBytes(path), definition);
    }
}

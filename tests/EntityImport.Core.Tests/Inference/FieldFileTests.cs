using EntityImport.Entities;
using EntityImport.Inference;
using Xunit;

namespace EntityImport.Core.Tests.Inference;

/// <summary>Files as people sent them, without any mapping: nothing of them is guessed in silence.</summary>
public sealed class FieldFileTests
{
    [Fact]
    public void Amounts_of_sap_are_numbers_and_their_minus_is_told()
    {
        var schema = Read("09-sap-trailing-minus/input.csv");

        Assert.Equal((DataType.String, DataType.Decimal, DataType.Decimal), (schema.Entity.Fields[0].DataType, schema.Entity.Fields[3].DataType, schema.Entity.Fields[4].DataType));
        Assert.Contains("2 of 4 values are written with the minus behind the number: '1.234,56-' (row 1, line 2), '12,10-' (row 4, line 5).", schema.Columns[3].Why, StringComparison.Ordinal);
        Assert.Contains(schema.Findings, finding => finding.Code == "date.zero" && finding.Message.Contains("00.00.0000", StringComparison.Ordinal));
    }

    [Fact]
    public void Accounting_cells_that_are_no_numbers_are_named()
    {
        var schema = Read("10-accounting-formats/input.csv");

        Assert.Contains("'$ -' (row 3, line 4)", schema.Columns[1].Why, StringComparison.Ordinal);
        Assert.Contains("'-'", schema.Columns[3].Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("input.csv", "2 of 4")]
    [InlineData("input-all.csv", "3 of 3")]
    [InlineData("input-de.csv", "2 of 2")]
    public void Codes_that_a_spreadsheet_has_shortened_are_text_and_called_damaged(string file, string count)
    {
        var schema = Read($"11-ean-scientific/{file}");

        Assert.Equal(DataType.String, schema.Field("ean").DataType);
        Assert.Contains(schema.Findings, finding => finding is { Code: "code.damaged", Column: "ean" } && finding.Message.Contains(count, StringComparison.Ordinal));
    }

    [Fact]
    public void Dates_that_are_none_are_named()
    {
        var schema = Read("19-mysql-zero-date/input.csv");

        Assert.Contains("'1990-00-00' (row 5, line 6)", schema.Columns[1].Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_that_look_alike_are_counted_and_shown()
    {
        var schema = Read("39-keys-invisible-characters/input.csv");

        Assert.Contains(schema.Findings, finding => finding.Code == "key.none" && finding.Message.Contains("'SKU-1' twice (rows 1 and 3)", StringComparison.Ordinal));
        var alike = Assert.Single(schema.Findings, finding => finding.Code == "key.alike");
        Assert.Contains("3 values differ", alike.Message, StringComparison.Ordinal);
        Assert.Contains("U+200B", alike.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Namibia_and_norway_stay_and_missing_numbers_are_null()
    {
        var schema = Read("46-na-values/input.csv");

        Assert.Equal(
            [DataType.Integer, DataType.String, DataType.Boolean, DataType.Integer, DataType.Decimal, DataType.String], schema.Entity.Fields.Select(field => field.DataType));
        Assert.False(schema.Definition().GetProperty("fields")[1].TryGetProperty("nullValues", out _));
        Assert.DoesNotContain("NA", schema.Definition().GetProperty("nullValues").EnumerateArray().Select(value => value.GetString()));
    }

    private static InferredSchema Read(string file)
    {
        var path = SharedFiles.Find(Path.Combine("data", "field", file));
        Assert.SkipWhen(path is null, $"shared/data/field/{file} is not there.");
        return Inferring.From(File.ReadAllBytes(path!));
    }
}

using EntityImport.Entities;
using EntityImport.Inference;
using Xunit;

namespace EntityImport.Core.Tests.Inference;

/// <summary>Codes are text, by their name and by their values; what a spreadsheet has damaged is told.</summary>
public sealed class CodeTests
{
    [Theory]
    [InlineData("EAN", "4006381333931|4006381333948")]
    [InlineData("Teléfono", "915551234|915551235")]
    [InlineData("Postleitzahl", "80331|10115")]
    [InlineData("country", "276|40")]
    [InlineData("statusCode", "200|404")]
    [InlineData("version", "1.1|1.2")]
    [InlineData("Firmware", "3|4")]
    [InlineData("orderNo", "1234567890123456")]
    [InlineData("customerNo", "10000001|10000002")]
    [InlineData("iso country", "SI|NO")]
    public void By_name(string name, string values) => Assert.Equal(DataType.String, Inferring.Column(values.Split('|'), name).Field!.DataType);

    [Theory]
    [InlineData("4006381333931|4006381333948|96385074")]
    [InlineData("036000291452|036000291469|036000291476")]
    [InlineData("3161484100|0306406152|3598215088")]
    [InlineData("1.1|1.10|1.2")]
    [InlineData("4006381333931|4.00638E+12")]
    public void By_value(string values) => Assert.Equal(DataType.String, Inferring.Column(values.Split('|'), "x").Field!.DataType);

    [Theory]
    [InlineData("x", "4006381333932|4006381333948|96385074", DataType.Integer)]
    [InlineData("orderNo", "10248|10249", DataType.Integer)]
    [InlineData("balanceNo", "-10000001|10000002", DataType.Integer)]
    [InlineData("price", "1.1|1.10", DataType.Decimal)]
    [InlineData("x", "1.1|1.10|-3.5", DataType.Decimal)]
    [InlineData("x", "1.1|1.10|1234.5", DataType.Decimal)]
    [InlineData("x", "6.02214E+23|1.5", DataType.Double)]
    public void Numbers_to_count_with_stay_numbers(string name, string values, DataType type) =>
        Assert.Equal(type, Inferring.Column(values.Split('|'), name).Field!.DataType);

    [Fact]
    public void Texts_that_are_one_number_are_named() =>
        Assert.Equal("'1.1' (row 1, line 2) and '1.10' (row 3, line 4) are one number, but two texts, as versions are.", Inferring.Column(["1.1", "1.2", "1.10"], "x").Why);

    [Theory]
    [InlineData("sku,ean,stock\nP-1,4006381333931,10\nP-2,4.00638E+12,11\nP-3,4006381333948,0\nP-4,8.71234E+12,5\n", "2 of 4 values are written with an exponent: '4.00638E+12' (row 2, line 3), '8.71234E+12' (row 4, line 5).")]
    [InlineData("sku;ean;preis\nP-1;4,00638E+12;1,50\nP-2;8,71234E+12;2,00\n", "2 of 2 values are written with an exponent: '4,00638E+12' (row 1, line 2), '8,71234E+12' (row 2, line 3).")]
    public void Codes_that_a_spreadsheet_has_shortened_are_counted_and_shown(string csv, string found)
    {
        var schema = Inferring.From(csv);

        Assert.Equal(DataType.String, schema.Field("ean").DataType);
        var finding = Assert.Single(schema.Findings);
        Assert.Equal(("code.damaged", "ean"), (finding.Code, finding.Column));
        Assert.Contains(found, finding.Message, StringComparison.Ordinal);
        Assert.Contains("last digits are gone", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_field_of_whole_numbers_that_takes_shortened_ones_is_warned_of()
    {
        var entity = new EntityDefinition
        {
            SystemName = "thing",
            Fields = [new() { SystemName = "sku", DataType = DataType.String, PrimaryKey = true }, new() { SystemName = "stock", DataType = DataType.Integer }],
        };

        var schema = SchemaInference.Infer(Inferring.Request("sku,stock\na,4.00638E+12\n"u8.ToArray()) with { Entity = entity }, TestContext.Current.CancellationToken);

        Assert.Equal(("code.damaged", "stock"), (Assert.Single(schema.Findings).Code, schema.Findings[0].Column));
    }
}

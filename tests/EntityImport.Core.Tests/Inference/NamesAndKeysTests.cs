using EntityImport.Entities;
using EntityImport.Inference;
using Xunit;

namespace EntityImport.Core.Tests.Inference;

public sealed class NamesAndKeysTests
{
    [Theory]
    [InlineData("Name", "Name")]
    [InlineData("Unit price (€)", "Unit_price")]
    [InlineData("Größe", "Grosse")]
    [InlineData("Straße", "Strasse")]
    [InlineData("2024", "_2024")]
    [InlineData("_id", "_id")]
    [InlineData("---", "fallback")]
    [InlineData("数量", "fallback")]
    public void Names_become_system_names(string name, string expected) => Assert.Equal(expected, SystemNames.From(name, "fallback"));

    [Fact]
    public void A_long_name_is_cut() => Assert.Equal(63, SystemNames.From(new string('x', 100), "f").Length);

    [Fact]
    public void Names_that_would_be_one_get_numbers_and_keep_their_headers_for_display()
    {
        var schema = Inferring.From("Price $,Price €,price_\n1,2,3\n");

        Assert.Equal(["Price", "Price_2", "price_"], schema.Entity.Fields.Select(field => field.SystemName));
        Assert.Equal(["Price $", "Price €", null], schema.Entity.Fields.Select(field => field.DisplayName));
    }

    [Theory]
    [InlineData("code,name\nA,x\nB,x\n", "code")]
    [InlineData("name,price\nx,1\ny,1\n", "name")]
    [InlineData("day,orderId\n2024-01-01,1\n2024-01-01,2\n", "orderId")]
    public void The_first_column_that_identifies_its_records_is_proposed_as_key(string csv, string key)
    {
        var schema = Inferring.From(csv);

        Assert.Equal([key], schema.Entity.Key.Select(field => field.SystemName));
        Assert.True(schema.KeyIsProposed);
        Assert.Contains(schema.Columns, column => column.Field!.PrimaryKey && column.Why.Contains("Proposed as the key", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("id,name\nA,x\nA,y\n")]
    [InlineData("id,name\nA,x\n,y\n")]
    [InlineData("n,name\n1,x\n1,y\n")]
    [InlineData("price,name\n1.5,x\n1.50,y\n")]
    public void Without_such_a_column_there_is_no_key(string csv)
    {
        var schema = Inferring.From(csv);

        Assert.Empty(schema.Entity.Key);
        Assert.False(schema.KeyIsProposed);
    }

    [Fact]
    public void Whole_numbers_written_differently_are_one_key() =>
        Assert.Empty(Inferring.From("count,name\n\"1,000\",x\n1000,x\n").Entity.Key);

    [Fact]
    public void A_stated_key_is_taken_by_header_or_system_name()
    {
        var schema = Inferring.From("Order no,line\n1,1\n1,2\n", definition: null, "order_no", "line");

        Assert.Equal(["Order_no", "line"], schema.Entity.Key.Select(field => field.SystemName));
        Assert.False(schema.KeyIsProposed);
    }

    [Fact]
    public void A_stated_key_that_is_no_column_is_refused()
    {
        var exception = Assert.Throws<RequestException>(() => Inferring.From("a,b\n1,2\n", definition: null, "c"));

        Assert.Equal("key", Assert.Single(exception.Faults).Path);
    }

    [Fact]
    public void With_an_entity_given_only_the_format_is_inferred()
    {
        var entity = new EntityDefinition
        {
            SystemName = "person",
            Fields =
            [
                new() { SystemName = "id", DataType = DataType.String, PrimaryKey = true },
                new() { SystemName = "born", DataType = DataType.Date },
                new() { SystemName = "income", DisplayName = "Income per year", DataType = DataType.Decimal, Precision = 18, Scale = 2 },
            ],
        };
        var csv = "ID;born;income per year;shoe size\n" + string.Concat(Enumerable.Range(1, 20).Select(i => $"{i};{i:00}.01.1990;1.000,5;41\n")) + "21;?;?;\n";

        var schema = SchemaInference.Infer(
            Inferring.Request(System.Text.Encoding.UTF8.GetBytes(csv)) with { Entity = entity }, TestContext.Current.CancellationToken);

        Assert.Same(entity, schema.Entity);
        Assert.Equal("dd.MM.yyyy", schema.Definition().Text("dateFormat"));
        Assert.Equal(",", schema.Definition().Text("decimalSeparator"));
        Assert.Equal(["id", "born", "income"], schema.Definition().GetProperty("fields").EnumerateArray().Select(field => field.Text("systemName")));
        Assert.Contains("not accepted by born: '?'", schema.Columns[1].Why, StringComparison.Ordinal);
        Assert.Null(schema.Columns[3].Field);
    }
}

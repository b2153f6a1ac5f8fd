using EntityImport.Entities;
using Xunit;

namespace EntityImport.Core.Tests.Inference;

public sealed class RealFileTests
{
    [Fact]
    public void Exchange_rates_are_dates_countries_and_decimals()
    {
        var schema = Inferring.From(Read("exchange-rates/monthly.csv"));

        Assert.Equal([DataType.Date, DataType.String, DataType.Decimal], schema.Entity.Fields.Select(field => field.DataType));
        Assert.Equal(17_237, schema.Format.Records);
        Assert.Empty(schema.Entity.Key);
    }

    [Fact]
    public void Northwind_orders_have_date_times_and_nulls_written_out()
    {
        var schema = Inferring.From(Read("northwind/orders.csv"));

        Assert.Equal("yyyy-MM-dd HH:mm:ss.SSS", schema.Definition().Text("dateTimeFormat"));
        Assert.Equal(DataType.DateTime, schema.Field("shippedDate").DataType);
        Assert.Equal(DataType.Decimal, schema.Field("freight").DataType);
        Assert.Equal(DataType.String, schema.Field("shipPostalCode").DataType);
        Assert.Equal(["orderID"], schema.Entity.Key.Select(field => field.SystemName));
    }

    [Fact]
    public void Northwind_territories_keep_their_leading_zeros()
    {
        var schema = Inferring.From(Read("northwind/territories.csv"));

        Assert.Equal(DataType.String, schema.Field("territoryID").DataType);
        Assert.True(schema.Field("territoryID").PrimaryKey);
    }

    [Fact]
    public void Openflights_airports_have_coordinates_of_all_their_digits()
    {
        var schema = Inferring.From(Read("openflights/airports.dat"), """{"header":false}""");

        Assert.Equal((DataType.Decimal, 17), (schema.Field("column_7").DataType, schema.Field("column_7").Scale));
        Assert.Equal(["\\N"], schema.Definition().GetProperty("nullValues").EnumerateArray().Select(value => value.GetString()));
        Assert.Equal(0, schema.Format.UnreadableRecords);
    }

    private static byte[] Read(string file)
    {
        var path = SharedFiles.Find(Path.Combine("data", file));
        Assert.SkipWhen(path is null, $"shared/data/{file} is not there.");
        return File.ReadAllBytes(path!);
    }
}

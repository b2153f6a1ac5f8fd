using System.Globalization;
using System.Numerics;
using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Entities;
using EntityImport.Postgres.Records;
using EntityImport.Records;
using Npgsql;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>Values go to PostgreSQL in its own binary form, and come back as they were.</summary>
public sealed class ValueTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Decimals_of_all_sizes_come_back_digit_by_digit()
    {
        (int Precision, int Scale)[] types = [(1, 0), (4, 4), (4, 1), (9, 0), (9, 3), (18, 0), (18, 2), (18, 18), (19, 5), (38, 0), (38, 1), (38, 2), (38, 3), (38, 4), (38, 19), (38, 37), (38, 38)];
        await using var engine = await Engine.StartAsync();
        var fields = string.Concat(types.Select((type, i) => $$""", {"systemName": "d{{i}}", "dataType": "DECIMAL", "precision": {{type.Precision}}, "scale": {{type.Scale}}}"""));
        await engine.DeclareAsync("e", $$"""[{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}{{fields}}]""");
        var random = new Random(5);
        var rows = Enumerable.Range(1, 400).Select(id => string.Join('|', types.Select(type => Draw(random, type.Precision, type.Scale)).Prepend(id.ToString(CultureInfo.InvariantCulture)))).ToArray();
        var header = string.Join(',', Enumerable.Range(0, types.Length).Select(i => $"d{i}").Prepend("id"));

        var import = await engine.ImportAsync("e", $"{header}\n{string.Concat(rows.Select(row => row.Replace('|', ',') + "\n"))}");

        Assert.Equal(ImportState.Succeeded, import.State);
        Assert.Equal(rows, await engine.RecordsAsync("e"));
    }

    [Fact]
    public async Task A_date_is_its_first_instant_in_UTC_whatever_time_zone_the_server_is_set_to()
    {
        await using var engine = await Engine.StartAsync();
        var database = await TestDatabases.TakeToAlterAsync(engine.DataDirectory);
        await TestDatabases.ExecuteAsync(database, $"ALTER DATABASE {new NpgsqlConnectionStringBuilder(database).Database} SET timezone = 'Europe/Berlin'");
        await engine.RestartAsync();
        await engine.DeclareAsync("e", """[{"systemName": "day", "dataType": "DATE", "primaryKey": true}, {"systemName": "at", "dataType": "DATETIME"}]""");
        var import = await engine.ImportAsync("e", "day,at\n2024-01-30,2024-01-30 00:00:00\n2024-01-31,2024-01-30 23:00:00\n");
        Assert.Equal((2, 0), (import.Ledger.Inserted, import.Ledger.Rejected));
        var entity = (await engine.Import.Entities.FindAsync(Request.Anonymous, "e", Token))!;
        var (day, at) = (new FieldOperand(entity.FindField("day")!), new FieldOperand(entity.FindField("at")!));
        var (midnight, date) = (new Constant(DataType.DateTime, new DateTime(2024, 1, 31, 0, 0, 0, DateTimeKind.Utc)), new Constant(DataType.Date, new DateOnly(2024, 1, 30)));

        Assert.Equal("2024-01-31", await FindAsync(new Comparison(ComparisonOperator.GreaterOrEqual, day, midnight)));
        Assert.Equal("2024-01-30", await FindAsync(new Comparison(ComparisonOperator.Less, day, midnight)));
        Assert.Equal("2024-01-31", await FindAsync(new Comparison(ComparisonOperator.Equal, midnight, day)));
        Assert.Equal("2024-01-30", await FindAsync(new Comparison(ComparisonOperator.Equal, day, at)));
        Assert.Equal("2024-01-31", await FindAsync(new InCondition(day, [midnight])));
        Assert.Equal("2024-01-30", await FindAsync(new InCondition(at, [date])));

        async Task<string> FindAsync(Condition filter)
        {
            var page = await engine.Import.Records.ReadAsync(Request.Anonymous, new RecordQuery { Entity = entity, Select = [entity.FindField("day")!], Filter = filter }, Token);
            return string.Join(',', page.Records.Select(record => record[0]));
        }
    }

    [Theory]
    [InlineData(0, "0.0")]
    [InlineData(-0.0, "-0.0")]
    [InlineData(1, "1.0")]
    [InlineData(-12.5, "-12.5")]
    [InlineData(1e15, "1000000000000000.0")]
    [InlineData(1e16, "1e+16")]
    [InlineData(123456789012345678, "1.2345678901234568e+17")]
    [InlineData(0.0001, "0.0001")]
    [InlineData(0.00001, "1e-05")]
    [InlineData(1e23, "1e+23")]
    [InlineData(1.7976931348623157E+308, "1.7976931348623157e+308")]
    [InlineData(5E-324, "5e-324")]
    [InlineData(0.1, "0.1")]
    [InlineData(999999999999999.9, "999999999999999.9")]
    public void A_DOUBLE_is_written_with_as_few_digits_as_tell_it(double value, string text) => Assert.Equal(text, RecordValues.Show(value));

    private static string Draw(Random random, int precision, int scale)
    {
        var digits = random.Next(0, precision + 1);
        var value = BigInteger.Parse("0" + string.Concat(Enumerable.Range(0, digits).Select(_ => random.Next(4) == 0 ? 0 : random.Next(10))), CultureInfo.InvariantCulture);
        if (random.Next(3) == 0) value = BigInteger.Pow(10, random.Next(0, precision));
        var text = value.ToString(CultureInfo.InvariantCulture).PadLeft(scale + 1, '0');
        var sign = value > 0 && random.Next(2) == 0 ? "-" : "";
        return sign + (scale == 0 ? text : $"{text[..^scale]}.{text[^scale..]}");
    }
}

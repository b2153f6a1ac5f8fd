using System.Globalization;
using EntityImport.Access;
using EntityImport.Entities;
using EntityImport.Records;
using Xunit;

namespace EntityImport.Storage.Tests;

public sealed class DecimalFilterTests
{
    private static readonly decimal[] Values = [-99.9m, -1.5m, 0m, 0.1m, 1.5m, 99.9m];
    private static readonly string[] Constants =
        ["-100", "-99.95", "-99.9", "-1.55", "-1.5", "-1.50", "0", "0.05", "0.1", "1.4999999999999999999999999", "1.5", "99.9", "99.91", "100", "12345678901234567890"];

    [Fact]
    public async Task Decimal_fields_compare_exactly_with_constants_of_any_size()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("n", """
            [{"systemName": "d", "dataType": "DECIMAL", "precision": 3, "scale": 1}, {"systemName": "i", "dataType": "INTEGER"},
             {"systemName": "w", "dataType": "DECIMAL", "precision": 38, "scale": 20}, {"systemName": "t", "dataType": "STRING"}]
            """);
        var rows = Values.Select(value => string.Create(CultureInfo.InvariantCulture, $"{value},{decimal.Truncate(value)},{value},"));
        await engine.ImportAsync("n", "d,i,w,t\n" + string.Join('\n', rows) + "\n,,,x\n");
        foreach (var comparison in Enum.GetValues<ComparisonOperator>())
        {
            foreach (var constant in Constants)
            {
                var number = decimal.Parse(constant, CultureInfo.InvariantCulture);
                // Null differs from each number, and is neither less nor greater.
                var ofNull = comparison == ComparisonOperator.NotEqual ? 1 : 0;
                Assert.Equal(Values.Count(value => Holds(value, comparison, number)) + ofNull, await CountAsync(engine, "d", comparison, constant));
                Assert.Equal(Values.Count(value => Holds(value, comparison, number)) + ofNull, await CountAsync(engine, "w", comparison, constant));
                Assert.Equal(Values.Count(value => Holds(decimal.Truncate(value), comparison, number)) + ofNull, await CountAsync(engine, "i", comparison, constant));
            }
        }
    }

    [Fact]
    public async Task Whole_numbers_and_lists_compare_exactly_too()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("n", """[{"systemName": "i", "dataType": "INTEGER"}, {"systemName": "w", "dataType": "DECIMAL", "precision": 38, "scale": 20}]""");
        await engine.ImportAsync("n", "i,w\n2,2\n3,2.5\n4,\n,4\n");
        var huge = new Constant(DataType.Decimal, "99999999999999999999999999999999999999");
        var (half, two, largest, none) = (new Constant(DataType.Decimal, "2.5"), Whole(2), Whole(long.MaxValue), new Constant(DataType.Integer, null));
        var entity = (await engine.Import.Entities.FindAsync(Request.Anonymous, "n", TestContext.Current.CancellationToken))!;
        var (i, w) = (new FieldOperand(entity.FindField("i")!), new FieldOperand(entity.FindField("w")!));
        Assert.Equal(3, await CountAsync(engine, new Comparison(ComparisonOperator.Less, w, largest)));
        Assert.Equal(3, await CountAsync(engine, new Comparison(ComparisonOperator.Greater, largest, w)));
        Assert.Equal(1, await CountAsync(engine, new Comparison(ComparisonOperator.Equal, w, two)));
        Assert.Equal(2, await CountAsync(engine, new InCondition(w, [two, half, largest, huge, none])));
        Assert.Equal(1, await CountAsync(engine, new InCondition(i, [two, half, largest, huge, none])));
        Assert.Equal(3, await CountAsync(engine, new NotCondition(new InCondition(i, [two, half, none]))));
        Assert.Equal(1, await CountAsync(engine, new InCondition(i, [two, none])));

        static Constant Whole(long value) => new(DataType.Integer, value);
    }

    private static bool Holds(decimal left, ComparisonOperator comparison, decimal right) => comparison switch
    {
        ComparisonOperator.Equal => left == right,
        ComparisonOperator.NotEqual => left != right,
        ComparisonOperator.Less => left < right,
        ComparisonOperator.LessOrEqual => left <= right,
        ComparisonOperator.Greater => left > right,
        _ => left >= right,
    };

    private static async Task<long> CountAsync(Engine engine, string field, ComparisonOperator comparison, string constant)
    {
        var entity = (await engine.Import.Entities.FindAsync(Request.Anonymous, "n", TestContext.Current.CancellationToken))!;
        return await CountAsync(engine, new Comparison(comparison, new FieldOperand(entity.FindField(field)!), new Constant(DataType.Decimal, constant)));
    }

    private static async Task<long> CountAsync(Engine engine, Condition filter)
    {
        var entity = (await engine.Import.Entities.FindAsync(Request.Anonymous, "n", TestContext.Current.CancellationToken))!;
        var page = await engine.Import.Records.ReadAsync(Request.Anonymous, new RecordQuery
        {
            Entity = entity,
            Select = entity.Fields,
            Filter = filter,
            Count = true,
        },
            TestContext.Current.CancellationToken);
        Assert.Equal(page.Total, page.Records.Count);
        return page.Total!.Value;
    }
}

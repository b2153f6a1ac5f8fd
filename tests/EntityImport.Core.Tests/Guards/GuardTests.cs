using System.Text.Json;
using EntityImport.Changes;
using EntityImport.Entities;
using EntityImport.Guards;
using Xunit;

namespace EntityImport.Core.Tests.Guards;

public sealed class GuardTests
{
    private static readonly EntityDefinition Entity = new()
    {
        SystemName = "product",
        Fields =
        [
            new FieldDefinition { SystemName = "sku", DataType = DataType.String, PrimaryKey = true }, new FieldDefinition { SystemName = "price", DataType = DataType.Decimal, Precision = 18, Scale = 2 },
            new FieldDefinition { SystemName = "stock", DataType = DataType.Integer }, new FieldDefinition { SystemName = "weight", DataType = DataType.Double }, new FieldDefinition { SystemName = "name", DataType = DataType.String },
        ],
    };

    [Fact]
    public void All_members_are_read_and_fields_have_the_names_of_the_entity()
    {
        var guards = Read("""
            { "maxRemovedRecords": 10, "maxRemovedPercent": 5.5, "maxRejectedPercent": 0, "minRowsPercent": 1000, "sameHeader": true,
              "moves": [{ "field": "PRICE", "byPercent": 20, "maxPercent": 5 }, { "field": "price", "byPercent": 50, "maxPercent": 0.1 }], "emptied": [{ "field": "Name", "maxPercent": 1 }] }
            """, out var faults)!;

        Assert.Empty(faults);
        Assert.Equal((10, 5.5m, 0, 1000, true), (guards.MaxRemovedRecords, guards.MaxRemovedPercent, guards.MaxRejectedPercent, guards.MinRowsPercent, guards.SameHeader));
        Assert.Equal([new MoveGuard("price", 20, 5), new MoveGuard("price", 50, 0.1m)], guards.Moves);
        Assert.Equal([new EmptiedGuard("name", 1)], guards.Emptied);
        Assert.Empty(Read("{}", out _)!.Moves);
    }

    [Theory]
    [InlineData("""{ "maxRemoved": 1 }""", "maxRemoved")]
    [InlineData("""{ "maxRemovedRecords": -1, "maxRemovedPercent": 101, "maxRejectedPercent": "5%", "minRowsPercent": 1001, "sameHeader": 1 }""", "maxRemovedRecords", "maxRemovedPercent", "maxRejectedPercent", "minRowsPercent", "sameHeader")]
    [InlineData("""{ "maxRemovedPercent": 0.00001 }""", "maxRemovedPercent")]
    [InlineData("""{ "maxRemovedPercent": 1e400 }""", "maxRemovedPercent")]
    [InlineData("""{ "moves": [{ "field": "nope", "byPercent": 1, "maxPercent": 1 }, { "field": "name", "byPercent": 1, "maxPercent": 1 }, {}, 7] }""", "moves[0].field", "moves[1].field", "moves[2].field", "moves[2].byPercent", "moves[2].maxPercent", "moves[3]", "moves[3].field", "moves[3].byPercent", "moves[3].maxPercent")]
    [InlineData("""{ "moves": [{ "field": "price", "byPercent": 1, "maxPercent": 1 }, { "field": "Price", "byPercent": 1.0, "maxPercent": 2 }] }""", "moves[1].byPercent")]
    [InlineData("""{ "emptied": [{ "field": "sku", "maxPercent": 1 }, { "field": "name", "maxPercent": 1, "most": 1 }, { "field": "name", "maxPercent": 2 }] }""", "emptied[0].field", "emptied[1].most", "emptied[2].field")]
    [InlineData("[]", "")]
    public void All_faults_are_told_at_once(string json, params string[] paths)
    {
        Assert.Null(Read(json, out var faults));
        Assert.Equal(paths.Order(StringComparer.Ordinal), faults.Select(fault => fault.Path).Where(path => json != "[]" || path.Length == 0).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_is_not_known_is_not_judged_and_what_is_none_of_nothing_is_allowed()
    {
        var guards = Read("""{ "maxRemovedRecords": 0, "maxRemovedPercent": 0, "maxRejectedPercent": 0, "minRowsPercent": 100, "sameHeader": true, "moves": [{ "field": "price", "byPercent": 0, "maxPercent": 0 }], "emptied": [{ "field": "name", "maxPercent": 0 }] }""", out _)!;

        Assert.Empty(guards.Judge(new GuardFigures()));
        Assert.Empty(guards.Judge(new GuardFigures { Records = 0, Rejected = 0, Removed = 0, RecordsBefore = 0, RecordsOfLast = 0 }));
    }

    /// <summary>A move by just as much as is allowed is allowed; from 0 every move is further; null does not move.</summary>
    [Fact]
    public void Values_that_move_and_values_that_become_empty_are_counted_and_judged()
    {
        var guards = Read("""
            { "moves": [{ "field": "price", "byPercent": 20, "maxPercent": 30 }, { "field": "price", "byPercent": 1000000, "maxPercent": 0 }, { "field": "stock", "byPercent": 0, "maxPercent": 100 }, { "field": "weight", "byPercent": 20, "maxPercent": 5 }],
              "emptied": [{ "field": "name", "maxPercent": 19 }, { "field": "price", "maxPercent": 10 }] }
            """, out _)!;
        var fields = Entity.Fields.Skip(1).ToList();
        var counts = new GuardCounts(guards, fields);
        var batch = new ChangeBatch(Entity, fields);
        (long? Before, long? After)[] prices = [(1000, 1200), (1000, 1201), (1000, 800), (-1000, -799), (0, 1), (null, 5), (5, null), (7, 7)];
        batch.Begin(ChangeKind.Updated, prices.Length);
        for (var i = 0; i < prices.Length; i++)
        {
            Set(batch.Columns[0].Before, i, prices[i].Before);
            Set(batch.Columns[0].After, i, prices[i].After);
            batch.Columns[2].Before.Binary[i] = 10;
            batch.Columns[2].After.Binary[i] = i == 0 ? 13 : 10;
            batch.Columns[3].Before.SetText(i, "x"u8);
            batch.Columns[3].After.SetText(i, i < 2 ? " "u8 : "x"u8);
        }

        counts.Add(batch);
        var figures = counts.Complete(new GuardFigures(), unchanged: 2);

        Assert.Equal(new PartOfValues(3, 9), figures.Moves![("price", 20)]);
        Assert.Equal(new PartOfValues(1, 9), figures.Moves[("price", 1_000_000)]);
        Assert.Equal(new PartOfValues(1, 10), figures.Moves[("weight", 20)]);
        Assert.Equal(new PartOfValues(2, 10), figures.Emptied!["name"]);
        Assert.Equal(
            [
                "moves of price: 3 of 9 values move by more than 20 % (33.3333 %), at most 30 % may.",
                "moves of price: 1 of 9 values move by more than 1000000 % (11.1111 %), at most 0 % may.",
                "moves of weight: 1 of 10 values move by more than 20 % (10 %), at most 5 % may.",
                "emptied of name: 2 of 10 values become empty (20 %), at most 19 % may.",
                "emptied of price: 1 of 9 values become empty (11.1111 %), at most 10 % may.",
            ],
            guards.Judge(figures).Select(breach => breach.Message));
    }

    /// <summary>Their differences and percentages are beyond what a DOUBLE holds.</summary>
    [Theory]
    [InlineData(1e308, -1e308, true)]
    [InlineData(double.MaxValue, 1e300, true)]
    [InlineData(1e308, 1.1e308, false)]
    [InlineData(1, double.MaxValue, true)]
    [InlineData(double.MaxValue, double.MaxValue, false)]
    public void The_largest_numbers_move_too(double before, double after, bool isFurther)
    {
        var guards = Read("""{ "moves": [{ "field": "weight", "byPercent": 20, "maxPercent": 0 }] }""", out _)!;
        var fields = Entity.Fields.Skip(1).ToList();
        var counts = new GuardCounts(guards, fields);
        var batch = new ChangeBatch(Entity, fields);
        batch.Begin(ChangeKind.Updated, 1);
        batch.Columns[2].Before.Binary[0] = before;
        batch.Columns[2].After.Binary[0] = after;

        counts.Add(batch);

        Assert.Equal(new PartOfValues(isFurther ? 1 : 0, 1), counts.Complete(new GuardFigures(), unchanged: 0).Moves![("weight", 20)]);
    }

    private static void Set(ChangeValues values, int record, long? value)
    {
        if (value is { } number) values.Scaled[record] = number;
        else values.SetNull(record);
    }

    private static EntityGuards? Read(string json, out IReadOnlyList<RequestFault> told)
    {
        using var document = JsonDocument.Parse(json);
        var faults = new RequestFaults();
        var guards = GuardReader.Read(document.RootElement, Entity, faults);
        told = faults.Told;
        return guards;
    }
}

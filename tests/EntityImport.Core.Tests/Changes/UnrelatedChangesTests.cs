using System.Text;
using EntityImport.Changes;
using EntityImport.Entities;
using Xunit;

namespace EntityImport.Core.Tests.Changes;

/// <summary>Values that have nothing to do with what they were never have anything in common, whatever they are drawn from.</summary>
public sealed class UnrelatedChangesTests
{
    private static readonly EntityDefinition Entity = new() { SystemName = "e", Fields = [new FieldDefinition { SystemName = "id", DataType = DataType.Integer, PrimaryKey = true }] };

    private static readonly FieldDefinition[] Fields =
    [
        new() { SystemName = "decimal", DataType = DataType.Decimal, Precision = 18, Scale = 2 }, new() { SystemName = "integer", DataType = DataType.Integer }, new() { SystemName = "double", DataType = DataType.Double },
        new() { SystemName = "flag", DataType = DataType.Boolean }, new() { SystemName = "date", DataType = DataType.Date }, new() { SystemName = "instant", DataType = DataType.DateTime },
        new() { SystemName = "code", DataType = DataType.String }, new() { SystemName = "text", DataType = DataType.String }, new() { SystemName = "other", DataType = DataType.String },
    ];

    /// <summary>From few values to many: among few, much is alike by chance.</summary>
    public static TheoryData<int> Ranges => [2, 3, 5, 10, 30, 100, 1000, 100_000];

    [Theory]
    [MemberData(nameof(Ranges))]
    public void Changes_without_relation_are_no_finding(int range)
    {
        for (var seed = 1; seed <= 60; seed++)
        {
            var random = new Random(seed);
            var count = random.Next(1, seed % 10 == 0 ? ChangeBatch.Capacity : 100);
            var batch = new ChangeBatch(Entity, Fields);
            var signatures = new ChangeSignatures(Fields);
            batch.Begin(ChangeKind.Updated, count);
            for (var record = 0; record < count; record++)
            {
                foreach (var column in batch.Columns)
                {
                    Draw(column.Before, record, random, range);
                    Draw(column.After, record, random, range);
                }
            }

            signatures.Add(batch);
            foreach (var kind in (ChangeKind[])[ChangeKind.Removed, ChangeKind.Inserted])
            {
                batch.Begin(kind, count);
                for (var record = 0; record < count; record++) batch.Keys[0].Whole[record] = random.Next(range) * 2 + (kind == ChangeKind.Inserted ? 1 : 0);
                signatures.Add(batch);
            }

            var findings = signatures.Describe();
            Assert.True(findings.Count == 0, $"range {range}, seed {seed}, {count} records: {string.Join(' ', findings.Select(finding => finding.Message))}");
        }
    }

    private static void Draw(ChangeValues values, int record, Random random, int range)
    {
        var number = random.Next(-range / 4, range);
        if (random.Next(8) == 0)
        {
            values.SetNull(record);
            return;
        }

        switch (values.Field.SystemName)
        {
            case "decimal": values.Scaled[record] = number; break;
            case "double": values.Binary[record] = number / 8.0; break;
            case "flag": values.Whole[record] = number & 1; break;
            case "instant": values.Whole[record] = number * 1_800_000_000L; break;
            case "code": values.SetText(record, Encoding.UTF8.GetBytes($"{Math.Abs(number):D4}")); break;
            case "text" or "other": values.SetText(record, Encoding.UTF8.GetBytes($"ä {(random.Next(2) > 0 ? "A" : "a")}{Math.Abs(number)}")); break;
            default: values.Whole[record] = number; break;
        }
    }
}

using System.Text;
using EntityImport.Changes;
using EntityImport.Entities;
using Xunit;

namespace EntityImport.Core.Tests.Changes;

/// <summary>Values at the ends of what is taken in are looked at as any other.</summary>
public sealed class ChangeBoundsTests
{
    /// <summary>Keys of 200 bytes and more are not compared; those in front of a number are as long as any other.</summary>
    [Theory]
    [InlineData(197)]
    [InlineData(198)]
    [InlineData(199)]
    [InlineData(200)]
    [InlineData(201)]
    public void A_long_text_may_stand_before_a_number_in_a_key(int length)
    {
        var entity = new EntityDefinition
        {
            SystemName = "item",
            Fields =
            [
                new FieldDefinition { SystemName = "name", DataType = DataType.String, PrimaryKey = true }, new FieldDefinition { SystemName = "number", DataType = DataType.Integer, PrimaryKey = true },
                new FieldDefinition { SystemName = "value", DataType = DataType.Integer },
            ],
        };
        var signatures = new ChangeSignatures([entity.Fields[2]]);
        var batch = new ChangeBatch(entity, [entity.Fields[2]]);
        foreach (var kind in new[] { ChangeKind.Removed, ChangeKind.Inserted })
        {
            batch.Begin(kind, 8);
            for (var i = 0; i < batch.Count; i++)
            {
                batch.Keys[0].SetText(i, Encoding.UTF8.GetBytes(new string(kind == ChangeKind.Removed ? 'a' : 'b', length)));
                batch.Keys[1].Whole[i] = i;
            }

            signatures.Add(batch);
        }

        Assert.DoesNotContain(signatures.Describe(0), finding => finding.Code == ChangeFinding.KeysRenamed);
    }

    /// <summary>The lowest number of 128 bits has no number that is it without its sign.</summary>
    [Fact]
    public void Numbers_may_fall_by_more_than_any_number_is_large()
    {
        var entity = new EntityDefinition
        {
            SystemName = "item",
            Fields =
            [
                new FieldDefinition { SystemName = "id", DataType = DataType.Integer, PrimaryKey = true }, new FieldDefinition { SystemName = "amount", DataType = DataType.Decimal, Precision = 38, Scale = 0 },
            ],
        };
        var signatures = new ChangeSignatures([entity.Fields[1]]);
        var batch = new ChangeBatch(entity, [entity.Fields[1]]);
        batch.Begin(ChangeKind.Updated, 40);
        for (var i = 0; i < batch.Count; i++)
        {
            batch.Keys[0].Whole[i] = i;
            batch.Columns[0].Before.Scaled[i] = (Int128.One << 126) - (i * 1_000);
            batch.Columns[0].After.Scaled[i] = -(Int128.One << 126) - (i * 1_000);
        }

        signatures.Add(batch);
        Assert.All(signatures.Describe(0), finding => Assert.Equal("amount", finding.Field));
    }
}

using System.Globalization;
using EntityImport.Entities;
using EntityImport.Records;

namespace EntityImport.DuckDb.Records;

/// <summary>Conditions that name a whole key.</summary>
internal static class RecordKey
{
    /// <summary>Whether no more than one record can fulfil a condition: it names a whole key.</summary>
    public static bool IsNamedBy(EntityDefinition entity, Condition? condition) =>
        entity.Key.Any() && entity.Key.All(field => Conjuncts(condition).Any(part => ValueOf(part, field) is not null));

    /// <summary>The texts of a key's fields, in their order, where a condition says that they have these and nothing else; null where it says something else, or their types have more than one text for a value.</summary>
    public static IReadOnlyList<string>? Of(EntityDefinition entity, Condition? condition)
    {
        var parts = Conjuncts(condition).ToList();
        var key = entity.Key.ToList();
        if (key.Count == 0 || parts.Count != key.Count) return null;
        var texts = new string[key.Count];
        for (var i = 0; i < texts.Length; i++)
        {
            var value = parts.Select(part => ValueOf(part, key[i])).FirstOrDefault(constant => constant is not null)?.Value;
            switch (key[i].DataType)
            {
                case DataType.String when value is string text:
                    texts[i] = text;
                    break;
                case DataType.Integer when value is long number:
                    texts[i] = number.ToString(CultureInfo.InvariantCulture);
                    break;
                default:
                    return null;
            }
        }

        return texts;
    }

    /// <summary>The constant that a condition says a field is equal to, or null.</summary>
    private static Constant? ValueOf(Condition condition, FieldDefinition field) => condition switch
    {
        Comparison { Operator: ComparisonOperator.Equal, Left: FieldOperand left, Right: Constant right } when left.Field == field => right,
        Comparison { Operator: ComparisonOperator.Equal, Left: Constant left, Right: FieldOperand right } when right.Field == field => left,
        _ => null,
    };

    private static IEnumerable<Condition> Conjuncts(Condition? condition) => condition switch
    {
        null => [],
        AndCondition and => Conjuncts(and.Left).Concat(Conjuncts(and.Right)),
        _ => [condition],
    };
}

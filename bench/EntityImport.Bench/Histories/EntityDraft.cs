using EntityImport.Bench.RandomEntities;

namespace EntityImport.Bench.Histories;

/// <summary>An entity to be declared.</summary>
/// <param name="Keys">How many fields its key has; 0 where it has none.</param>
/// <param name="Types">What the types of the key's fields and then of the others are taken from.</param>
/// <param name="HasRequired">Whether its first field that is not of the key is required.</param>
/// <param name="IsLong">Whether its last field has texts so long that the store handles records with care.</param>
internal sealed record EntityDraft(int Keys, IReadOnlyList<int> Types, bool HasRequired, bool IsLong)
{
    private const int Length = 12;
    private const int Precision = 9;
    private const int Scale = 2;

    private static readonly FieldType[] TypesOfKeys = [FieldType.Integer, FieldType.String, FieldType.Date, FieldType.Decimal];

    /// <summary>The entity.</summary>
    public Entity Make(string name) => new(name, Types.Select((type, i) => i < Keys
        ? MakeField($"k{i + 1}", TypesOfKeys[type % TypesOfKeys.Length]) with { IsKey = true, IsRequired = true }
        : IsLong && i == Types.Count - 1 ? new Field("text", FieldType.String) { IsLong = true }
        : MakeField($"f{i + 1 - Keys}", (FieldType)(type % ((int)FieldType.Percent + 1))) with { IsRequired = HasRequired && i == Keys }));

    /// <summary>An optional field with little room.</summary>
    public static Field MakeField(string name, FieldType type)
    {
        var field = new Field(name, type) { Length = type == FieldType.String ? Length : null };
        return field.IsDecimal ? field with { Precision = Precision, Scale = Scale } : field;
    }
}

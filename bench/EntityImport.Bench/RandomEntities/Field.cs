using System.Text.Json.Nodes;

namespace EntityImport.Bench.RandomEntities;

/// <summary>A field of a drawn entity.</summary>
internal sealed record Field(string Name, FieldType Type)
{
    public bool IsKey { get; init; }

    public bool IsRequired { get; init; }

    /// <summary>The most code points of a text; null means any number.</summary>
    public int? Length { get; init; }

    /// <summary>Whether most of its texts are so long that the store handles them with care.</summary>
    public bool IsLong { get; init; }

    /// <summary>Digits of a decimal.</summary>
    public int Precision { get; init; }

    /// <summary>Digits of a decimal after the point.</summary>
    public int Scale { get; init; }

    public bool IsDecimal => Type is FieldType.Decimal or FieldType.Currency or FieldType.Percent;

    /// <summary>Draws a field.</summary>
    public static Field Draw(Random random, string name, bool isKey)
    {
        var type = (FieldType)random.Next(isKey ? (int)FieldType.Double : (int)FieldType.Percent + 1);
        if (isKey && type == FieldType.Boolean && random.Next(4) > 0) type = FieldType.Integer;
        if (random.Next(4) == 0) type = random.Next(2) == 0 ? FieldType.String : FieldType.Integer;
        var field = new Field(name, type) { IsKey = isKey, IsRequired = isKey || random.Next(8) == 0 };
        if (type == FieldType.String) return field with { Length = random.Next(2) == 0 ? null : random.Next(4) == 0 ? random.Next(1, 4) : random.Next(4, 200) };
        if (!field.IsDecimal) return field;
        // Each width that a store may keep decimals in: 16, 32, 64 and 128 bits.
        var precision = random.Next(4) switch { 0 => random.Next(1, 5), 1 => random.Next(5, 10), 2 => random.Next(10, 19), _ => random.Next(19, 39) };
        return field with { Precision = precision, Scale = random.Next(precision + 1) };
    }

    /// <summary>The same field with more room; one that has none to gain stays as it is.</summary>
    public Field Widen(Random random)
    {
        if (Length is { } length) return this with { Length = random.Next(3) == 0 ? null : length + random.Next(1, 50) };
        if (!IsDecimal || Precision == 38) return this;
        var scale = random.Next(39 - Precision);
        return this with { Precision = Precision + scale + random.Next(39 - Precision - scale), Scale = Scale + scale };
    }

    /// <summary>The field as the API takes it.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject { ["systemName"] = Name, ["dataType"] = Type.ToString().ToUpperInvariant(), ["primaryKey"] = IsKey, ["required"] = IsRequired };
        if (Length is { } length) json["length"] = length;
        if (IsDecimal) (json["precision"], json["scale"]) = (Precision, Scale);
        return json;
    }
}

/// <summary>The types of fields; those before Double may be keys.</summary>
internal enum FieldType
{
    String,
    Integer,
    Decimal,
    Boolean,
    Date,
    DateTime,
    Currency,
    Double,
    Percent,
}

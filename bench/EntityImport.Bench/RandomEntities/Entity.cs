using System.Text.Json.Nodes;

namespace EntityImport.Bench.RandomEntities;

/// <summary>A drawn entity. It grows as entities may: optional fields are added, others get more room.</summary>
internal sealed class Entity
{
    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<Field> _fields = [];

    public Entity(Random random)
    {
        Name = NastyNames.All[random.Next(NastyNames.All.Count)];
        var keys = random.Next(4) == 0 ? 0 : random.Next(3) == 0 ? random.Next(2, 5) : 1;
        var fields = Math.Max(random.Next(20) switch { 0 => 200, 1 => random.Next(40, 201), 2 or 3 => keys, _ => random.Next(1, 16) }, Math.Max(1, keys));
        var names = NastyNames.Draw(random, fields, _names);
        _fields.AddRange(names.Select((name, i) => Field.Draw(random, name, isKey: i < keys)));
        if (fields < 16 && random.Next(4) == 0) _fields[^1] = new Field(_fields[^1].Name, FieldType.String) { IsKey = fields == keys, IsRequired = fields == keys, IsLong = true };
        // The key's fields stand anywhere.
        for (var i = 0; i < keys; i++)
        {
            var other = random.Next(fields);
            (_fields[i], _fields[other]) = (_fields[other], _fields[i]);
        }
    }

    /// <summary>An entity of certain fields.</summary>
    public Entity(string name, IEnumerable<Field> fields)
    {
        Name = name;
        _fields.AddRange(fields);
        _names.UnionWith(_fields.Select(field => field.Name));
    }

    public string Name { get; }

    public IReadOnlyList<Field> Fields => _fields;

    public bool HasKey => _fields.Any(f => f.IsKey);

    public bool IsLong => _fields.Any(f => f.IsLong);

    /// <summary>The places of the key's fields.</summary>
    public IEnumerable<int> Key => Enumerable.Range(0, _fields.Count).Where(i => _fields[i].IsKey);

    /// <summary>The values of the key's fields as one text.</summary>
    public string KeyOf(IReadOnlyList<string?> record) => string.Join('\u001f', Key.Select(i => record[i]));

    public string Json => new JsonObject { ["fields"] = new JsonArray([.. _fields.Select(f => f.ToJson())]) }.ToJsonString();

    /// <summary>Adds an optional field, and gives others more room.</summary>
    public void Grow(Random random)
    {
        Widen(random);
        if (_fields.Count < 200) Add(Field.Draw(random, NastyNames.Draw(random, 1, _names)[0], isKey: false) with { IsRequired = false });
    }

    /// <summary>Gives some fields more room.</summary>
    public void Widen(Random random)
    {
        for (var i = 0; i < _fields.Count; i++)
            if (random.Next(4) == 0) _fields[i] = _fields[i].Widen(random);
    }

    /// <summary>Adds an optional field of a new name.</summary>
    public void Add(Field field)
    {
        _names.Add(field.Name);
        _fields.Add(field);
    }

    public override string ToString() => $"{Name} ({string.Join(", ", _fields.Take(12).Select(Describe))}{(_fields.Count > 12 ? $", … {_fields.Count} fields" : "")})";

    private static string Describe(Field field) =>
        $"{field.Name} {field.Type.ToString().ToUpperInvariant()}{(field.IsDecimal ? $"({field.Precision},{field.Scale})" : field.Length is { } length ? $"({length})" : "")}{(field.IsLong ? " long" : "")}{(field.IsKey ? " key" : field.IsRequired ? " required" : "")}";
}

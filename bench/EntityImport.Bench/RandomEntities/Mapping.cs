using System.Globalization;
using System.Text.Json.Nodes;

namespace EntityImport.Bench.RandomEntities;

/// <summary>How a file goes into an entity.</summary>
internal sealed record Mapping
{
    private const int MaxUnmappedColumns = 4;

    /// <summary>UPSERT, INSERT or REPLACE.</summary>
    public required string Mode { get; init; }

    public required bool KeepsEmpty { get; init; }

    public required bool IsDryRun { get; init; }

    public required int? MaxFailedRows { get; init; }

    /// <summary>REJECT, PAD or FIT.</summary>
    public required string RaggedRows { get; init; }

    /// <summary>The columns are mapped because they have the fields' names.</summary>
    public required bool IsByName { get; init; }

    public required FileForm Form { get; init; }

    /// <summary>The file's columns from left to right: the name, and the place of the field that it goes to; -1 where it goes nowhere.</summary>
    public required IReadOnlyList<(string Name, int Field)> Columns { get; init; }

    /// <summary>Values in place of null by the field's place, each with the text that says it.</summary>
    public required IReadOnlyDictionary<int, (string Value, string Text)> Defaults { get; init; }

    /// <summary>Whether a field gets values: from a column, or from its default alone.</summary>
    public bool Fills(int field) => Defaults.ContainsKey(field) || Columns.Any(column => column.Field == field);

    /// <summary>Draws a mapping that every file can be read by.</summary>
    public static Mapping Draw(Random random, Entity entity)
    {
        var mode = (string[])["UPSERT", "UPSERT", "UPSERT", "INSERT", "REPLACE"] is var modes ? modes[random.Next(modes.Length)] : "";
        var form = FileForm.Draw(random);
        var isByName = form.HasHeader && random.Next(3) == 0;
        var keepsEmpty = random.Next(3) == 0;
        var mayLackRequired = mode == "UPSERT" && entity.HasKey && random.Next(6) == 0;
        var leavesOut = random.Next(3) == 0;
        var hasDefaults = !isByName && random.Next(2) == 0;
        var defaults = new Dictionary<int, (string, string)>();
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        if (isByName) taken.UnionWith(entity.Fields.Select(field => field.Name));
        var columns = new List<(string, int)>();
        for (var i = 0; i < entity.Fields.Count; i++)
        {
            var field = entity.Fields[i];
            if (hasDefaults && random.Next(4) == 0 && DrawDefault(random, field, form) is { } value)
            {
                defaults.Add(i, value);
                // Now and then the default is all that fills it.
                if (!field.IsKey && random.Next(3) == 0) continue;
            }
            else if (!field.IsKey && leavesOut && (!field.IsRequired || mayLackRequired) && random.Next(3) == 0)
            {
                continue;
            }

            columns.Add((isByName ? AnyCase(random, field.Name) : "", i));
        }

        // At least one column is there.
        if (columns.Count == 0) columns.Add((isByName ? entity.Fields[0].Name : "", 0));
        for (var other = random.Next(MaxUnmappedColumns); other > 0; other--) columns.Add(("", -1));
        var shuffled = columns.ToArray();
        random.Shuffle(shuffled);
        var names = NastyNames.Draw(random, shuffled.Count(column => column.Item1.Length == 0 && form.HasHeader), taken).GetEnumerator();
        return new Mapping
        {
            Mode = mode,
            KeepsEmpty = keepsEmpty,
            IsDryRun = random.Next(12) == 0,
            MaxFailedRows = random.Next(10) == 0 ? random.Next(20) : null,
            RaggedRows = random.Next(4) switch { 0 => "PAD", 1 => "FIT", _ => "REJECT" },
            IsByName = isByName,
            Form = form,
            Columns = [.. shuffled.Select((column, i) => (!form.HasHeader ? (i + 1).ToString(CultureInfo.InvariantCulture) : column.Item1.Length > 0 ? column.Item1 : Next(), column.Item2))],
            Defaults = defaults,
        };

        string Next() => names.MoveNext() ? names.Current : throw new InvalidOperationException("There are too few names.");
    }

    /// <summary>The mapping as the API takes it.</summary>
    public string Json(Entity entity)
    {
        var definition = new JsonObject
        {
            ["importMode"] = Mode,
            ["emptyValues"] = KeepsEmpty ? "KEEP" : "CLEAR",
            ["dryRun"] = IsDryRun,
            ["raggedRows"] = RaggedRows,
            ["fieldDelimiter"] = Form.Delimiter == '\t' ? "\\t" : Form.Delimiter.ToString(),
            ["header"] = Form.HasHeader,
            ["dateFormat"] = Form.DateForm,
            ["dateTimeFormat"] = Form.TimePattern,
            ["nullValues"] = new JsonArray([.. Form.NullWords.Select(word => JsonValue.Create(word))]),
        };
        if (MaxFailedRows is { } most) definition["maxFailedRows"] = most;
        if (!Form.HasHeader) definition["columnCount"] = Columns.Count;
        if (!IsByName) definition["fields"] = new JsonArray([.. Enumerable.Range(0, entity.Fields.Count).Where(Fills).Select(i => MapField(entity.Fields[i], i))]);
        return new JsonObject { ["entitySystemName"] = entity.Name, ["definition"] = definition }.ToJsonString();
    }

    private JsonObject MapField(Field field, int place)
    {
        var json = new JsonObject { ["systemName"] = field.Name };
        if (Columns.FirstOrDefault(column => column.Field == place) is { Name: { } name }) json["csvColumnName"] = name;
        if (Defaults.TryGetValue(place, out var value)) json["defaultValue"] = value.Text;
        return json;
    }

    /// <summary>A default is read as it stands: it has no quotes that would keep its spaces.</summary>
    private static (string Value, string Text)? DrawDefault(Random random, Field field, FileForm form)
    {
        var value = FieldValue.Draw(random, field);
        return value.Trim() == value ? (value, ValueText.Write(random, field, value, form)) : null;
    }

    private static string AnyCase(Random random, string name) => random.Next(6) == 0 ? name.ToUpperInvariant() : name;
}

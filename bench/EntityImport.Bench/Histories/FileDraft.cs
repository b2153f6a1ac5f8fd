using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using EntityImport.Bench.RandomEntities;

namespace EntityImport.Bench.Histories;

/// <summary>A file and how it is read, drawn without knowing the entity, so that a history stays one whatever is left out of it: numbers from 0 to 99 stand for the values of whichever fields there are.</summary>
internal sealed record FileDraft
{
    /// <summary>Numbers of a row. Fields beyond begin again.</summary>
    public const int Cells = 8;

    private const int Broken = 99;
    private const int BadValue = 97;
    private const int NullKey = 96;
    private const int MostNulls = 25;
    private const int MostRequiredNulls = 2;

    private static readonly FileForm Form = new() { Delimiter = ',', LineEnd = "\n", HasHeader = true, HasMark = false, EndsWithLineEnd = true, DayFirst = false, NullWords = [] };

    /// <summary>INSERT, UPSERT or REPLACE.</summary>
    public required string Mode { get; init; }

    public required bool KeepsEmpty { get; init; }

    public required bool IsDryRun { get; init; }

    public required int? MaxFailedRows { get; init; }

    /// <summary>A bit for each field that no column fills, where that may be.</summary>
    public required int Unmapped { get; init; }

    /// <summary>A bit for each field that has a default.</summary>
    public required int Defaulted { get; init; }

    /// <summary>Whether the columns stand the other way round.</summary>
    public required bool IsReversed { get; init; }

    /// <summary>Whether there is a column that goes nowhere.</summary>
    public required bool HasNote { get; init; }

    public required IReadOnlyList<IReadOnlyList<int>> Rows { get; init; }

    /// <summary>The file, for an entity as it is.</summary>
    public DraftedFile Make(Entity entity)
    {
        var mayLackRequired = Mode == "UPSERT" && entity.HasKey;
        var places = Enumerable.Range(0, entity.Fields.Count)
            .Where(place => entity.Fields[place] is var field && (field.IsKey || (Unmapped >> (place % Cells) & 1) == 0 || (field.IsRequired && !mayLackRequired))).ToList();
        if (places.Count == 0) places.Add(0);
        var columns = places.Select(place => (entity.Fields[place].Name, Field: place)).ToList();
        if (HasNote) columns.Add(("note", -1));
        if (IsReversed) columns.Reverse();
        var mapping = new Mapping
        {
            Mode = Mode,
            KeepsEmpty = KeepsEmpty,
            IsDryRun = IsDryRun,
            MaxFailedRows = MaxFailedRows,
            RaggedRows = "REJECT",
            IsByName = false,
            Form = Form,
            Columns = columns,
            Defaults = Enumerable.Range(0, entity.Fields.Count).Where(place => entity.Fields[place] is { IsKey: false, IsLong: false } && (Defaulted >> (place % Cells) & 1) == 1)
                .ToDictionary(place => place, place => (FieldDomain.Value(entity.Fields[place], Defaulted), FieldDomain.Text(entity.Fields[place], Defaulted))),
        };
        var text = new StringBuilder(string.Join(',', columns.Select(column => column.Name)) + "\n");
        var rows = new List<FileRow>();
        foreach (var numbers in Rows)
        {
            var cells = columns.Where(column => column.Field >= 0).ToDictionary(column => column.Field, column => MakeCell(entity, column.Field, numbers[column.Field % Cells]));
            var texts = columns.Select(column => column.Field < 0 ? "any" : cells[column.Field].Text).ToList();
            // A row of delimiters alone is another matter.
            if (texts.All(string.IsNullOrWhiteSpace)) continue;
            var isBroken = numbers[Cells - 1] == Broken;
            rows.Add(new FileRow(rows.Count + 1, rows.Count + 2, isBroken ? "record.textAfterQuote" : null, cells));
            var quoted = texts.Select(cell => Form.Quote(new Random(numbers[0]), cell)).ToList();
            if (isBroken) quoted[0] = "\"broken\"quote";
            text.Append(string.Join(',', quoted)).Append('\n');
        }

        return new DraftedFile(mapping, rows, text.ToString());
    }

    private static Cell MakeCell(Entity entity, int place, int number)
    {
        var field = entity.Fields[place];
        var isNull = field.IsKey ? number == NullKey : number <= (field.IsRequired ? MostRequiredNulls : MostNulls);
        if (isNull) return new Cell(null, null, "");
        if (number >= BadValue && FieldDomain.Bad(field) is var (text, code)) return new Cell(null, code, text);
        // Keys come again, those of several fields in all combinations.
        if (field.IsKey) number %= entity.Key.Count() == 1 ? FieldDomain.Count : 3;
        return new Cell(FieldDomain.Value(field, number), null, FieldDomain.Text(field, number));
    }
}

/// <summary>A file, and what is in it.</summary>
internal sealed partial record DraftedFile(Mapping Mapping, IReadOnlyList<FileRow> Rows, string Text)
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public byte[] Bytes => Encoding.UTF8.GetBytes(Text);

    /// <summary>What it is, for people.</summary>
    public string Describe(Entity entity) =>
        $"{Mapping.Mode}{(Mapping.KeepsEmpty ? " KEEP" : "")}{(Mapping.IsDryRun ? ", dry run" : "")}{(Mapping.MaxFailedRows is { } most ? $", at most {most} rejected" : "")}"
        + $"{string.Concat(Mapping.Defaults.Select(value => $", {entity.Fields[value.Key].Name} else '{Shorten(value.Value.Text)}'"))}, {JsonSerializer.Serialize(Shorten(Text), Plain)}";

    /// <summary>Long texts with how often their character comes in place of that.</summary>
    private static string Shorten(string text) => Repeated().Replace(text, repeated => FormattableString.Invariant($"{repeated.Groups[1].Value}×{repeated.Length}"));

    [GeneratedRegex("(.)\\1{99,}")]
    private static partial Regex Repeated();

    /// <summary>The names of the columns.</summary>
    public IEnumerable<string> Header => Mapping.Columns.Select(column => column.Name);
}

using EntityImport.Entities;

namespace EntityImport.Inference;

/// <summary>Gives each column its field: one of the given entity, or a new one by what the column was judged to be.</summary>
internal sealed class ColumnBinder(InferenceRequest request, StatedDefinition stated, ColumnJudge judge, bool hasHeader)
{
    private readonly HashSet<string> _taken = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The fields of the given entity that each column's name fits, by the column's index.</summary>
    private Dictionary<int, FieldMatch> _matches = [];

    /// <summary>The columns with their fields.</summary>
    /// <exception cref="RequestException">A stated field or key names a column that the sample does not have.</exception>
    public List<ProposedColumn> Bind(IReadOnlyList<ColumnProfile> profiles)
    {
        var faults = new RequestFaults(request.Limits);
        FindMissingColumns(profiles, faults);
        foreach (var field in stated.Fields)
            if (field.SystemName is { } name) _taken.Add(name);
        if (request.Entity is { } entity && stated.Fields.Count == 0) _matches = hasHeader ? FieldMatch.All(entity, [.. profiles.Select(profile => profile.Name)]) : FieldMatch.InOrder(entity, profiles.Count);
        var columns = profiles.Select((profile, i) => Bind(profile, i, FindStated(profile.Name, i))).ToList();
        if (request.Key.Count > 0 && request.Entity is null) MarkKey(columns, faults);
        return faults.Count == 0 ? columns : throw RequestException.Invalid(faults);
    }

    private ProposedColumn Bind(ColumnProfile profile, int index, StatedField? field)
    {
        if (field is null && stated.Fields.Count > 0)
            return new ProposedColumn(index, profile, null, null, null, "Not among the stated fields: not imported.");
        if (profile.Name.Length == 0 && field is null)
            return new ProposedColumn(index, profile, null, null, null, "The header has no name for it: not imported.");
        if (profile.Name.Length > Limits.ColumnNameCharacters)
            return new ProposedColumn(index, profile, null, null, null, $"Its name is longer than {Wording.Number(Limits.ColumnNameCharacters)} characters: not imported.");
        if (request.Entity is { } entity) return BindTo(entity, profile, index, field);

        var verdict = judge.Judge(profile, hasFormat: field?.Format is not null);
        var name = field?.SystemName ?? SystemNames.Unique(SystemNames.From(hasHeader ? profile.Name : $"column {profile.Name}", $"column_{index + 1}"), _taken);
        var created = new FieldDefinition
        {
            SystemName = name,
            DisplayName = profile.Name == name || !hasHeader ? null : profile.Name,
            DataType = verdict.Type,
            Precision = verdict.Precision,
            Scale = verdict.Scale,
        };
        return new ProposedColumn(index, profile, field, created, verdict.Pattern, verdict.Why) { Mostly = verdict.Mostly };
    }

    private ProposedColumn BindTo(EntityDefinition entity, ColumnProfile profile, int index, StatedField? statedField)
    {
        var found = _matches.GetValueOrDefault(index);
        var field = statedField?.SystemName is { } name ? entity.FindField(name) : found?.Field;
        if (field is null) return new ProposedColumn(index, profile, null, null, null, $"{entity.SystemName} has no {(hasHeader ? "field of this name" : "further field")}: not imported.");
        var match = found?.Match ?? new ColumnMatch(MatchKind.Stated, 1, $"The definition states that it goes into {field.SystemName}.", []);
        var why = $"The field {field.SystemName} is {EntityReader.Name(field.DataType)}.";
        GuessedPattern? pattern = null;
        if (field.DataType is DataType.Date or DataType.DateTime && judge.FindPattern(profile, field.DataType == DataType.DateTime) is { } likely)
        {
            pattern = likely;
            why += $" The values are like {likely.Text}.";
        }

        return new ProposedColumn(index, profile, statedField, field, pattern, why) { IsGiven = true, Match = match };
    }

    private StatedField? FindStated(string column, int index) =>
        stated.Fields.FirstOrDefault(field => field.ColumnIndex == index + 1)
        ?? stated.Fields.FirstOrDefault(field => field.CsvColumnName == column)
        ?? stated.Fields.FirstOrDefault(field => column.Equals(field.CsvColumnName, StringComparison.OrdinalIgnoreCase));

    private void FindMissingColumns(IReadOnlyList<ColumnProfile> profiles, RequestFaults faults)
    {
        for (var i = 0; i < stated.Fields.Count; i++)
        {
            if (stated.Fields[i].ColumnIndex is { } number && number > profiles.Count)
                faults.Add($"definition.fields[{i}].columnIndex", $"The file has only {Wording.Number(profiles.Count)} columns.");
            if (stated.Fields[i].CsvColumnName is not { } name) continue;
            if (!profiles.Any(profile => profile.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
                faults.Add($"definition.fields[{i}].csvColumnName", $"The file has no column '{ShownText.Cut(name)}'.");
        }
    }

    private void MarkKey(List<ProposedColumn> columns, RequestFaults faults)
    {
        foreach (var name in request.Key)
        {
            var index = columns.FindIndex(column => column.Field is not null && column.Profile.Name == name);
            if (index < 0) index = columns.FindIndex(column => column.Field is not null && IsNamed(column, name));
            if (index < 0)
            {
                faults.Add("key", $"The file has no column '{ShownText.Cut(name)}' that could be the key.");
                continue;
            }

            var column = columns[index];
            var type = column.Field!.DataType == DataType.Double ? DataType.String : column.Field.DataType;
            columns[index] = column with
            {
                Field = column.Field with { DataType = type, PrimaryKey = true, Required = true },
                Why = $"{column.Why} The key, as stated.",
            };
        }
    }

    private static bool IsNamed(ProposedColumn column, string name) =>
        column.Profile.Name.Equals(name, StringComparison.OrdinalIgnoreCase)
        || column.Field!.SystemName.Equals(name, StringComparison.OrdinalIgnoreCase);
}

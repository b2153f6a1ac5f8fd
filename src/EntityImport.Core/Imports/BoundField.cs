using System.Globalization;
using EntityImport.Catalog;
using EntityImport.Conversion;
using EntityImport.Conversion.Ambiguity;
using EntityImport.Entities;
using EntityImport.Inputs;
using EntityImport.Mappings;

namespace EntityImport.Imports;

/// <summary>A column of the file, or a default alone, bound to a field of the entity.</summary>
/// <param name="Field">The field.</param>
/// <param name="Column">Index of the column in the file; -1 where the default fills the field.</param>
/// <param name="ColumnName">The column's name; null likewise.</param>
/// <param name="Converter">What reads the values.</param>
/// <param name="Alternative">What finds out whether another reading fits the column, too; null where there is none.</param>
internal sealed record BoundField(FieldDefinition Field, int Column, string? ColumnName, FieldConverter Converter, AlternativeReading? Alternative)
{
    /// <summary>The most characters that the names of columns, or of fields, take where all of them are listed.</summary>
    private const int MaxListCharacters = 600;

    /// <summary>Binds the columns of a file to the fields of an entity as a definition says.</summary>
    /// <exception cref="ImportRefusedException">A mapped column is missing or ambiguous, or nothing can be bound.</exception>
    /// <exception cref="OperationCanceledException">The call was ended.</exception>
    public static IReadOnlyList<BoundField> Bind(
        IInput input, EntityDefinition entity, ImportDefinition definition, DateOnly twoDigitYearStart, CancellationToken cancellationToken)
    {
        var format = definition.CreateValueFormat(twoDigitYearStart);
        var keepNulls = KeepsEmpty(definition);
        var faults = new List<string>();
        var bound = new List<BoundField>();
        var mappings = definition.Fields.Count > 0 ? definition.Fields : MapByName(input, entity, faults);
        foreach (var mapping in mappings)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var field = entity.FindField(mapping.SystemName) ?? throw new ImportRefusedException(
                EndCode.MappingOutdated,
                $"{entity.SystemName} no longer has the field {RejectionReasons.Show(mapping.SystemName)}. Expected it, because the mapping names it.");
            var column = mapping.ColumnIndex is { } number ? FindColumn(input, number, faults)
                : mapping.CsvColumnName is { } name ? FindColumn(input, name, definition, faults) : -1;
            var converter = FieldConverters.Create(field, format, mapping.Format, mapping.DefaultValue, keepNulls && column >= 0 && !field.PrimaryKey, mapping.Texts);
            var alternative = column < 0 ? null : AlternativeReadings.Find(converter, format, mapping.Format);
            bound.Add(new BoundField(field, column, mapping.CsvColumnName ?? NameOf(input, column), converter, alternative));
        }

        if (bound.Count == 0 && faults.Count == 0)
            faults.Add($"no column has the name of a field of {entity.SystemName}. The fields are {Names(entity.Fields.Select(f => f.SystemName))}, the columns {Names(input.Columns)}");
        // What is ambiguous is not missing, too.
        foreach (var missing in faults.Count > 0 && definition.Fields.Count == 0 ? [] : Missing(entity, definition, bound))
            faults.Add($"no column is mapped to {missing.SystemName}, which every new record needs");
        if (faults.Count == 0) return bound;
        var wanted = definition.Fields.Count > 0 ? definition.Fields.Select(f => f.CsvColumnName).OfType<string>() : entity.Fields.Select(f => f.SystemName);
        var hint = HeaderHint.Find(input, definition.Layout, [.. wanted], cancellationToken) is { } found ? $" {found}" : "";
        throw new ImportRefusedException(EndCode.ColumnsMismatch, $"{input.PlaceOfColumns}: {ShownText.Join(faults, "; ", ImportRefusedException.MaxCharacters - 100 - hint.Length)}.{hint}");
    }

    /// <summary>Whether empty fields leave what is there.</summary>
    public static bool KeepsEmpty(ImportDefinition definition) =>
        definition is { Mode: ImportMode.Upsert, EmptyValues: EmptyValues.Keep };

    /// <summary>The fields that every new record needs and that rows have no value for.</summary>
    public static IEnumerable<FieldDefinition> Unfilled(EntityDefinition entity, IReadOnlyList<BoundField> bound) =>
        entity.Fields.Where(f => f.IsRequired && !bound.Any(b => b.Field == f));

    /// <summary>The unfilled fields that make the whole file useless: key fields always, others where every row is a new record.</summary>
    private static IEnumerable<FieldDefinition> Missing(EntityDefinition entity, ImportDefinition definition, List<BoundField> bound) =>
        bound.Count == 0 ? [] : Unfilled(entity, bound).Where(f => f.PrimaryKey || definition.Mode != ImportMode.Upsert || !entity.Key.Any());

    private static List<FieldMapping> MapByName(IInput input, EntityDefinition entity, List<string> faults)
    {
        var mappings = new List<FieldMapping>();
        foreach (var field in entity.Fields)
        {
            var exact = input.Columns.Contains(field.SystemName, StringComparer.Ordinal);
            var alike = input.Columns.Where(name => name.Equals(field.SystemName, StringComparison.OrdinalIgnoreCase)).ToList();
            if (input.Columns.Take(input.OwnColumns).Count(name => name == field.SystemName) > 1)
                faults.Add($"{HeaderReader.DescribeRepeated(input.Columns, field.SystemName)}; with fields that name columnIndex in place of csvColumnName, the mapping tells which of them is meant");
            else if (exact) mappings.Add(new FieldMapping(field.SystemName, field.SystemName));
            else if (alike.Count == 1) mappings.Add(new FieldMapping(field.SystemName, alike[0]));
            else if (alike.Count > 1) faults.Add($"{alike.Count} columns differ from {field.SystemName} only in case: {Names(alike)}");
        }

        return mappings;
    }

    private static int FindColumn(IInput input, int number, List<string> faults)
    {
        if (number <= input.OwnColumns) return number - 1;
        faults.Add(string.Create(CultureInfo.InvariantCulture, $"the mapped column {number} is missing: there {(input.OwnColumns == 1 ? "is 1 column" : $"are {input.OwnColumns} columns")}"));
        return -1;
    }

    /// <summary>What a column is called that is told by its place: its number where the header has no name for it.</summary>
    private static string? NameOf(IInput input, int column) =>
        column < 0 ? null : input.Columns[column] is { Length: > 0 } name ? name : (column + 1).ToString(CultureInfo.InvariantCulture);

    private static int FindColumn(IInput input, string name, ImportDefinition definition, List<string> faults)
    {
        var wanted = definition.Layout.TrimSpaces ? name.Trim(' ', '\t') : name;
        if (input.Columns.Take(input.OwnColumns).Count(column => column == wanted) > 1)
        {
            faults.Add($"{HeaderReader.DescribeRepeated(input.Columns, wanted)}; columnIndex in place of csvColumnName tells which of them is meant");
            return -1;
        }

        var exact = input.Columns.ToList().IndexOf(wanted);
        if (exact >= 0) return exact;
        var alike = Enumerable.Range(0, input.Columns.Count)
            .Where(i => input.Columns[i].Equals(wanted, StringComparison.OrdinalIgnoreCase)).ToList();
        if (alike.Count == 1) return alike[0];
        var shown = RejectionReasons.Show(name);
        if (alike.Count > 1) faults.Add($"the mapped column '{shown}' is ambiguous: {alike.Count} columns differ from it only in case");
        // The columns are told once, with the first fault.
        else faults.Add($"the mapped column '{shown}' is missing{(faults.Count == 0 ? $". The columns are {Names(input.Columns)}" : "")}");
        return -1;
    }

    private static string Names(IEnumerable<string> names) => ShownText.Join(names.Select(name => $"'{RejectionReasons.Show(name)}'"), ", ", MaxListCharacters);
}

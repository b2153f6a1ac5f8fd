using System.Globalization;
using System.Text.Json;
using EntityImport.Catalog;
using EntityImport.Conversion.Locales;
using EntityImport.Csv;
using EntityImport.Entities;

namespace EntityImport.Mappings;

/// <summary>Reads a mapping document from JSON and notes every fault: those of the document itself and those against its entity.</summary>
internal static class ImportDefinitionReader
{
    /// <summary>The most columns that a file without header has.</summary>
    public const int MaxColumns = 16_384;

    /// <summary>Reads the name of the entity, and nothing else.</summary>
    public static string? ReadEntityName(JsonElement document) =>
        document.ValueKind == JsonValueKind.Object
        && document.TryGetProperty("entitySystemName", out var name) && name.ValueKind == JsonValueKind.String ? name.GetString() : null;

    /// <summary>Reads a document whose faults were found before. Limits that came after it was saved do not matter to it.</summary>
    /// <exception cref="RequestException">It has faults after all, because its entity was made anew since.</exception>
    public static ImportDefinition Read(string document, EntityDefinition entity)
    {
        using var json = JsonDocument.Parse(document);
        var faults = new RequestFaults();
        var definition = Read(json.RootElement, entity, faults, limits: null);
        return faults.Count == 0 ? definition : throw RequestException.Invalid(faults);
    }

    /// <summary>Reads of a mapping what does not depend on its entity, which may have changed or gone.</summary>
    public static ImportDefinition ReadFormat(Mapping mapping)
    {
        using var json = JsonDocument.Parse(mapping.Document);
        return Read(json.RootElement, entity: null, new RequestFaults(), limits: null);
    }

    /// <summary>Reads a document; what it returns is of use only where no fault was noted.</summary>
    /// <param name="document">The JSON: <c>entitySystemName</c> and <c>definition</c>.</param>
    /// <param name="entity">The entity; null where there is none of this name.</param>
    /// <param name="faults">Where faults are noted.</param>
    /// <param name="limits">What the document must keep to in order to be saved; null for one that is stored already, to which no limit applies.</param>
    public static ImportDefinition Read(JsonElement document, EntityDefinition? entity, RequestFaults faults, Limits? limits)
    {
        var root = new JsonObjectReader(document, "", faults);
        var name = root.String("entitySystemName", required: true);
        if (name is not null && entity is null) root.Fault("entitySystemName", $"There is no entity '{ShownText.Cut(name)}'.");
        var element = root.Member("definition");
        root.End();
        if (element is null) return Check(new ImportDefinition(), entity, faults, limits);

        var reader = new JsonObjectReader(element.Value, "definition", faults);
        var reading = new DefinitionReading(reader, entity, faults, limits);
        var definition = DefinitionMembers.Definition.Aggregate(new ImportDefinition(), (read, member) => member.Read(read, reading));
        CheckMarks(definition.Layout, reader);
        definition = definition with { Layout = CountColumns(definition, reader) };
        reader.End();
        return Check(definition, entity, faults, limits);
    }

    /// <summary>Notes marks that cannot be told apart.</summary>
    private static void CheckMarks(FileLayout layout, JsonObjectReader reader)
    {
        var isStated = reader.Member("quoteCharacter") is not null;
        foreach (var (mark, fault) in CsvDialect.FindFaults(layout.Delimiter, layout.Quote, layout.Escape))
        {
            // A mark that is part of the delimiter is at fault where it was stated, else the delimiter is.
            var member = mark switch
            {
                CsvMark.Quote when isStated => "quoteCharacter",
                CsvMark.Escape => "escapeCharacter",
                _ => "fieldDelimiter",
            };
            reader.Fault(member, fault);
        }
    }

    /// <summary>The layout with the number of columns: the header tells it, else what is stated, else the fields do.</summary>
    private static FileLayout CountColumns(ImportDefinition definition, JsonObjectReader reader)
    {
        var layout = definition.Layout;
        if (layout.HasHeader)
        {
            if (layout.ColumnCount > 0) reader.Fault("columnCount", "The header tells how many columns there are; columnCount needs \"header\": false.");
            return layout with { ColumnCount = 0 };
        }

        var fields = definition.Fields;
        if (fields.Count == 0 && reader.IsReadable("fields", EntityReader.MaxFields)) reader.Fault("fields", "Without a header, fields must name the columns by number: 1, 2, …");
        var highest = 0;
        for (var i = 0; i < fields.Count; i++)
        {
            if (fields[i].ColumnIndex is { } index)
            {
                if (layout.ColumnCount > 0 && index > layout.ColumnCount)
                    reader.Fault(string.Create(CultureInfo.InvariantCulture, $"fields[{i}].columnIndex"), string.Create(CultureInfo.InvariantCulture, $"There are only {layout.ColumnCount} columns."));
                highest = Math.Max(highest, index);
            }

            if (fields[i].CsvColumnName is not { } name) continue;
            var path = string.Create(CultureInfo.InvariantCulture, $"fields[{i}].csvColumnName");
            if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number is < 1 or > MaxColumns
                || number.ToString(CultureInfo.InvariantCulture) != name)
                reader.Fault(path, "Without a header, columns are named by number: 1, 2, …");
            else if (layout.ColumnCount > 0 && number > layout.ColumnCount)
                reader.Fault(path, string.Create(CultureInfo.InvariantCulture, $"There are only {layout.ColumnCount} columns."));
            highest = Math.Max(highest, number);
        }

        return layout.ColumnCount > 0 ? layout : layout with { ColumnCount = Math.Max(1, highest) };
    }

    /// <summary>Reads a definition's <c>fields</c>; null where they are at fault as a whole.</summary>
    public static List<FieldMapping>? ReadFields(DefinitionReading definition)
    {
        var (json, entity, faults, _) = definition;
        if (json.Array("fields", EntityReader.MaxFields) is not { } elements) return null;
        var fields = new List<FieldMapping>();
        var mapped = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (path, element) in elements)
        {
            var reader = new JsonObjectReader(element, path, faults);
            var field = DefinitionMembers.Field.Aggregate(FieldMapping.Absent, (read, member) => member.Read(read, definition with { Json = reader }));
            reader.End();
            if (reader.Member("csvColumnName") is not null && reader.Member("columnIndex") is not null)
                reader.Fault("columnIndex", "A column is told by csvColumnName or by columnIndex, not by both.");
            if (reader.Member("csvColumnName") is null && reader.Member("columnIndex") is null && reader.Member("defaultValue") is null)
                reader.Fault("csvColumnName", "The member is required, unless columnIndex tells the column, or defaultValue fills the field.");
            if (field.SystemName is not { } systemName) continue;
            if (entity is not null && entity.FindField(systemName) is null)
                reader.Fault("systemName", $"{entity.SystemName} has no field '{ShownText.Cut(systemName)}'.");
            if (!mapped.Add(systemName)) reader.Fault("systemName", $"The field '{ShownText.Cut(systemName)}' is mapped twice.");
            fields.Add(field);
        }

        return fields;
    }

    /// <summary>Reads a number of rows or a percentage; null where it is absent or at fault.</summary>
    public static FailureLimit? ReadFailureLimit(JsonObjectReader reader, string name)
    {
        const string Expected = "Expected a number of rows, or a percentage as in \"5%\".";
        if (reader.Member(name) is not { } value) return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var rows) && rows >= 0) return new FailureLimit(rows, null);
        if (value.ValueKind == JsonValueKind.String && value.GetString() is { } text)
        {
            if (text.EndsWith('%')
                && decimal.TryParse(text.AsSpan()[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent)
                && percent is >= 0 and <= 100)
                return new FailureLimit(null, percent);
            if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out rows)) return new FailureLimit(rows, null);
        }

        reader.Fault(name, Expected);
        return null;
    }

    /// <summary>Finds what only shows when everything is put together: symbols that cannot be told apart, patterns, defaults.</summary>
    private static ImportDefinition Check(ImportDefinition definition, EntityDefinition? entity, RequestFaults faults, Limits? limits)
    {
        if (FileEncoding.Find(definition.Encoding) is null)
            faults.Add("definition.encoding", $"Unknown encoding '{ShownText.Cut(definition.Encoding)}'.");
        if (LocaleData.Find(definition.Locale) is null)
        {
            faults.Add("definition.locale", $"Unknown locale '{ShownText.Cut(definition.Locale)}'; expected one as en-US.");
            // The rest is looked at as if it were the default locale, so that its faults are told, too.
            definition = definition with { Locale = new ImportDefinition().Locale };
        }

        var format = definition.CreateValueFormat(DateOnly.MinValue);
        if (format.DecimalSeparator == format.GroupingSeparator)
            faults.Add("definition.groupingSeparator", "The grouping separator equals the decimal separator, given or from the locale.");
        if (format.CurrencySymbol == format.PercentSymbol || format.OtherCurrencySymbols.Contains(format.PercentSymbol))
            faults.Add("definition.percentSymbol", "The percent symbol equals the currency symbol, given or from the locale.");
        if (limits is not null)
        {
            SymbolCheck.FindFaults(definition, format, faults);
            WordCheck.FindFaults(definition, faults);
            TextCheck.FindFaults(definition, format, entity, faults);
        }

        ConverterCheck.FindFaults(definition, format, entity, faults);
        return definition;
    }
}

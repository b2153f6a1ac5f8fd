using System.Globalization;
using System.Text.Json;
using EntityImport.Catalog;
using EntityImport.Conversion;
using EntityImport.Conversion.Locales;
using EntityImport.Csv;
using EntityImport.Entities;

namespace EntityImport.Mappings;

/// <summary>Reads a mapping document from JSON and notes every fault: those of the document itself and those against its entity.</summary>
internal static class ImportDefinitionReader
{
    private const int MaxSkipLines = 1_000_000;
    private const int MaxColumns = 16_384;

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
        var header = reader.Boolean("header", absent: true);
        var fields = ReadFields(reader, entity, faults, limits);
        var defaults = new ImportDefinition();
        var definition = defaults with
        {
            Mode = (ImportMode)(reader.Word("importMode", "UPSERT", "INSERT", "REPLACE") ?? (int)defaults.Mode),
            Locale = reader.String("locale", most: limits is null ? null : Limits.NameCharacters) ?? defaults.Locale,
            Encoding = reader.String("encoding", most: limits is null ? null : Limits.NameCharacters) ?? defaults.Encoding,
            DateFormat = reader.String("dateFormat", most: limits?.PatternCharacters) ?? defaults.DateFormat,
            DateTimeFormat = reader.String("dateTimeFormat", most: limits?.PatternCharacters) ?? defaults.DateTimeFormat,
            DecimalSeparator = Symbol(reader, "decimalSeparator", maxLength: 1),
            GroupingSeparator = Symbol(reader, "groupingSeparator", maxLength: 1),
            CurrencySymbol = Symbol(reader, "currencySymbol", maxLength: 16),
            PercentSymbol = Symbol(reader, "percentSymbol", maxLength: 16),
            NullValues = ReadWords(reader, "nullValues", limits),
            TrueValues = ReadWords(reader, "trueValues", limits),
            FalseValues = ReadWords(reader, "falseValues", limits),
            RaggedRows = (RaggedRows)(reader.Word("raggedRows", "REJECT", "PAD", "FIT") ?? 0),
            EmptyValues = (EmptyValues)(reader.Word("emptyValues", "CLEAR", "KEEP") ?? 0),
            MaxFailedRows = ReadFailureLimit(reader),
            DryRun = reader.Boolean("dryRun", absent: false),
            Fields = fields ?? [],
            Layout = ReadLayout(reader, header, fields),
        };
        reader.End();
        return Check(definition, entity, faults, limits);
    }

    private static FileLayout ReadLayout(JsonObjectReader reader, bool header, List<FieldMapping>? fields)
    {
        var delimiter = reader.String("fieldDelimiter") ?? ",";
        if (delimiter == "\\t") delimiter = "\t";
        var quote = Character(reader, "quoteCharacter") ?? '"';
        var escape = Character(reader, "escapeCharacter") ?? quote;
        var isStated = reader.Member("quoteCharacter") is not null;
        foreach (var (mark, fault) in CsvDialect.FindFaults(delimiter, quote, escape))
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

        var trim = reader.Boolean("ignoreSurroundingSpaces", absent: true);
        var skipLines = reader.Integer("skipLines", 0, MaxSkipLines) ?? 0;
        var columnCount = reader.Integer("columnCount", 1, MaxColumns);
        if (header)
        {
            if (columnCount is not null) reader.Fault("columnCount", "The header tells how many columns there are; columnCount needs \"header\": false.");
            return new FileLayout(delimiter, quote, escape, trim, HasHeader: true, skipLines);
        }

        if (fields is { Count: 0 }) reader.Fault("fields", "Without a header, fields must name the columns by number: 1, 2, …");
        var highest = 0;
        for (var i = 0; i < fields?.Count; i++)
        {
            if (fields[i].CsvColumnName is not { } name) continue;
            var path = string.Create(CultureInfo.InvariantCulture, $"fields[{i}].csvColumnName");
            if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number is < 1 or > MaxColumns
                || number.ToString(CultureInfo.InvariantCulture) != name)
                reader.Fault(path, "Without a header, columns are named by number: 1, 2, …");
            else if (number > columnCount)
                reader.Fault(path, string.Create(CultureInfo.InvariantCulture, $"There are only {columnCount} columns."));
            highest = Math.Max(highest, number);
        }

        return new FileLayout(delimiter, quote, escape, trim, HasHeader: false, skipLines, columnCount ?? Math.Max(1, highest));
    }

    /// <summary>Reads a definition's <c>fields</c>; null where they are at fault as a whole.</summary>
    /// <inheritdoc cref="Read(JsonElement, EntityDefinition?, RequestFaults, Limits?)"/>
    public static List<FieldMapping>? ReadFields(JsonObjectReader definition, EntityDefinition? entity, RequestFaults faults, Limits? limits)
    {
        if (definition.Array("fields", EntityReader.MaxFields) is not { } elements) return null;
        var fields = new List<FieldMapping>();
        var mapped = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (path, element) in elements)
        {
            var reader = new JsonObjectReader(element, path, faults);
            var systemName = reader.String("systemName", required: true);
            var column = reader.String("csvColumnName", most: limits is null ? null : Limits.ColumnNameCharacters);
            var defaultValue = reader.String("defaultValue", most: limits is null ? null : Limits.DefaultCharacters);
            var format = reader.String("format", most: limits?.PatternCharacters);
            reader.End();
            if (reader.Member("csvColumnName") is null && reader.Member("defaultValue") is null)
                reader.Fault("csvColumnName", "The member is required, unless defaultValue fills the field.");
            if (systemName is null) continue;
            if (entity is not null && entity.FindField(systemName) is null)
                reader.Fault("systemName", $"{entity.SystemName} has no field '{ShownText.Cut(systemName)}'.");
            if (!mapped.Add(systemName)) reader.Fault("systemName", $"The field '{ShownText.Cut(systemName)}' is mapped twice.");
            fields.Add(new FieldMapping(systemName, column, defaultValue, format));
        }

        return fields;
    }

    private static WordList ReadWords(JsonObjectReader reader, string name, Limits? limits) => [.. reader.Strings(name, limits?.Words, limits?.WordCharacters)];

    private static FailureLimit? ReadFailureLimit(JsonObjectReader reader)
    {
        const string Expected = "Expected a number of rows, or a percentage as in \"5%\".";
        if (reader.Member("maxFailedRows") is not { } value) return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var rows) && rows >= 0) return new FailureLimit(rows, null);
        if (value.ValueKind == JsonValueKind.String && value.GetString() is { } text)
        {
            if (text.EndsWith('%')
                && decimal.TryParse(text.AsSpan()[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent)
                && percent is >= 0 and <= 100)
                return new FailureLimit(null, percent);
            if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out rows)) return new FailureLimit(rows, null);
        }

        reader.Fault("maxFailedRows", Expected);
        return null;
    }

    private static string? Symbol(JsonObjectReader reader, string name, int maxLength)
    {
        if (reader.String(name) is not { } text) return null;
        if (text.Length <= maxLength && (text.Length > 0 || name == "groupingSeparator") && !text.Any(c => char.IsAsciiDigit(c) || char.IsControl(c)))
            return text;
        reader.Fault(name, maxLength == 1
            ? "Expected one character that is no digit."
            : string.Create(CultureInfo.InvariantCulture, $"Expected 1 to {maxLength} characters without digits."));
        return null;
    }

    private static char? Character(JsonObjectReader reader, string name)
    {
        if (reader.String(name) is not { } text) return null;
        if (text.Length == 1) return text[0];
        reader.Fault(name, "Expected one character.");
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
        if (format.CurrencySymbol == format.PercentSymbol)
            faults.Add("definition.percentSymbol", "The percent symbol equals the currency symbol, given or from the locale.");
        if (limits is not null)
        {
            SymbolCheck.FindFaults(definition, format, faults);
            WordCheck.FindFaults(definition, faults);
        }

        ConverterCheck.FindFaults(definition, format, entity, faults);
        return definition;
    }
}

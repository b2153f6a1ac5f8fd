using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using EntityImport.Conversion;
using EntityImport.Conversion.Texts;
using EntityImport.Entities;

namespace EntityImport.Mappings;

/// <summary>
/// The members of a definition, in the order in which they are read. What reads and writes definitions, the API's description and the documentation all come from these
/// tables. A further member is a further line, and the property of <see cref="ImportDefinition"/> that the line reads into.
/// </summary>
public static class DefinitionMembers
{
    private const string None = "none";
    private const string ColumnIndex = "columnIndex";
    private const string OfLocale = "the locale's";
    private const int MaxCurrencySymbols = 16;

    /// <summary>The members of each of a definition's fields.</summary>
    internal static readonly IReadOnlyList<DefinitionMember<FieldMapping>> Field =
    [
        FieldText("systemName", field => field.SystemName, (field, value) => field with { SystemName = value }, null, "orderedOn", "The entity's field.", required: true),
        FieldText("csvColumnName", field => field.CsvColumnName, (field, value) => field with { CsvColumnName = value }, _ => Limits.ColumnNameCharacters, "1", "The file's column; absent where the default value alone fills the field.")
            with { AbsentMeans = "the default value alone" },
        FieldText("defaultValue", field => field.DefaultValue, (field, value) => field with { DefaultValue = value }, _ => Limits.DefaultCharacters, "31/12/2024", "What is read in place of an empty field, written as in the file.")
            with { AbsentMeans = None },
        new("format", MemberKind.DateFormats, (field, reading) => ReadFormats(reading, "format") is { } formats ? field with { Format = formats } : field, field => field.Format?.ToJson(), FieldMapping.Absent, new JsonArray("dd/MM/yyyy", "ISO_8601"), "The date format of this column, or several.")
            { Most = new Limits().PatternCharacters, AbsentMeans = "the definition's" },
        new(
            ColumnIndex,
            MemberKind.Number,
            (field, reading) => reading.Json.Integer(ColumnIndex, 1, ImportDefinitionReader.MaxColumns) is { } number ? field with { ColumnIndex = number } : field,
            field => JsonValue.Create(field.ColumnIndex),
            FieldMapping.Absent,
            2,
            "The file's column by its place, from 1, in place of csvColumnName: of two columns with one name, or none.")
        { Least = 1, Most = ImportDefinitionReader.MaxColumns, AbsentMeans = "csvColumnName" },
        FieldWords("nullValues", texts => texts.NullValues, (texts, value) => texts with { NullValues = value }, "NA", "Texts of this column that are null besides the empty one, in place of the definition's; an empty array means none."),
        FieldWords("zeroValues", texts => texts.ZeroValues, (texts, value) => texts with { ZeroValues = value }, "n/a", "Texts of this column that are 0, in place of the definition's; an empty array means none."),
        ValueMap("valueMap", "Texts of this column that stand for other texts, or for null; what they stand for is converted."),
        Normalize("normalize", "How texts of this column are made alike before anything is looked for in them: INVISIBLE (drops characters that nobody can see), NFC (composes letters and their marks), UPPER (capitals), TRIM (cuts white space at both ends), in this order."),
    ];

    /// <summary>The members of a definition.</summary>
    internal static readonly IReadOnlyList<DefinitionMember<ImportDefinition>> Definition =
    [
        Flag("header", d => d.Layout.HasHeader, (d, value) => d with { Layout = d.Layout with { HasHeader = value } }, "Whether the first record is the header; without one, columns are named 1, 2, …"),
        Fields("fields", d => d.Fields, (d, value) => d with { Fields = value }, "The columns to import; absent means every column whose header equals a field's name.")
            with { AbsentMeans = "every column named like a field" },
        Word("importMode", d => d.Mode, (d, value) => d with { Mode = value }, "UPSERT, INSERT or REPLACE."),
        Text("locale", d => d.Locale, (d, value) => d with { Locale = value }, _ => Limits.NameCharacters, "de-DE", "The JDK locale of names and symbols; en-US and en_US alike.")
            with { IsValueFormat = true },
        Text("encoding", d => d.Encoding, (d, value) => d with { Encoding = value }, _ => Limits.NameCharacters, "UTF-16", "The file's encoding, such as UTF-16 or windows-1252; a byte order mark overrides it."),
        Formats("dateFormat", d => d.DateFormat, (d, value) => d with { DateFormat = value }, "dd.MM.yyyy", "The format of DATE fields: a Java SimpleDateFormat pattern, ISO_8601, EXCEL_DAYS, EXCEL_DAYS_1904, UNIX_SECONDS or UNIX_MILLIS; or an array of them, by which a value must have exactly one reading."),
        Formats("dateTimeFormat", d => d.DateTimeFormat, (d, value) => d with { DateTimeFormat = value }, new JsonArray("dd.MM.yyyy HH:mm", "ISO_8601"), "The format of DATETIME fields, or several, likewise."),
        Number("twoDigitYearStart", d => d.TwoDigitYearStart, (d, value) => d with { TwoDigitYearStart = value }, 1000, 9900, "The first of the 100 years that two digits stand for; absent means that they begin 80 years before the import is invoked.", example: 1950)
            with { AbsentMeans = "80 years back", IsValueFormat = true },
        EndOfDay("endOfDay", d => d.ReadsEndOfDay, (d, value) => d with { ReadsEndOfDay = value }, "What the midnight at the end of a day may be written as besides 00:00 of the next one: 24:00.")
            with { AbsentMeans = "24:00 is no time", IsValueFormat = true },
        Symbol("decimalSeparator", d => d.DecimalSeparator, (d, value) => d with { DecimalSeparator = value }, 1, ",", "The decimal separator; absent means the locale's."),
        Symbol("groupingSeparator", d => d.GroupingSeparator, (d, value) => d with { GroupingSeparator = value }, 1, ".", "The grouping separator; absent means the locale's.", canBeEmpty: true),
        Symbols("currencySymbol", 16, "EUR", "The currency symbol, or an array of up to 16 of which each means the same; absent means the locale's."),
        Symbol("percentSymbol", d => d.PercentSymbol, (d, value) => d with { PercentSymbol = value }, 16, "pct", "The percent symbol; absent means the locale's."),
        Texts("nullValues", d => d.NullValues, (d, value) => d with { NullValues = value }, "NULL", "Texts that are null besides the empty one.")
            with { AbsentMeans = None },
        Texts("zeroValues", d => d.ZeroValues, (d, value) => d with { ZeroValues = value }, "-", "Texts that are 0 in fields that are numbers, alone or beside a currency symbol and spaces.")
            with { AbsentMeans = None },
        Flag("trailingMinus", d => d.TrailingMinus, (d, value) => d with { TrailingMinus = value }, "Whether a minus sign may stand behind a number, as in 1.234,56-."),
        Word("spreadsheetText", d => d.SpreadsheetText, (d, value) => d with { SpreadsheetText = value }, "What texts mean that a spreadsheet was to show as they are: KEEP, or UNWRAP (=\"00123\" and '00123 are read as 00123)."),
        Texts("trueValues", d => d.TrueValues, (d, value) => d with { TrueValues = value }, "ja", "Words for true; absent means the built-in ones.")
            with { AbsentMeans = "built-in words" },
        Texts("falseValues", d => d.FalseValues, (d, value) => d with { FalseValues = value }, "nein", "Words for false; absent means the built-in ones.")
            with { AbsentMeans = "built-in words" },
        Word("raggedRows", d => d.RaggedRows, (d, value) => d with { RaggedRows = value }, "What becomes of records with too few or too many fields: REJECT, PAD (missing ones are null) or FIT (surplus empty ones are dropped, too)."),
        Word("emptyValues", d => d.EmptyValues, (d, value) => d with { EmptyValues = value }, "What an empty field does to an existing record on UPSERT: CLEAR or KEEP."),
        RowLimit("maxFailedRows", d => d.MaxFailedRows, (d, value) => d with { MaxFailedRows = value }, "More rejected rows than this fail the import: a number, or percent as \"5%\"; absent means no limit.")
            with { AbsentMeans = None },
        Flag("dryRun", d => d.DryRun, (d, value) => d with { DryRun = value }, "Whether everything is done but the write."),
        Delimiter("fieldDelimiter", d => d.Layout.Delimiter, (d, value) => d with { Layout = d.Layout with { Delimiter = value } }, "What separates fields: up to 4 characters, or \\t written as backslash-t."),
        // The escape is the quote where none is stated; it is read after the quote.
        Character("quoteCharacter", d => d.Layout.Quote, (d, value) => d with { Layout = d.Layout with { Quote = value, Escape = value } }, "'", "The quote."),
        Character("escapeCharacter", d => d.Layout.Escape == d.Layout.Quote ? null : d.Layout.Escape, (d, value) => d with { Layout = d.Layout with { Escape = value } }, "\\", "What makes a quote part of a quoted field; absent means the quote itself.")
            with { AbsentMeans = "the quote itself" },
        Flag("ignoreSurroundingSpaces", d => d.Layout.TrimSpaces, (d, value) => d with { Layout = d.Layout with { TrimSpaces = value } }, "Whether spaces around fields are cut."),
        Number("skipLines", d => d.Layout.SkipLines, (d, value) => d with { Layout = d.Layout with { SkipLines = value } }, 0, 1_000_000, "Lines before the header."),
        Number("columnCount", d => d.Layout.ColumnCount is > 0 and var count ? count : null, (d, value) => d with { Layout = d.Layout with { ColumnCount = value } }, 1, ImportDefinitionReader.MaxColumns, "How many columns a file without header has; absent means as many as the highest one mapped.")
            with { AbsentMeans = "the highest column mapped" },
        Number("skipFooterLines", d => d.Layout.SkipFooterLines, (d, value) => d with { Layout = d.Layout with { SkipFooterLines = value } }, 0, 1_000_000, "Lines at the file's end that are no records; error files have none."),
        Number("maxRecordBytes", d => d.Layout.MaxRecordBytes, (d, value) => d with { Layout = d.Layout with { MaxRecordBytes = value } }, 1024, Csv.CsvDialect.LargestRecordBytes, "The largest number of bytes of a record, in UTF-8; a longer one is rejected, and so far an open quote is followed."),
        Flag("multilineFields", d => d.Layout.MultilineFields, (d, value) => d with { Layout = d.Layout with { MultilineFields = value } }, "Whether quotes enclose line ends, too; false: each line is a record, and a quote that does not close in its line rejects that line alone."),
        Word("emptyRows", d => d.EmptyRows, (d, value) => d with { EmptyRows = value }, "What becomes of records of delimiters alone, in a file of several columns: REJECT, or SKIP (they are passed over, and counted as skipped)."),
    ];

    /// <summary>The members of a definition.</summary>
    public static IReadOnlyList<DefinitionMember> OfDefinition => Definition;

    /// <summary>The members of each of a definition's <c>fields</c>.</summary>
    public static IReadOnlyList<DefinitionMember> OfField => Field;

    /// <summary>A member as JSON; null where the definition has no value of it.</summary>
    internal static JsonNode? Write(string member, ImportDefinition definition) => Definition.First(line => line.Name == member).Write(definition);

    private static DefinitionMember<ImportDefinition> Flag(string name, Func<ImportDefinition, bool> get, Func<ImportDefinition, bool, ImportDefinition> with, string description)
    {
        var absent = get(new ImportDefinition());
        return Line(name, MemberKind.Flag, (definition, reading) => with(definition, reading.Json.Boolean(name, absent)), definition => JsonValue.Create(get(definition)), !absent, description);
    }

    private static DefinitionMember<ImportDefinition> Number(
        string name, Func<ImportDefinition, int?> get, Func<ImportDefinition, int, ImportDefinition> with, int least, int most, string description, int? example = null) =>
        Line(
            name,
            MemberKind.Number,
            (definition, reading) => reading.Json.Integer(name, least, most) is { } number ? with(definition, number) : definition,
            definition => get(definition) is { } number ? JsonValue.Create(number) : null,
            example ?? least + 2,
            description) with
        { Least = least, Most = most };

    /// <summary>Words are the names of an enumeration, in capitals.</summary>
    private static DefinitionMember<ImportDefinition> Word<T>(string name, Func<ImportDefinition, T> get, Func<ImportDefinition, T, ImportDefinition> with, string description)
        where T : struct, Enum
    {
        var values = Enum.GetValues<T>();
        var words = Array.ConvertAll(values, value => value.ToString().ToUpperInvariant());
        return Line(
            name,
            MemberKind.Word,
            (definition, reading) => reading.Json.Word(name, words) is { } index ? with(definition, values[index]) : definition,
            definition => JsonValue.Create(words[Array.IndexOf(values, get(definition))]),
            words[^1],
            description) with
        { Words = words };
    }

    private static DefinitionMember<ImportDefinition> Text(
        string name, Func<ImportDefinition, string> get, Func<ImportDefinition, string, ImportDefinition> with, Func<Limits, int> most, string example, string description) =>
        Line(
            name,
            MemberKind.Text,
            (definition, reading) => reading.Json.String(name, most: reading.Limits is { } limits ? most(limits) : null) is { } text ? with(definition, text) : definition,
            definition => JsonValue.Create(get(definition)),
            example,
            description) with
        { Most = most(new Limits()) };

    private static DefinitionMember<ImportDefinition> Texts(
        string name, Func<ImportDefinition, WordList> get, Func<ImportDefinition, WordList, ImportDefinition> with, string example, string description) =>
        Line(
            name,
            MemberKind.Texts,
            (definition, reading) => with(definition, [.. reading.Json.Strings(name, reading.Limits?.Words, reading.Limits?.WordCharacters)]),
            definition => get(definition) is { Count: > 0 } words ? new JsonArray([.. words.Select(word => JsonValue.Create(word))]) : null,
            new JsonArray(example),
            description) with
        { Most = new Limits().Words, IsValueFormat = true };

    private static DefinitionMember<ImportDefinition> Formats(
        string name, Func<ImportDefinition, DateFormats> get, Func<ImportDefinition, DateFormats, ImportDefinition> with, JsonNode example, string description) =>
        Line(
            name,
            MemberKind.DateFormats,
            (definition, reading) => ReadFormats(reading, name) is { } formats ? with(definition, formats) : definition,
            definition => get(definition).ToJson(),
            example,
            description) with
        { Most = new Limits().PatternCharacters, IsValueFormat = true };

    /// <summary>Reads a format, or an array of them; null where it is absent or at fault.</summary>
    private static DateFormats? ReadFormats(DefinitionReading reading, string name)
    {
        var (json, most) = (reading.Json, reading.Limits?.PatternCharacters);
        if (json.Member(name) is not { ValueKind: JsonValueKind.Array } array) return json.String(name, most: most);
        if (array.GetArrayLength() == 0)
        {
            json.Fault(name, "Expected a format, or several; the array is empty.");
            return null;
        }

        var formats = json.Strings(name, reading.Limits is null ? null : DateFormats.MaxCount, most);
        return formats.Count > 0 ? [.. formats] : null;
    }

    private static DefinitionMember<ImportDefinition> EndOfDay(
        string name, Func<ImportDefinition, bool> get, Func<ImportDefinition, bool, ImportDefinition> with, string description)
    {
        string[] words = ["24:00"];
        return Line(
            name,
            MemberKind.Word,
            (definition, reading) => with(definition, reading.Json.Word(name, words) is not null),
            definition => get(definition) ? JsonValue.Create(words[0]) : null,
            words[0],
            description) with
        { Words = words };
    }

    private static DefinitionMember<ImportDefinition> Symbol(
        string name, Func<ImportDefinition, string?> get, Func<ImportDefinition, string?, ImportDefinition> with, int most, string example, string description, bool canBeEmpty = false)
    {
        return Line(
            name,
            MemberKind.Text,
            (definition, reading) => with(definition, Read(reading.Json)),
            definition => JsonValue.Create(get(definition)),
            example,
            description) with
        { Most = most, AbsentMeans = OfLocale, IsValueFormat = true };

        string? Read(JsonObjectReader json)
        {
            if (json.String(name) is not { } text) return null;
            if (text.Length <= most && (text.Length > 0 || canBeEmpty) && !text.Any(c => char.IsAsciiDigit(c) || char.IsControl(c))) return text;
            json.Fault(name, most == 1
                ? "Expected one character that is no digit."
                : string.Create(CultureInfo.InvariantCulture, $"Expected 1 to {most} characters without digits."));
            return null;
        }
    }

    private static DefinitionMember<ImportDefinition> Symbols(string name, int most, string example, string description)
    {
        return Line(name, MemberKind.TextOrTexts, Read, Write, new JsonArray(example, "\u20AC"), description) with { Most = most, AbsentMeans = OfLocale, IsValueFormat = true };

        ImportDefinition Read(ImportDefinition definition, DefinitionReading reading)
        {
            var json = reading.Json;
            var symbols = json.Member(name)?.ValueKind == JsonValueKind.Array ? json.Strings(name, MaxCurrencySymbols) : json.String(name) is { } single ? [single] : [];
            if (symbols.Count == 0)
            {
                if (json.Member(name) is { ValueKind: JsonValueKind.Array } array && array.GetArrayLength() == 0) json.Fault(name, "Expected at least one symbol.");
                return definition;
            }

            if (symbols.Any(symbol => symbol.Length == 0 || symbol.Length > most || symbol.Any(c => char.IsAsciiDigit(c) || char.IsControl(c))))
                json.Fault(name, string.Create(CultureInfo.InvariantCulture, $"Expected 1 to {most} characters without digits."));
            else if (symbols.Distinct(StringComparer.Ordinal).Count() < symbols.Count)
                json.Fault(name, "A symbol is listed twice.");
            else
                return definition with { CurrencySymbol = symbols[0], OtherCurrencySymbols = [.. symbols.Skip(1)] };
            return definition;
        }

        static JsonNode? Write(ImportDefinition definition) => definition.OtherCurrencySymbols.Count == 0
            ? JsonValue.Create(definition.CurrencySymbol)
            : new JsonArray([JsonValue.Create(definition.CurrencySymbol), .. definition.OtherCurrencySymbols.Select(symbol => JsonValue.Create(symbol))]);
    }

    private static DefinitionMember<ImportDefinition> Character(
        string name, Func<ImportDefinition, char?> get, Func<ImportDefinition, char, ImportDefinition> with, string example, string description)
    {
        return Line(
            name,
            MemberKind.Text,
            (definition, reading) => Read(reading.Json) is { } character ? with(definition, character) : definition,
            definition => JsonValue.Create(get(definition)?.ToString()),
            example,
            description) with
        { Most = 1 };

        char? Read(JsonObjectReader json)
        {
            if (json.String(name) is not { } text) return null;
            if (text.Length == 1) return text[0];
            json.Fault(name, "Expected one character.");
            return null;
        }
    }

    /// <summary>A tab is written as backslash and t; as the character itself it is read, too.</summary>
    private static DefinitionMember<ImportDefinition> Delimiter(
        string name, Func<ImportDefinition, string> get, Func<ImportDefinition, string, ImportDefinition> with, string description) =>
        Line(
            name,
            MemberKind.Text,
            (definition, reading) => reading.Json.String(name) is { } text ? with(definition, text == "\\t" ? "\t" : text) : definition,
            definition => JsonValue.Create(get(definition) is var text && text == "\t" ? "\\t" : text),
            ";",
            description) with
        { Most = Csv.CsvDialect.MaxDelimiterLength };

    private static DefinitionMember<ImportDefinition> RowLimit(
        string name, Func<ImportDefinition, FailureLimit?> get, Func<ImportDefinition, FailureLimit?, ImportDefinition> with, string description) =>
        Line(
            name,
            MemberKind.FailureLimit,
            (definition, reading) => with(definition, ImportDefinitionReader.ReadFailureLimit(reading.Json, name)),
            definition => get(definition) switch
            {
                { Rows: { } rows } => JsonValue.Create(rows),
                { Percent: { } percent } => JsonValue.Create(string.Create(CultureInfo.InvariantCulture, $"{percent}%")),
                _ => null,
            },
            "5%",
            description);

    private static DefinitionMember<ImportDefinition> Fields(
        string name, Func<ImportDefinition, IReadOnlyList<FieldMapping>> get, Func<ImportDefinition, IReadOnlyList<FieldMapping>, ImportDefinition> with, string description)
    {
        var example = new JsonObject();
        // A column is told by its name or by its place, not by both; only numbers have zeroValues, and the example is a date.
        foreach (var member in Field.Where(member => member.Name is not (ColumnIndex or "zeroValues"))) example[member.Name] = member.Example;
        return Line(
            name,
            MemberKind.Fields,
            (definition, reading) => ImportDefinitionReader.ReadFields(reading) is { } fields ? with(definition, fields) : definition,
            definition => get(definition) is { Count: > 0 } fields ? new JsonArray([.. fields.Select(field => field.ToJson())]) : null,
            new JsonArray(example),
            description) with
        { Most = EntityReader.MaxFields };
    }

    private static DefinitionMember<FieldMapping> FieldText(
        string name, Func<FieldMapping, string?> get, Func<FieldMapping, string, FieldMapping> with, Func<Limits, int>? most, string example, string description, bool required = false) => new(
        name,
        MemberKind.Text,
        (field, reading) => reading.Json.String(name, required, reading.Limits is { } limits ? most?.Invoke(limits) : null) is { } text ? with(field, text) : field,
        field => JsonValue.Create(get(field)),
        FieldMapping.Absent,
        example,
        description)
        { Most = most?.Invoke(new Limits()), IsRequired = required };

    private static DefinitionMember<FieldMapping> FieldWords(string name, Func<TextRules, WordList?> get, Func<TextRules, WordList, TextRules> with, string example, string description) => new(
        name,
        MemberKind.Texts,
        (field, reading) => reading.Json.Member(name) is null ? field
            : field with { Texts = with(field.Texts, [.. reading.Json.Strings(name, reading.Limits?.Words, reading.Limits?.WordCharacters)]) },
        field => get(field.Texts) is { } words ? new JsonArray([.. words.Select(word => JsonValue.Create(word))]) : null,
        FieldMapping.Absent,
        new JsonArray(example),
        description)
    { Most = new Limits().Words, AbsentMeans = "the definition's" };

    private static DefinitionMember<FieldMapping> ValueMap(string name, string description) => new(
        name,
        MemberKind.TextMap,
        (field, reading) => reading.Json.Texts(name, reading.Limits?.Words, reading.Limits?.WordCharacters) is { Count: > 0 } map ? field with { Texts = field.Texts with { ValueMap = map } } : field,
        field => field.Texts.ValueMap is { Count: > 0 } map ? new JsonObject(map.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)JsonValue.Create(pair.Value)))) : null,
        FieldMapping.Absent,
        new JsonObject { ["-"] = null, ["heute"] = "31/12/2024" },
        description)
    { Most = new Limits().Words, AbsentMeans = None };

    private static DefinitionMember<FieldMapping> Normalize(string name, string description)
    {
        var values = Enum.GetValues<TextNormalization>();
        var words = Array.ConvertAll(values, value => value.ToString().ToUpperInvariant());
        return new(
            name,
            MemberKind.Words,
            (field, reading) => reading.Json.Words(name, words) is { Count: > 0 } indexes ? field with { Texts = field.Texts with { Normalize = [.. indexes.Select(index => values[index])] } } : field,
            field => field.Texts.Normalize is { Count: > 0 } steps ? new JsonArray([.. steps.Select(step => JsonValue.Create(words[Array.IndexOf(values, step)]))]) : null,
            FieldMapping.Absent,
            new JsonArray("TRIM", "NFC"),
            description)
        { Words = words, AbsentMeans = None };
    }

    private static DefinitionMember<ImportDefinition> Line(
        string name, MemberKind kind, Func<ImportDefinition, DefinitionReading, ImportDefinition> read, Func<ImportDefinition, JsonNode?> write, JsonNode example, string description) =>
        new(name, kind, read, write, new ImportDefinition(), example, description);
}

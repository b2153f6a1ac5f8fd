using System.Text.Json.Nodes;
using EntityImport.Conversion;
using EntityImport.Entities;
using EntityImport.Mappings;
using EntityImport.Rows;

namespace EntityImport.Inference;

/// <summary>Writes the mapping document: what the caller stated, and what the columns need besides.</summary>
internal static class MappingProposal
{
    public static JsonObject Write(
        string entityName, IReadOnlyList<ProposedColumn> columns, StatedDefinition stated, ValueFormat defaults, FormatChoice format, TablePlace table, SampleFormat sample, bool encodingIsGuessed)
    {
        var definition = (JsonObject)stated.Members.DeepClone();
        definition.Remove("fields");
        var options = stated.Options;
        Propose("fieldDelimiter", options with { Layout = options.Layout with { Delimiter = sample.Delimiter } });
        if (encodingIsGuessed) Propose("encoding", options with { Encoding = sample.Encoding });
        if (table.Layout.Escape != options.Layout.Escape) Propose("escapeCharacter", options with { Layout = table.Layout });
        if (table.Layout.SkipLines > 0) Propose("skipLines", options with { Layout = table.Layout });
        if (table.Layout.SkipFooterLines > 0) Propose("skipFooterLines", options with { Layout = table.Layout });
        if (table.RaggedRows != options.RaggedRows) Propose("raggedRows", options with { RaggedRows = table.RaggedRows });
        if (!table.Layout.HasHeader)
        {
            Propose("header", options with { Layout = table.Layout });
            Set("columnCount", options with { Layout = options.Layout with { ColumnCount = stated.ColumnCount > 0 ? stated.ColumnCount : columns.Count } });
        }

        var dateFormat = ProposePattern("dateFormat", DataType.Date, defaults.DateFormat, pattern => options with { DateFormat = pattern });
        var dateTimeFormat = ProposePattern("dateTimeFormat", DataType.DateTime, defaults.DateTimeFormat, pattern => options with { DateTimeFormat = pattern });
        if (columns.Any(column => IsNumber(column.Field)) && !stated.Has("decimalSeparator") && !stated.Has("groupingSeparator"))
        {
            var (point, grouping) = (format.Separators.Decimal.ToString(), format.Separators.Grouping.ToString());
            if (point != defaults.DecimalSeparator || grouping != defaults.GroupingSeparator)
            {
                Propose("decimalSeparator", options with { DecimalSeparator = point });
                Propose("groupingSeparator", options with { GroupingSeparator = grouping });
            }
        }

        if (columns.Any(column => IsNumber(column.Field) && column.Profile.Numbers.Currencies.Contains(format.CurrencySymbol))
            && format.CurrencySymbol != defaults.CurrencySymbol)
            Propose("currencySymbol", options with { CurrencySymbol = format.CurrencySymbol });
        if (columns.Any(column => IsNumber(column.Field) && column.Profile.Numbers.TrailingMinus.Count > 0)) Propose("trailingMinus", options with { TrailingMinus = true });
        ProposeWords();
        definition["fields"] = WriteFields(columns, stated, NullWords(columns, stated), dateFormat, dateTimeFormat);
        return new JsonObject { ["entitySystemName"] = entityName, ["definition"] = definition };

        void Propose(string member, ImportDefinition proposed)
        {
            if (!definition.ContainsKey(member)) Set(member, proposed);
        }

        void Set(string member, ImportDefinition proposed) => definition[member] = DefinitionMembers.Write(member, proposed);

        DateFormats ProposePattern(string member, DataType type, DateFormats usual, Func<DateFormats, ImportDefinition> propose)
        {
            if (stated.Has(member)) return usual;
            var patterns = columns.Where(column => column.Field?.DataType == type && column.Pattern is not null && column.Stated?.Format is null)
                .GroupBy(column => column.Pattern!.Value.Formats);
            if (patterns.MaxBy(group => group.Count())?.Key is not { } pattern) return usual;
            Set(member, propose(pattern));
            return pattern;
        }

        void ProposeWords()
        {
            var nulls = NullWords(columns, stated);
            if (nulls.Count > options.NullValues.Count) Set("nullValues", options with { NullValues = [.. nulls] });
            if (stated.Has("trueValues") || stated.Has("falseValues")) return;
            var words = columns.Where(column => column.Field?.DataType == DataType.Boolean).Select(column => column.Profile.Booleans.Words()).ToList();
            var trues = Distinct(words.SelectMany(found => found?.True ?? []));
            var falses = Distinct(words.SelectMany(found => found?.False ?? []));
            if (trues.TrueForAll(BuiltIn.IsTrue) && falses.TrueForAll(BuiltIn.IsFalse)) return;
            if (trues.Count > 0) Set("trueValues", options with { TrueValues = [.. trues] });
            if (falses.Count > 0) Set("falseValues", options with { FalseValues = [.. falses] });
        }
    }

    /// <summary>The words that mean null in all columns: those stated, and those that keep a typed column from its type and can be no value of another one.</summary>
    public static List<string> NullWords(IReadOnlyList<ProposedColumn> columns, StatedDefinition stated) =>
        [.. stated.Options.NullValues.Concat(columns
            .Where(column => column.Field is { DataType: not DataType.String })
            .SelectMany(column => column.Profile.NullWordsFound.Select(found => found.Word).Where(ColumnProfile.IsNullEverywhere).Concat(DateFindings.ZerosOf(column).Keys))).Distinct(StringComparer.Ordinal)];

    /// <summary>The words that mean null in this column alone, such as NA among numbers.</summary>
    public static IEnumerable<string> OwnNullWords(ProposedColumn column) =>
        column.Field is not { DataType: not DataType.String } || column.Stated?.NullValues is not null ? []
        : column.Profile.NullWordsFound.Select(found => found.Word).Where(word => !ColumnProfile.IsNullEverywhere(word));

    private static JsonArray WriteFields(IReadOnlyList<ProposedColumn> columns, StatedDefinition stated, List<string> nullWords, DateFormats dateFormat, DateFormats dateTimeFormat)
    {
        var fields = new JsonArray();
        foreach (var column in columns)
        {
            if (column.Field is not { } field) continue;
            var item = column.Stated?.Members.DeepClone().AsObject()
                ?? new FieldMapping(field.SystemName, column.Profile.Name).ToJson();
            var usual = field.DataType == DataType.Date ? dateFormat : dateTimeFormat;
            if (column.Pattern is { } pattern && !pattern.Formats.Equals(usual) && !item.ContainsKey("format")) item["format"] = pattern.Formats.ToJson();
            var own = OwnNullWords(column).ToList();
            // A field's words stand in place of the definition's.
            if (own.Count > 0) item["nullValues"] = new JsonArray([.. nullWords.Concat(own).Select(word => JsonValue.Create(word))]);
            fields.Add(item);
        }

        foreach (var filled in stated.Fields.Where(field => field.HasNoColumn)) fields.Add(filled.Members.DeepClone());
        return fields;
    }

    private static bool IsNumber(FieldDefinition? field) => field is { IsDecimal: true } or { DataType: DataType.Integer or DataType.Double };

    private static List<string> Distinct(IEnumerable<string> words) => [.. words.Distinct(StringComparer.OrdinalIgnoreCase)];

    /// <summary>The words that the import knows by itself, asked of its own converter.</summary>
    private static class BuiltIn
    {
        private static readonly Conversion.Booleans.BooleanParser Parser = new([], []);

        public static bool IsTrue(string word) => Parser.Parse(System.Text.Encoding.UTF8.GetBytes(word), out var value) == FaultCode.None && value == 1;

        public static bool IsFalse(string word) => Parser.Parse(System.Text.Encoding.UTF8.GetBytes(word), out var value) == FaultCode.None && value == 0;
    }
}

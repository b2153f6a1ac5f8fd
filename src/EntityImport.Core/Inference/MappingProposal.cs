using System.Text.Json.Nodes;
using EntityImport.Conversion;
using EntityImport.Entities;
using EntityImport.Rows;

namespace EntityImport.Inference;

/// <summary>Writes the mapping document: what the caller stated, and what the columns need besides.</summary>
internal static class MappingProposal
{
    public static JsonObject Write(
        string entityName, IReadOnlyList<ProposedColumn> columns, StatedDefinition stated, ValueFormat defaults, FormatChoice format, SampleFormat sample, bool encodingIsGuessed)
    {
        var definition = (JsonObject)stated.Members.DeepClone();
        definition.Remove("fields");
        Propose("fieldDelimiter", sample.Delimiter == "\t" ? "\\t" : sample.Delimiter);
        if (encodingIsGuessed) Propose("encoding", sample.Encoding);
        if (!stated.HasHeader) definition["columnCount"] = stated.ColumnCount > 0 ? stated.ColumnCount : columns.Count;

        var dateFormat = ProposePattern("dateFormat", DataType.Date, defaults.DateFormat);
        var dateTimeFormat = ProposePattern("dateTimeFormat", DataType.DateTime, defaults.DateTimeFormat);
        if (columns.Any(column => IsNumber(column.Field)) && !stated.Has("decimalSeparator") && !stated.Has("groupingSeparator"))
        {
            var (point, grouping) = (format.Separators.Decimal.ToString(), format.Separators.Grouping.ToString());
            if (point != defaults.DecimalSeparator || grouping != defaults.GroupingSeparator)
            {
                Propose("decimalSeparator", point);
                Propose("groupingSeparator", grouping);
            }
        }

        if (columns.Any(column => IsNumber(column.Field) && column.Profile.Numbers.Currencies.Contains(format.CurrencySymbol))
            && format.CurrencySymbol != defaults.CurrencySymbol)
            Propose("currencySymbol", format.CurrencySymbol);
        ProposeWords();
        definition["fields"] = WriteFields(columns, stated, dateFormat, dateTimeFormat);
        return new JsonObject { ["entitySystemName"] = entityName, ["definition"] = definition };

        void Propose(string member, string value)
        {
            if (!definition.ContainsKey(member)) definition[member] = value;
        }

        string ProposePattern(string member, DataType type, string usual)
        {
            if (stated.Has(member)) return usual;
            var patterns = columns.Where(column => column.Field?.DataType == type && column.Pattern is not null && column.Stated?.Format is null)
                .GroupBy(column => column.Pattern!.Value.Text, StringComparer.Ordinal);
            if (patterns.MaxBy(group => group.Count())?.Key is not { } pattern) return usual;
            definition[member] = pattern;
            return pattern;
        }

        void ProposeWords()
        {
            var nulls = NullWords(columns, stated);
            if (nulls.Count > stated.Options.NullValues.Count) definition["nullValues"] = Array(nulls);
            if (stated.Has("trueValues") || stated.Has("falseValues")) return;
            var words = columns.Where(column => column.Field?.DataType == DataType.Boolean).Select(column => column.Profile.Booleans.Words()).ToList();
            var trues = Distinct(words.SelectMany(found => found?.True ?? []));
            var falses = Distinct(words.SelectMany(found => found?.False ?? []));
            if (trues.TrueForAll(BuiltIn.IsTrue) && falses.TrueForAll(BuiltIn.IsFalse)) return;
            if (trues.Count > 0) definition["trueValues"] = Array(trues);
            if (falses.Count > 0) definition["falseValues"] = Array(falses);
        }
    }

    /// <summary>The words that mean null: those stated, and those that keep a typed column from its type.</summary>
    public static List<string> NullWords(IReadOnlyList<ProposedColumn> columns, StatedDefinition stated) =>
        [.. stated.Options.NullValues.Concat(columns
            .Where(column => column.Field is { DataType: not DataType.String })
            .SelectMany(column => column.Profile.NullWordsFound.Select(found => found.Word))).Distinct(StringComparer.Ordinal)];

    private static JsonArray WriteFields(IReadOnlyList<ProposedColumn> columns, StatedDefinition stated, string dateFormat, string dateTimeFormat)
    {
        var fields = new JsonArray();
        foreach (var column in columns)
        {
            if (column.Field is not { } field) continue;
            var item = column.Stated?.Members.DeepClone().AsObject()
                ?? new JsonObject { ["systemName"] = field.SystemName, ["csvColumnName"] = column.Profile.Name };
            var usual = field.DataType == DataType.Date ? dateFormat : dateTimeFormat;
            if (column.Pattern is { } pattern && pattern.Text != usual && !item.ContainsKey("format")) item["format"] = pattern.Text;
            fields.Add(item);
        }

        foreach (var filled in stated.Fields.Where(field => field.CsvColumnName is null)) fields.Add(filled.Members.DeepClone());
        return fields;
    }

    private static bool IsNumber(FieldDefinition? field) => field is { IsDecimal: true } or { DataType: DataType.Integer or DataType.Double };

    private static List<string> Distinct(IEnumerable<string> words) => [.. words.Distinct(StringComparer.OrdinalIgnoreCase)];

    private static JsonArray Array(IEnumerable<string> words) => [.. words.Select(word => JsonValue.Create(word))];

    /// <summary>The words that the import knows by itself, asked of its own converter.</summary>
    private static class BuiltIn
    {
        private static readonly Conversion.Booleans.BooleanParser Parser = new([], []);

        public static bool IsTrue(string word) => Parser.Parse(System.Text.Encoding.UTF8.GetBytes(word), out var value) == FaultCode.None && value == 1;

        public static bool IsFalse(string word) => Parser.Parse(System.Text.Encoding.UTF8.GetBytes(word), out var value) == FaultCode.None && value == 0;
    }
}

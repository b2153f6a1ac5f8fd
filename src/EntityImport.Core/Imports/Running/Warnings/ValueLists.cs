using System.Globalization;
using System.Text;
using EntityImport.Catalog;
using EntityImport.Conversion;
using EntityImport.Conversion.Ambiguity;
using EntityImport.Entities;
using EntityImport.Rows;

namespace EntityImport.Imports.Running.Warnings;

/// <summary>
/// Finds the columns of few different values, such as a status, and which of them are new or gone against the entity's last import. Thread-safe.
/// </summary>
internal sealed class ValueLists
{
    /// <summary>The most characters of all lists of an import together, since they are kept with it.</summary>
    private const int MaxKeptCharacters = 32_000;

    /// <summary>The most characters that a message spends on values.</summary>
    private const int MaxShownCharacters = 300;

    /// <summary>A list of more values may well become too long by some new ones, which is nothing to be told.</summary>
    private const int FewValues = 25;

    private readonly ImportBinding _binding;
    private readonly Column?[] _columns;

    /// <summary>Prepares for the rows of an import: for its texts, booleans and whole numbers that are no part of the key.</summary>
    public ValueLists(ImportBinding binding)
    {
        _binding = binding;
        _columns = [.. binding.Fields.Select(bound => MayBeList(bound) ? new Column() : null)];
    }

    /// <summary>Makes a collector for one thread's rows, which are in these vectors.</summary>
    public Collector CreateCollector(IReadOnlyList<ColumnVector> columns) => new(this, columns);

    /// <summary>The lists to keep: those of this import, and of the fields that it has no column for those of before.</summary>
    public IReadOnlyDictionary<string, ValueList>? Keep()
    {
        var kept = new SortedDictionary<string, ValueList>(StringComparer.Ordinal);
        var left = MaxKeptCharacters;
        for (var i = 0; i < _columns.Length; i++)
            if (_columns[i]?.Complete(_binding.Fields[i].Field) is { } found) Add(_binding.Fields[i].Field.SystemName, found.List);
        foreach (var (field, list) in _binding.EarlierLists ?? new Dictionary<string, ValueList>())
            if (!_binding.Fields.Any(bound => bound.Field.SystemName == field)) Add(field, list);
        return kept.Count > 0 ? kept : null;

        void Add(string field, ValueList list)
        {
            var size = field.Length + list.Values.Sum(value => value.Length + 3);
            if (size > left) return;
            left -= size;
            kept.Add(field, list);
        }
    }

    /// <summary>What has changed, by column, in the order of the bound columns.</summary>
    /// <param name="replaces">Whether the file is all that the entity has.</param>
    public IEnumerable<(int Index, ImportWarning Warning)> Describe(bool replaces)
    {
        if (_binding.EarlierLists is not { } earlier) yield break;
        for (var i = 0; i < _columns.Length; i++)
        {
            var bound = _binding.Fields[i];
            if (_columns[i] is not { } column || !earlier.TryGetValue(bound.Field.SystemName, out var before) || !before.IsEstablished) continue;
            if (Describe(bound, column, before, replaces) is { } warning) yield return (i, warning);
        }
    }

    private static bool MayBeList(BoundField bound) =>
        bound.Column >= 0 && !bound.Field.PrimaryKey && bound.Field.DataType is DataType.String or DataType.Boolean or DataType.Integer;

    private static ImportWarning? Describe(BoundField bound, Column column, ValueList before, bool replaces)
    {
        var name = RejectionReasons.Show(bound.ColumnName!);
        if (column.Complete(bound.Field) is not { } now)
        {
            // All values are null, or they are many.
            if (!column.IsTooLong || before.Values.Count > FewValues) return null;
            return Warn(bound, 1, null, $"Column '{name}' has more than {ValueList.MaxValues} different values, or long ones, where the last import had {before.Values.Count}: {Join(before.Values)}. Make sure that the column is the right one.");
        }

        var added = now.First.Where(found => !before.Values.Contains(found.Value, StringComparer.Ordinal)).OrderBy(found => found.Row).ToList();
        var gone = replaces || now.List.Count >= before.Count ? before.Values.Except(now.List.Values, StringComparer.Ordinal).ToList() : [];
        if (added.Count + gone.Count == 0) return null;
        var parts = new List<string>();
        if (added.Count > 0)
            parts.Add($"has {Amount(added.Count)} that the last import of the entity did not have: {Join(added.Select(found => found.Value))}{(added.Count == 1 ? "" : ", the first")} in row {added[0].Row}");
        if (gone.Count > 0) parts.Add($"{(parts.Count > 0 ? "lacks" : "no longer has")} {Amount(gone.Count)} that it had: {Join(gone)}");
        return Warn(bound, added.Count + gone.Count, added.Count > 0 ? added[0] : null, $"Column '{name}' {string.Join(", and ", parts)}. Where that is not meant, correct the file.");
    }

    private static ImportWarning Warn(BoundField bound, int differing, FoundValue? first, string message) => new()
    {
        Code = ImportWarning.ValuesChanged,
        Field = bound.Field.SystemName,
        Column = bound.ColumnName,
        Differing = differing,
        Row = first?.Row,
        Line = first?.Line,
        Message = ShownText.Fit(message, Limits.MessageCharacters),
    };

    private static string Amount(int values) => values == 1 ? "a value" : string.Create(CultureInfo.InvariantCulture, $"{values} values");

    private static string Join(IEnumerable<string> values) => ShownText.Join(values.Select(value => $"'{RejectionReasons.Show(value)}'"), ", ", MaxShownCharacters);

    /// <summary>What one thread finds. Not thread-safe.</summary>
    public sealed class Collector
    {
        private readonly ValueLists _owner;
        private readonly IReadOnlyList<ColumnVector> _vectors;
        private readonly ValueSet?[] _sets;

        internal Collector(ValueLists owner, IReadOnlyList<ColumnVector> vectors)
        {
            _owner = owner;
            _vectors = vectors;
            _sets = [.. owner._columns.Select(column => column is null ? null : new ValueSet())];
        }

        /// <summary>Looks at the values of a batch.</summary>
        public void Look(RecordBatch batch, RecordFaults faults)
        {
            for (var i = 0; i < _sets.Length; i++)
            {
                if (_sets[i] is not { } set) continue;
                var column = _owner._columns[i]!;
                if (!column.IsTooLong && set.TryAdd(_owner._binding.Input, batch, _vectors[i], faults)) continue;
                column.IsTooLong = true;
                _sets[i] = null;
            }
        }

        /// <summary>Gives the owner what was found. The collector is not used any more.</summary>
        public void Complete()
        {
            for (var i = 0; i < _sets.Length; i++)
                if (_sets[i] is { } set) _owner._columns[i]!.Add(set);
        }
    }

    /// <summary>What all threads have found of one column. Thread-safe.</summary>
    private sealed class Column
    {
        private readonly Lock _adding = new();
        private readonly List<ValueSet> _sets = [];
        private volatile bool _isTooLong;

        /// <summary>Whether the values are too many, or one is too long.</summary>
        public bool IsTooLong
        {
            get => _isTooLong;
            set => _isTooLong = value;
        }

        public void Add(ValueSet set)
        {
            lock (_adding) _sets.Add(set);
        }

        /// <summary>The list; null where there is no value, or it is too long.</summary>
        public (ValueList List, IReadOnlyList<FoundValue> First)? Complete(FieldDefinition field)
        {
            lock (_adding)
            {
                var found = _sets.SelectMany(set => set.Entries)
                    .Select(entry => new FoundValue(Show(field, entry.Value), entry.Row, entry.Line))
                    .GroupBy(value => value.Value, StringComparer.Ordinal)
                    .Select(same => same.MinBy(value => value.Row)!)
                    .OrderBy(value => value.Value, StringComparer.Ordinal)
                    .ToList();
                if (found.Count > ValueList.MaxValues || found.Any(value => value.Value.Length > ValueList.MaxCharacters)) _isTooLong = true;
                return _isTooLong || found.Count == 0 ? null : (new ValueList(_sets.Sum(set => set.Count), [.. found.Select(value => value.Value)]), found);
            }
        }

        private static string Show(FieldDefinition field, byte[] value) => field.DataType switch
        {
            DataType.String => Encoding.UTF8.GetString(value),
            DataType.Boolean => value[0] == 0 ? "false" : "true",
            _ => BitConverter.ToInt64(value).ToString(CultureInfo.InvariantCulture),
        };
    }

    /// <summary>A value, and where it came first.</summary>
    private sealed record FoundValue(string Value, long Row, long Line);
}

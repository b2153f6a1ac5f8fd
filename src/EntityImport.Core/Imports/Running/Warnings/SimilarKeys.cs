using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using EntityImport.Conversion.Ambiguity;
using EntityImport.Entities;
using EntityImport.Records;
using EntityImport.Rows;
using EntityImport.Storage;

namespace EntityImport.Imports.Running.Warnings;

/// <summary>
/// Finds keys that people cannot tell from another key of the file, or of the entity: see <see cref="KeyForm"/>. Only keys that differ from their own form are looked at. Thread-safe.
/// </summary>
internal sealed class SimilarKeys
{
    /// <summary>The most such keys that are kept; more are not looked at.</summary>
    private const int MaxKeys = 10_000;

    /// <summary>The most bytes of the texts of a key that is kept.</summary>
    private const int MaxKeyBytes = 500;

    /// <summary>How many of them are looked for among the entity's records, and by how many one query asks.</summary>
    private const int MaxSought = 1_000;
    private const int SoughtAtOnce = 250;

    private const int MaxShown = 3;

    private readonly ImportBinding _binding;
    private readonly KeyFingerprints _fingerprints;
    private readonly IReadOnlyList<(BoundField Bound, int Index)> _key;
    private readonly Lock _adding = new();
    private readonly Dictionary<ulong, Key> _keys = [];
    private volatile bool _isFull;
    private IReadOnlyList<Pair> _pairs = [];

    /// <summary>Prepares for the rows of an import.</summary>
    public SimilarKeys(ImportBinding binding, KeyFingerprints fingerprints)
    {
        _binding = binding;
        _fingerprints = fingerprints;
        _key = [.. binding.Fields.Index().Where(bound => bound.Item.Field.PrimaryKey).Select(bound => (bound.Item, bound.Index))];
    }

    /// <summary>Looks at the keys of a batch's good rows.</summary>
    /// <param name="batch">The records.</param>
    /// <param name="columns">Their values, in the order of the bound columns.</param>
    /// <param name="faults">Which records are rejected.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Look(RecordBatch batch, IReadOnlyList<ColumnVector> columns, RecordFaults faults)
    {
        if (_isFull) return;
        foreach (var (bound, index) in _key)
        {
            if (bound.Field.DataType != DataType.String || bound.Column < 0) continue;
            var texts = columns[index].Values<TextSpan>();
            var buffer = batch.Buffer.Span;
            for (var record = 0; record < batch.Count; record++)
            {
                if (faults.IsRejected(record)) continue;
                var text = texts[record];
                if (!KeyForm.IsOrdinary(text.Source == TextSource.Buffer ? buffer.Slice(text.Start, text.Length) : StoredValue.TextOf(batch, columns[index], record))) Add(batch, columns, record);
            }
        }
    }

    /// <summary>Finds the keys that are like these, once all rows are read and before they are committed.</summary>
    public async Task CompleteAsync(IRecords records, CancellationToken cancellationToken)
    {
        if (_keys.Count == 0) return;
        var alike = _keys.Values.GroupBy(key => key.FormHash).ToDictionary(group => group.Key, group => group.OrderBy(key => key.Row).ToList());
        var inFile = _fingerprints.FindAmong(alike.Keys.ToHashSet());
        var pairs = new List<Pair>();
        var alone = new List<Key>();
        foreach (var keys in alike.Values)
        {
            if (inFile.Contains(keys[0].FormHash)) pairs.AddRange(keys.Select(key => new Pair(key, $"{key.ShownForm}, which the file has, too")));
            else if (keys.Count > 1) pairs.AddRange(keys.Skip(1).Select(key => new Pair(key, string.Create(CultureInfo.InvariantCulture, $"{keys[0].Shown} in row {keys[0].Row}"))));
            else alone.Add(keys[0]);
        }

        if (_binding.Definition.Mode != Mappings.ImportMode.Replace)
            pairs.AddRange((await FindRecordsAsync(alone, records, cancellationToken).ConfigureAwait(false)).Select(key => new Pair(key, $"{key.ShownForm}, which a record has")));
        _pairs = [.. pairs.OrderBy(pair => pair.Key.Row)];
    }

    /// <summary>What is to be said; null where no key is like another one.</summary>
    public ImportWarning? Describe()
    {
        if (_pairs.Count == 0) return null;
        var first = _pairs[0].Key;
        var shown = _pairs.Take(MaxShown).Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key.Shown} in row {pair.Key.Row} and {pair.Other}"));
        var more = _pairs.Count > MaxShown ? string.Create(CultureInfo.InvariantCulture, $"; and {_pairs.Count - MaxShown:N0} more") : "";
        var field = _key.FirstOrDefault(part => part.Bound.Field.DataType == DataType.String).Bound;
        return new ImportWarning
        {
            Code = ImportWarning.KeySimilar,
            Field = field.Field.SystemName,
            Column = field.ColumnName,
            Differing = _pairs.Count,
            Row = first.Row,
            Line = first.Line,
            Message = ShownText.Fit(
                $"Keys differ only by spaces, characters that nobody can see, or how accents are composed, and are different records: {string.Join("; ", shown)}{more}. If they mean the same, correct the file, or have the field's texts made alike by normalize.",
                Limits.MessageCharacters),
        };
    }

    private void Add(RecordBatch batch, IReadOnlyList<ColumnVector> columns, int record)
    {
        var values = new List<byte[]>();
        var forms = new List<byte[]>();
        var parts = new List<Part>();
        var bytes = 0;
        foreach (var (bound, index) in _key)
        {
            if (bound.Field.DataType == DataType.String)
            {
                var text = StoredValue.TextOf(batch, columns[index], record);
                if ((bytes += text.Length) > MaxKeyBytes) return;
                var form = KeyForm.Of(text);
                values.Add(text.ToArray());
                forms.Add(Encoding.UTF8.GetBytes(form));
                parts.Add(new Part(Encoding.UTF8.GetString(text), form, form));
            }
            else
            {
                var size = columns[index].ValueSize;
                var value = columns[index].Bytes.Slice(record * size, size).ToArray();
                var text = Encoding.UTF8.GetString(batch.Text(record, bound.Column));
                values.Add(value);
                forms.Add(value);
                parts.Add(new Part(text, text, bound.Field.DataType == DataType.Integer ? BitConverter.ToInt64(value) : null));
            }
        }

        var (hash, formHash) = (_fingerprints.HashOf(values), _fingerprints.HashOf(forms));
        if (hash == formHash) return;
        var key = new Key(formHash, parts, batch.RecordsBefore + record + 1, _binding.Input.LineOf(batch, record));
        lock (_adding)
        {
            if (_keys.TryGetValue(hash, out var known) ? key.Row < known.Row : _keys.Count < MaxKeys) _keys[hash] = key;
            _isFull = _keys.Count == MaxKeys;
        }
    }

    /// <summary>The keys whose form a record has as its key. Keys with values of other types than texts and whole numbers are not looked for.</summary>
    private async Task<IReadOnlyList<Key>> FindRecordsAsync(IReadOnlyList<Key> keys, IRecords records, CancellationToken cancellationToken)
    {
        var found = new List<Key>();
        var sought = keys.Where(key => key.Parts.All(part => part.Value is not null)).OrderBy(key => key.Row).Take(MaxSought).Chunk(SoughtAtOnce);
        foreach (var chunk in sought)
        {
            var existing = new HashSet<string>(StringComparer.Ordinal);
            var query = new RecordQuery
            {
                Entity = _binding.Entity,
                Select = [.. _key.Select(part => part.Bound.Field)],
                Filter = Condition(chunk),
            };
            try
            {
                await records.ReadRecordsAsync(query, values => existing.Add(Join(values)), cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is RequestException or StoreUnavailableException)
            {
                // The store has too much to do: a warning is not worth an import.
                return found;
            }

            found.AddRange(chunk.Where(key => existing.Contains(Join(key.Parts.Select(part => Convert.ToString(part.Value, CultureInfo.InvariantCulture))))));
        }

        return found;

        static string Join(IEnumerable<string?> values) => string.Join('\0', values);
    }

    private Condition Condition(IReadOnlyList<Key> keys)
    {
        if (_key.Count == 1) return new InCondition(Operand(0), [.. keys.Select(key => Constant(key, 0))]);
        return keys
            .Select(key => Enumerable.Range(0, _key.Count)
                .Select(Condition (part) => new Comparison(ComparisonOperator.Equal, Operand(part), Constant(key, part)))
                .Aggregate((left, right) => new AndCondition(left, right)))
            .Aggregate((left, right) => new OrCondition(left, right));

        FieldOperand Operand(int part) => new(_key[part].Bound.Field);
        Constant Constant(Key key, int part) => new(_key[part].Bound.Field.DataType, key.Parts[part].Value);
    }

    /// <summary>A value of a key.</summary>
    /// <param name="Text">As it is in the file.</param>
    /// <param name="Form">What people see of it.</param>
    /// <param name="Value">What to look for among the records; null where it is of another type than texts and whole numbers.</param>
    private readonly record struct Part(string Text, string Form, object? Value);

    /// <summary>A key that differs from its form, and where it came first.</summary>
    private sealed record Key(ulong FormHash, IReadOnlyList<Part> Parts, long Row, long Line)
    {
        public string Shown => $"'{string.Join(", ", Parts.Select(part => KeyForm.Show(part.Text)))}'";

        public string ShownForm => $"'{string.Join(", ", Parts.Select(part => KeyForm.Show(part.Form)))}'";
    }

    /// <summary>A key, and what it is like.</summary>
    private sealed record Pair(Key Key, string Other);
}

using System.Security.Cryptography;
using System.Text;
using EntityImport.Entities;
using EntityImport.Imports.Running;
using EntityImport.Inputs;
using EntityImport.Mappings;
using EntityImport.Rows;

namespace EntityImport.Imports.Repairs;

/// <summary>
/// The keys of corrected rows, and what else has them: later rows of the file, which supersede corrected ones as if these had been right from the start, and records that other imports have changed
/// since. A key is 128 bits of its hash, so that memory is bounded by the number of corrected rows. Not thread-safe.
/// </summary>
internal sealed class RepairedKeys
{
    private readonly RepairBasis _basis;
    private readonly int[] _keys;
    private readonly bool _composes;
    private readonly Dictionary<UInt128, Known> _known = [];
    private readonly StringBuilder _text = new();

    public RepairedKeys(RepairBasis basis)
    {
        _basis = basis;
        _keys = [.. basis.Fields.Index().Where(field => field.Item.Field.PrimaryKey).Select(field => field.Index)];
        _composes = BoundField.KeepsEmpty(basis.Definition);
    }

    /// <summary>Whether keys say anything: rows of an UPSERT into an entity that has one.</summary>
    public bool Matter => _keys.Length > 0 && _basis.Definition.Mode == ImportMode.Upsert;

    /// <summary>Notes a corrected row.</summary>
    public void Add(RowCheck row, long number)
    {
        var key = KeyOf(row.Batch, row.Values, 0);
        if (!_known.ContainsKey(key)) _known[key] = new Known(number);
    }

    /// <summary>Looks for the keys among the rows that the import accepted.</summary>
    /// <param name="rejected">The rows that it rejected, in their order.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public void LookAtAccepted(IReadOnlyList<long> rejected, CancellationToken cancellationToken)
    {
        var at = 0;
        Look(_basis.Input, record =>
        {
            while (at < rejected.Count && rejected[at] < record) at++;
            return at < rejected.Count && rejected[at] == record ? null : record;
        }, cancellationToken);
    }

    /// <summary>Looks for the keys among the rows of a file that has the import's columns.</summary>
    /// <param name="input">The file.</param>
    /// <param name="numberOf">Which row of the import a record of it is, by its number from 1; null where it is to be passed over. Called in order.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public void Look(IInput input, Func<long, long?> numberOf, CancellationToken cancellationToken)
    {
        var conversion = new BatchConversion(new RecordShape(input.Columns, _basis.Definition.Layout.HasHeader, _basis.Definition.RaggedRows), _basis.Definition, _basis.Fields);
        var reader = input.CreateReader();
        for (var part = 0; part < input.Parts.Count; part++)
        {
            reader.Open(part);
            while (reader.Read())
            {
                cancellationToken.ThrowIfCancellationRequested();
                var batch = reader.Batch;
                conversion.Convert(batch, cancellationToken);
                for (var record = 0; record < batch.Count; record++)
                {
                    if (numberOf(batch.RecordsBefore + record + 1) is not { } number || conversion.Faults.IsRejected(record)) continue;
                    if (!_known.TryGetValue(KeyOf(batch, conversion.Columns, record), out var known) || known.First > number) continue;
                    known.Last = Math.Max(known.Last, number);
                    if (_composes) known.Later.Add((number, ValuesOf(batch, conversion.Columns, record)));
                }
            }
        }
    }

    /// <summary>Notes a record that another import has changed since.</summary>
    /// <param name="values">The values of its key, as records have them.</param>
    public void NoteChanged(string?[] values)
    {
        _text.Clear();
        foreach (var (value, index) in values.Zip(_keys)) Append(_basis.Fields[index].Field.IsDecimal && value!.Contains('.', StringComparison.Ordinal) ? value.TrimEnd('0').TrimEnd('.') : value);
        if (_known.TryGetValue(Hash(), out var known)) known.HasChanged = true;
    }

    /// <summary>The fields of the key, in the order in which <see cref="NoteChanged"/> takes their values.</summary>
    public IReadOnlyList<FieldDefinition> Fields => [.. _keys.Select(index => _basis.Fields[index].Field)];

    /// <summary>Whether a later row of the file has the key of a row, so that it wins.</summary>
    public bool IsSuperseded(RowCheck row, long number) => !_composes && _known[KeyOf(row.Batch, row.Values, 0)].Last > number;

    /// <summary>Whether another import has changed the record of a row's key.</summary>
    public bool HasChanged(RowCheck row) => _known[KeyOf(row.Batch, row.Values, 0)].HasChanged;

    /// <summary>The fields of a row with those that later rows of its key have a value for as these have them: where empty ones keep what is there, the last row that has a value wins, field by field.</summary>
    public string[] Compose(RowCheck row, long number, IReadOnlyList<string> fields)
    {
        string[] composed = [.. fields];
        if (!_composes) return composed;
        foreach (var (_, values) in _known[KeyOf(row.Batch, row.Values, 0)].Later.Where(later => later.Row > number).OrderBy(later => later.Row))
            foreach (var (column, text) in values) composed[column] = text;
        return composed;
    }

    private List<(int Column, string Text)> ValuesOf(RecordBatch batch, ColumnVector[] columns, int record) =>
    [
        .. _basis.Fields.Index().Where(field => field.Item.Column >= 0 && field.Item.Column < _basis.Format.Columns.Count && !columns[field.Index].IsNull(record))
            .Select(field => (field.Item.Column, Encoding.UTF8.GetString(new ColumnText(batch, field.Item.Column)[record]))),
    ];

    private UInt128 KeyOf(RecordBatch batch, ColumnVector[] columns, int record)
    {
        _text.Clear();
        foreach (var index in _keys) Append(OneRow.Show(batch, columns[index], record));
        return Hash();
    }

    private void Append(string? value) => _text.Append(value?.Length ?? 0).Append(':').Append(value);

    private UInt128 Hash()
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(_text.ToString()), hash);
        return System.Runtime.InteropServices.MemoryMarshal.Read<UInt128>(hash);
    }

    private sealed class Known(long first)
    {
        /// <summary>The first corrected row.</summary>
        public long First => first;

        /// <summary>The last other row of the file behind that; 0 where there is none.</summary>
        public long Last { get; set; }

        public bool HasChanged { get; set; }

        public List<(long Row, List<(int Column, string Text)> Values)> Later => field ??= [];
    }
}

using System.Globalization;
using System.IO.Hashing;
using System.Text;
using EntityImport.Conversion;
using EntityImport.Entities;
using EntityImport.Rows;

namespace EntityImport.Inference;

/// <summary>Whether a column's values identify records, and what speaks against it.</summary>
internal sealed class KeyEvidence
{
    private const int MaxText = 1024;

    /// <summary>Row by hash. Two values of one hash make a key be overlooked, never be proposed wrongly.</summary>
    private readonly Dictionary<ulong, long> _rows = [];

    private readonly HashSet<ulong> _bare = [];

    /// <summary>Whether all values are there, and each occurs once, as far as was seen.</summary>
    public bool IsUnique => Empty == 0 && Repeated is null;

    /// <summary>Records in which it is null.</summary>
    public long Empty { get; private set; }

    /// <summary>The first value that came before, with the rows of both, counted from 1; null where there is none.</summary>
    public (string Value, long Row, long Again)? Repeated { get; private set; }

    /// <summary>Texts that differ from an earlier one only by spaces at their ends, by characters that nobody can see, or by how a letter is composed.</summary>
    public Sightings Alike { get; } = new();

    /// <summary>Looks at a batch of converted values.</summary>
    public void Add(RecordBatch batch, int column, FieldConverter converter, ColumnVector vector, RecordFaults faults)
    {
        var isText = vector.Field.DataType == DataType.String;
        for (var record = 0; record < batch.Count; record++)
        {
            if (faults.IsUnreadable(record)) continue;
            if (vector.IsNull(record))
            {
                Empty++;
                continue;
            }

            var value = isText ? converter.TextAsRead(batch, record, column) : vector.Bytes.Slice(record * vector.ValueSize, vector.ValueSize);
            var mayHide = isText && MayHideSomething(value);
            if (Repeated is not null && !mayHide && _bare.Count == 0) continue;
            var hash = XxHash3.HashToUInt64(value);
            if (isText) FindAlike(value, mayHide, hash, new RecordPlace(batch, record));
            if (Repeated is not null) continue;
            var row = batch.RecordsBefore + record + 1;
            if (!_rows.TryAdd(hash, row) && _rows[hash] != row) Repeated = (Encoding.UTF8.GetString(batch.Text(record, column)), _rows[hash], row);
        }
    }

    private void FindAlike(ReadOnlySpan<byte> text, bool mayHide, ulong hash, RecordPlace place)
    {
        var shown = mayHide ? Encoding.UTF8.GetString(text) : null;
        var bare = shown is null ? null : Bare(shown);
        if (bare == shown)
        {
            if (_bare.Count > 0 && _bare.Contains(hash) && _rows.TryAdd(hash, place.Row)) Alike.Add(Encoding.UTF8.GetString(text), place);
            return;
        }

        var bareHash = XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(bare!));
        if (_rows.ContainsKey(bareHash) | !_bare.Add(bareHash)) Alike.Add(shown, place);
    }

    private static bool MayHideSomething(ReadOnlySpan<byte> text) =>
        text.Length is > 0 and <= MaxText && (text[0] <= ' ' || text[^1] <= ' ' || text.ContainsAnyExceptInRange((byte)' ', (byte)'~'));

    /// <summary>The text as people see it.</summary>
    private static string Bare(string text)
    {
        var bare = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format or UnicodeCategory.Control or UnicodeCategory.OtherNotAssigned) continue;
            bare.Append(Rune.IsWhiteSpace(rune) ? " " : rune.ToString());
        }

        return bare.ToString().Trim().Normalize();
    }
}

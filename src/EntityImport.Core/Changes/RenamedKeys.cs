using System.Buffers;
using System.Globalization;
using System.IO.Hashing;
using System.Text;

namespace EntityImport.Changes;

/// <summary>
/// Whether records vanish and come again under keys that look alike. Each key has some forms, which leave away how it is written; keys of both sides that have one form alone in common are taken for the same. Of each side and form those with the lowest
/// hashes are kept, which are the same ones on both sides: so memory is bounded, and what they have in common is what all have. Not thread-safe.
/// </summary>
internal sealed class RenamedKeys
{
    /// <summary>The part of the keys that vanish, or come, that must have another one.</summary>
    private const double LeastShare = 0.6;
    private const int MaxKeyBytes = 200;

    private static readonly SearchValues<byte> Separators = SearchValues.Create("-_./: "u8);

    private readonly Side _removed = new();
    private readonly Side _added = new();
    private readonly byte[] _form = new byte[4 * MaxKeyBytes + 64];

    /// <summary>The ways in which a key is written without what it may have lost or got.</summary>
    private enum Form
    {
        /// <summary>Letters and digits alone, in small letters, without zeros before digits.</summary>
        Plain,

        /// <summary>That, behind letters and a separator.</summary>
        WithoutPrefix,

        /// <summary>That, before a separator and letters.</summary>
        WithoutSuffix,

        /// <summary>That, behind letters that are followed by a digit.</summary>
        WithoutLetters,
    }

    /// <summary>Looks at records that vanish or come.</summary>
    public void Look(ChangeBatch batch)
    {
        if (batch.Keys.Count == 0) return;
        var side = batch.Kind == ChangeKind.Removed ? _removed : _added;
        Span<byte> key = stackalloc byte[MaxKeyBytes];
        for (var record = 0; record < batch.Count; record++)
        {
            side.Count++;
            if (TryWrite(batch, record, key, out var length)) Take(side, batch, record, key[..length], hasForms: batch.Keys.Count == 1);
        }
    }

    /// <summary>What was found; null where that is nothing.</summary>
    public ChangeFinding? Describe()
    {
        foreach (var removed in Enum.GetValues<Form>())
        {
            foreach (var added in Enum.GetValues<Form>())
            {
                var (share, pairs, examples) = Compare(_removed.Forms[(int)removed], _added.Forms[(int)added]);
                if (share < LeastShare || pairs < Chance.Fewest) continue;
                var count = (long)Math.Round(share * Math.Min(_removed.Count, _added.Count));
                // What has the same form on both sides lost or got nothing; another prefix on both may as well be other records.
                var isMistake = removed == Form.Plain || added == Form.Plain;
                return new ChangeFinding
                {
                    Code = ChangeFinding.KeysRenamed,
                    Grade = isMistake ? ChangeGrade.Mistake : ChangeGrade.Pattern,
                    Count = count,
                    Of = _removed.Count,
                    IsEstimated = pairs < Math.Min(_removed.Count, _added.Count) && _removed.Forms[(int)removed].IsFull,
                    Message = string.Create(CultureInfo.InvariantCulture, $"{count:N0} of {_removed.Count:N0} records that vanish come again under another key, which looks alike."),
                    Examples = examples,
                };
            }
        }

        return null;
    }

    private static (double Share, int Pairs, List<ChangeExample> Examples) Compare(Sketch removed, Sketch added)
    {
        var most = Math.Min(removed.Most, added.Most);
        var (ofRemoved, ofAdded) = (removed.Below(most), added.Below(most));
        var (pairs, examples) = (0, new List<ChangeExample>());
        foreach (var (hash, key) in ofRemoved)
        {
            if (!ofAdded.TryGetValue(hash, out var other)) continue;
            pairs++;
            if (examples.Count < Sighting.MaxExamples) examples.Add(new ChangeExample(key, key, other));
        }

        var fewer = Math.Min(ofRemoved.Count, ofAdded.Count);
        return (fewer == 0 ? 0 : (double)pairs / fewer, pairs, examples);
    }

    private static bool TryWrite(ChangeBatch batch, int record, Span<byte> key, out int length)
    {
        length = 0;
        foreach (var values in batch.Keys)
        {
            if (length > 0) key[length++] = 0x1F;
            if (length >= key.Length - 1) return false;
            var used = 0;
            if (values.Kind != ChangeValueKind.Text)
            {
                if (!Encoding.UTF8.TryGetBytes(values.Show(record), key[length..^1], out used)) return false;
            }
            else if (values.Text(record) is var text && text.Length < key.Length - length) text.CopyTo(key[length..(length += text.Length)]);
            else return false;
            length += used;
        }

        return length > 0;
    }

    private void Take(Side side, ChangeBatch batch, int record, ReadOnlySpan<byte> key, bool hasForms)
    {
        Add(Form.Plain, key);
        if (!hasForms) return;
        var first = key.IndexOfAny(Separators);
        if (first > 0 && AreLetters(key[..first])) Add(Form.WithoutPrefix, key[(first + 1)..]);
        var last = key.LastIndexOfAny(Separators);
        if (last > 0 && AreLetters(key[(last + 1)..])) Add(Form.WithoutSuffix, key[..last]);
        var digit = key.IndexOfAnyInRange((byte)'0', (byte)'9');
        if (digit > 0 && AreLetters(key[..digit])) Add(Form.WithoutLetters, key[digit..]);

        void Add(Form form, ReadOnlySpan<byte> part)
        {
            var length = Write(part);
            if (length > 0) side.Forms[(int)form].Add(XxHash3.HashToUInt64(_form.AsSpan(0, length)), batch, record);
        }
    }

    private static bool AreLetters(ReadOnlySpan<byte> text) => text.Length > 0 && !text.ContainsAnyInRange((byte)'0', (byte)'9');

    /// <summary>Writes the letters and digits of a key.</summary>
    private int Write(ReadOnlySpan<byte> key)
    {
        var (length, isNumber) = (0, false);
        while (!key.IsEmpty)
        {
            if (key[0] < 0x80)
            {
                var value = key[0];
                var isZero = value == '0' && !isNumber && key.Length > 1 && key[1] is >= (byte)'0' and <= (byte)'9';
                if (value == 0x1F || (char.IsAsciiLetterOrDigit((char)value) && !isZero)) _form[length++] = value is >= (byte)'A' and <= (byte)'Z' ? (byte)(value | 0x20) : value;
                isNumber = value is >= (byte)'1' and <= (byte)'9' || (value == '0' && isNumber);
                key = key[1..];
                continue;
            }

            isNumber = false;
            Rune.DecodeFromUtf8(key, out var rune, out var used);
            if (Rune.IsLetterOrDigit(rune)) length += Rune.ToLowerInvariant(rune).EncodeToUtf8(_form.AsSpan(length));
            key = key[used..];
        }

        return length;
    }

    private sealed class Side
    {
        public long Count { get; set; }

        public Sketch[] Forms { get; } = [.. Enum.GetValues<Form>().Select(_ => new Sketch())];
    }

    /// <summary>The keys with the lowest hashes of a form. Those that share a form say nothing.</summary>
    private sealed class Sketch
    {
        private const int MostKeys = 1024;

        private readonly Dictionary<ulong, string?> _keys = [];

        /// <summary>Hashes above are not kept.</summary>
        public ulong Most { get; private set; } = ulong.MaxValue;

        public bool IsFull => Most != ulong.MaxValue;

        public void Add(ulong hash, ChangeBatch batch, int record)
        {
            if (hash > Most) return;
            if (_keys.ContainsKey(hash))
            {
                _keys[hash] = null;
                return;
            }

            _keys[hash] = batch.ShowKey(record);
            if (_keys.Count < 2 * MostKeys) return;
            var hashes = _keys.Keys.Order().ToArray();
            Most = hashes[MostKeys - 1];
            foreach (var high in hashes[MostKeys..]) _keys.Remove(high);
        }

        /// <summary>The keys up to a hash that have their form alone.</summary>
        public Dictionary<ulong, string> Below(ulong most) => _keys.Where(key => key.Key <= most && key.Value is not null).ToDictionary(key => key.Key, key => key.Value!);
    }
}

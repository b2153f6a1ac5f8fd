using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using EntityImport.Conversion;
using EntityImport.Csv;
using EntityImport.Entities;

namespace EntityImport.Imports;

/// <summary>
/// Finds out whether a key may occur twice among the rows of a file, far cheaper than by comparing keys: a hash of 64 bits stands for each. Where no two
/// hashes are equal, no two keys are; where some are, the store compares the keys themselves. Thread-safe.
/// </summary>
/// <remarks>
/// Memory is 8 bytes a row, and bounded: beyond <see cref="MaxKeys"/> rows the answer is always that keys may repeat. The hash has a random seed, so that
/// nobody can write a file whose different keys collide.
/// </remarks>
internal sealed class KeyFingerprints : IDisposable
{
    /// <summary>The most rows whose keys are kept: 2^24, which is 128 MiB.</summary>
    public const long MaxKeys = 1 << 24;

    // So many that the hashes of a partition, and the set that they are put into, fit a processor's cache.
    private const int Partitions = 256;
    private const int BlockKeys = 1024;

    private readonly EntityDefinition _entity;
    private readonly long _seed = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));
    private readonly List<(ulong[] Keys, int Count)>[] _blocks = [.. Enumerable.Range(0, Partitions).Select(_ => new List<(ulong[], int)>())];
    private readonly Lock _completing = new();
    private long _count;
    private bool? _mayRepeat;

    public KeyFingerprints(EntityDefinition entity) => _entity = entity;

    /// <summary>Whether a key may occur twice; false is certain. To be asked when all collectors are complete.</summary>
    public bool MayRepeat => _mayRepeat ??= Interlocked.Read(ref _count) > MaxKeys || HasEqual();

    private bool IsFull => Interlocked.Read(ref _count) > MaxKeys;

    /// <summary>Makes a collector for one thread's rows, which are in these vectors.</summary>
    public Collector CreateCollector(IReadOnlyList<ColumnVector> columns) => new(this, [.. columns.Where(column => column.Field.PrimaryKey)]);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var blocks in _blocks) blocks.Clear();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool HasEqual()
    {
        var set = Array.Empty<ulong>();
        foreach (var blocks in _blocks)
        {
            var count = blocks.Sum(block => block.Count);
            var size = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, count * 2));
            if (set.Length < size) set = new ulong[size];
            var slots = set.AsSpan(0, size);
            slots.Clear();
            foreach (var (keys, length) in blocks)
            {
                foreach (var key in keys.AsSpan(0, length))
                {
                    // The partition was chosen by the highest bits, the slot is by the lowest; zero marks a free one.
                    var slot = (int)key & (size - 1);
                    while (slots[slot] != 0)
                    {
                        if (slots[slot] == key) return true;
                        slot = (slot + 1) & (size - 1);
                    }

                    slots[slot] = key;
                }
            }
        }

        return false;
    }

    /// <summary>The keys of one thread's rows. Not thread-safe.</summary>
    public sealed class Collector
    {
        private readonly KeyFingerprints _owner;
        private readonly ColumnVector[] _columns;
        private readonly ulong[][] _blocks = new ulong[Partitions][];
        private readonly int[] _counts = new int[Partitions];
        private readonly ulong[] _hashes = new ulong[RecordBatch.Capacity];

        internal Collector(KeyFingerprints owner, ColumnVector[] columns)
        {
            _owner = owner;
            _columns = columns;
            for (var i = 0; i < Partitions; i++) _blocks[i] = new ulong[BlockKeys];
        }

        /// <summary>Adds the keys of the batch's good rows.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Add(RecordBatch batch, RecordFaults faults)
        {
            if (_owner.IsFull) return;
            var hashes = _hashes.AsSpan(0, batch.Count);
            hashes.Fill((ulong)_owner._seed);
            foreach (var column in _columns) Hash(batch, column, faults, hashes);
            var added = 0;
            for (var record = 0; record < hashes.Length; record++)
            {
                if (faults.IsRejected(record)) continue;
                // Zero means nothing in the set.
                var hash = Math.Max(hashes[record], 1);
                var partition = (int)(hash >> 56);
                var block = _blocks[partition];
                block[_counts[partition]++] = hash;
                added++;
                if (_counts[partition] == BlockKeys) HandOver(partition);
            }

            Interlocked.Add(ref _owner._count, added);
        }

        /// <summary>Gives the owner what is left.</summary>
        public void Complete()
        {
            for (var partition = 0; partition < Partitions; partition++) HandOver(partition);
        }

        private void HandOver(int partition)
        {
            if (_counts[partition] == 0) return;
            lock (_owner._completing) _owner._blocks[partition].Add((_blocks[partition], _counts[partition]));
            _blocks[partition] = new ulong[BlockKeys];
            _counts[partition] = 0;
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Hash(RecordBatch batch, ColumnVector column, RecordFaults faults, Span<ulong> hashes)
        {
            if (column.Field.DataType != DataType.String)
            {
                var size = column.ValueSize;
                for (var record = 0; record < hashes.Length; record++)
                    hashes[record] = XxHash3.HashToUInt64(column.Bytes.Slice(record * size, size), (long)hashes[record]);
                return;
            }

            var texts = column.Values<TextSpan>();
            var buffer = batch.Buffer.Span;
            var unescaped = batch.UnescapedText.Span;
            for (var record = 0; record < hashes.Length; record++)
            {
                if (faults.IsRejected(record)) continue;
                var text = texts[record];
                var source = text.Source switch
                {
                    TextSource.Buffer => buffer,
                    TextSource.Unescaped => unescaped,
                    _ => column.DefaultText.Span,
                };
                hashes[record] = XxHash3.HashToUInt64(source.Slice(text.Start, text.Length), (long)hashes[record]);
            }
        }
    }
}

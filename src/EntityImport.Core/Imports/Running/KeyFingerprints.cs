using System.IO.Hashing;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using EntityImport.Entities;
using EntityImport.Rows;

namespace EntityImport.Imports.Running;

/// <summary>
/// Finds out whether a key may occur twice among the rows of a file, far cheaper than by comparing keys: a hash of 64 bits stands for each. Where no two
/// hashes are equal, no two keys are; where some are, the store compares the keys themselves. Thread-safe.
/// </summary>
/// <remarks>
/// 8 bytes a row are kept: in memory the first <see cref="MaxKeysInMemory"/> and what does not fill a block, the rest in a scratch file. The hash has a
/// random seed, so that nobody can write a file whose different keys collide.
/// </remarks>
internal sealed class KeyFingerprints : IDisposable
{
    /// <summary>The most hashes that stay in memory: 2^22, which is 32 MiB.</summary>
    public const int MaxKeysInMemory = 1 << 22;

    // So many that the hashes of a partition, and the set that they are put into, fit a processor's cache.
    private const int Partitions = 256;
    private const int BlockKeys = 1024;

    private readonly EntityDefinition _entity;
    private readonly Func<Stream> _createScratch;
    private readonly int _maxKeysInMemory;
    private readonly long _seed = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));
    private readonly List<(ulong[] Keys, int Count)>[] _blocks = [.. Enumerable.Range(0, Partitions).Select(_ => new List<(ulong[], int)>())];

    /// <summary>Where in the scratch file each partition's full blocks are.</summary>
    private readonly List<long>[] _scratchBlocks = [.. Enumerable.Range(0, Partitions).Select(_ => new List<long>())];
    private readonly Lock _blocksLock = new();
    private Stream? _scratch;
    private int _keysInMemory;
    private bool? _mayRepeat;

    /// <summary>Prepares for the keys of an entity.</summary>
    /// <param name="entity">The entity; it has a key.</param>
    /// <param name="createScratch">Makes a file that vanishes when it is closed.</param>
    /// <param name="maxKeysInMemory">See <see cref="MaxKeysInMemory"/>.</param>
    public KeyFingerprints(EntityDefinition entity, Func<Stream> createScratch, int maxKeysInMemory = MaxKeysInMemory)
    {
        _entity = entity;
        _createScratch = createScratch;
        _maxKeysInMemory = maxKeysInMemory;
    }

    /// <summary>Whether a key may occur twice; false is certain. To be asked when all collectors are complete.</summary>
    public bool MayRepeat => _mayRepeat ??= HasEqual();

    /// <summary>Makes a collector for one thread's rows, which are in these vectors.</summary>
    public Collector CreateCollector(IReadOnlyList<ColumnVector> columns) => new(this, [.. columns.Where(column => column.Field.PrimaryKey)]);

    /// <summary>The hash of a key that is given by the bytes of its values, as collectors hash it.</summary>
    public ulong HashOf(IEnumerable<byte[]> values) =>
        Math.Max((ulong)values.Aggregate(_seed, (hash, value) => (long)XxHash3.HashToUInt64(value, hash)), 1);

    /// <summary>Which of these hashes are those of keys in the file. To be asked when all collectors are complete.</summary>
    public HashSet<ulong> FindAmong(IReadOnlySet<ulong> hashes)
    {
        var found = new HashSet<ulong>();
        var block = new ulong[BlockKeys];
        foreach (var partition in hashes.Select(hash => (int)(hash >> 56)).Distinct())
        {
            foreach (var (keys, count) in _blocks[partition]) Find(keys.AsSpan(0, count));
            foreach (var position in _scratchBlocks[partition])
            {
                _scratch!.Position = position;
                _scratch.ReadExactly(MemoryMarshal.AsBytes(block.AsSpan()));
                Find(block);
            }
        }

        return found;

        void Find(ReadOnlySpan<ulong> keys)
        {
            foreach (var key in keys)
                if (hashes.Contains(key)) found.Add(key);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var blocks in _blocks) blocks.Clear();
        _scratch?.Dispose();
    }

    /// <summary>Takes a collector's block.</summary>
    /// <returns>Whether the block is kept; else it is in the scratch file, and the collector may fill it again.</returns>
    private bool Keep(int partition, ulong[] keys, int count)
    {
        lock (_blocksLock)
        {
            if (count < BlockKeys || _keysInMemory < _maxKeysInMemory)
            {
                _keysInMemory += count;
                _blocks[partition].Add((keys, count));
                return true;
            }

            _scratch ??= _createScratch();
            _scratchBlocks[partition].Add(_scratch.Position);
            _scratch.Write(MemoryMarshal.AsBytes(keys.AsSpan()));
            return false;
        }
    }

    private bool HasEqual()
    {
        var set = Array.Empty<ulong>();
        var block = new ulong[BlockKeys];
        for (var partition = 0; partition < Partitions; partition++)
        {
            var blocks = _blocks[partition];
            var scratchBlocks = _scratchBlocks[partition];
            var count = blocks.Sum(part => part.Count) + scratchBlocks.Count * BlockKeys;
            var size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, count * 2));
            if (set.Length < size) set = new ulong[size];
            var slots = set.AsSpan(0, size);
            slots.Clear();
            foreach (var (keys, length) in blocks)
                if (ContainsEqual(slots, keys.AsSpan(0, length))) return true;
            foreach (var position in scratchBlocks)
            {
                _scratch!.Position = position;
                _scratch.ReadExactly(MemoryMarshal.AsBytes(block.AsSpan()));
                if (ContainsEqual(slots, block)) return true;
            }
        }

        return false;
    }

    /// <summary>Puts hashes into a set; true where one is there already.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool ContainsEqual(Span<ulong> slots, ReadOnlySpan<ulong> keys)
    {
        foreach (var key in keys)
        {
            // The partition was chosen by the highest bits, the slot is by the lowest; zero marks a free one.
            var slot = (int)key & (slots.Length - 1);
            while (slots[slot] != 0)
            {
                if (slots[slot] == key) return true;
                slot = (slot + 1) & (slots.Length - 1);
            }

            slots[slot] = key;
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
            var hashes = _hashes.AsSpan(0, batch.Count);
            hashes.Fill((ulong)_owner._seed);
            foreach (var column in _columns) Hash(batch, column, faults, hashes);
            for (var record = 0; record < hashes.Length; record++)
            {
                if (faults.IsRejected(record)) continue;
                // Zero means nothing in the set.
                var hash = Math.Max(hashes[record], 1);
                var partition = (int)(hash >> 56);
                var block = _blocks[partition];
                block[_counts[partition]++] = hash;
                if (_counts[partition] < BlockKeys) continue;
                if (_owner.Keep(partition, block, BlockKeys)) _blocks[partition] = new ulong[BlockKeys];
                _counts[partition] = 0;
            }
        }

        /// <summary>Gives the owner what is left. The collector is not used any more.</summary>
        public void Complete()
        {
            for (var partition = 0; partition < Partitions; partition++)
                if (_counts[partition] > 0) _owner.Keep(partition, _blocks[partition], _counts[partition]);
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

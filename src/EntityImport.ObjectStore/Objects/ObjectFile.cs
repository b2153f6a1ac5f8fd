using EntityImport.Files;

namespace EntityImport.ObjectStore.Objects;

/// <summary>
/// A file of one object or of several. It is read in blocks, of which the last ones are kept: who reads on asks the store once for each, and as many can read at different places as there are processors. Thread-safe but for disposal.
/// </summary>
internal sealed class ObjectFile : IStoredFile
{
    private const int BlockBytes = 4 << 20;
    private const int MaxAttempts = 4;

    /// <summary>How long one attempt may take: 4 MiB come in that time over the slowest line worth having.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);

    private readonly IObjects _objects;
    private readonly IReadOnlyList<Stretch> _stretches;
    private readonly CancellationTokenSource _ended;
    private readonly Lock _lock = new();
    private readonly List<Block> _blocks = [];
    private long _uses;
    private int _disposals;

    public ObjectFile(IObjects objects, IReadOnlyList<Stretch> stretches, CancellationToken cancellationToken)
    {
        _objects = objects;
        _stretches = stretches;
        _ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Length = stretches.Count == 0 ? 0 : stretches[^1].Start + stretches[^1].Length;
    }

    /// <summary>Two for each that reads a part, which may begin in one block and end in the next, and one for whoever looks at the header.</summary>
    private static int MostBlocks { get; } = (2 * Environment.ProcessorCount) + 1;

    /// <inheritdoc/>
    public long Length { get; }

    /// <inheritdoc/>
    public int Read(Span<byte> buffer, long offset)
    {
        if (offset >= Length || buffer.IsEmpty) return 0;
        var block = Take(offset / BlockBytes);
        try
        {
            lock (block.Loading)
            {
                if (!block.IsLoaded) Load(block);
                var from = (int)(offset - (block.Number * BlockBytes));
                var length = Math.Min(buffer.Length, LengthOf(block.Number) - from);
                block.Bytes.AsSpan(from, length).CopyTo(buffer);
                return length;
            }
        }
        finally
        {
            lock (_lock) block.Users--;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Streams dispose of their files, and so does whoever opened them.
        if (Interlocked.Exchange(ref _disposals, 1) > 0) return;
        _ended.Cancel();
        _ended.Dispose();
    }

    private int LengthOf(long block) => (int)Math.Min(BlockBytes, Length - (block * BlockBytes));

    /// <summary>The block of a number, which stays that until it is given back; another one, that nobody reads, has to go for it.</summary>
    private Block Take(long number)
    {
        lock (_lock)
        {
            var block = _blocks.Find(kept => kept.Number == number);
            if (block is null)
            {
                if (_blocks.Count >= MostBlocks) block = _blocks.Where(kept => kept.Users == 0).MinBy(kept => kept.LastUse);
                if (block is null) _blocks.Add(block = new Block());
                (block.Number, block.IsLoaded) = (number, false);
            }

            block.Users++;
            block.LastUse = ++_uses;
            return block;
        }
    }

    private void Load(Block block)
    {
        var length = LengthOf(block.Number);
        if (block.Bytes.Length < length) block.Bytes = GC.AllocateUninitializedArray<byte>(length);
        LoadAsync(block.Number * BlockBytes, block.Bytes.AsMemory(0, length)).GetAwaiter().GetResult();
        block.IsLoaded = true;
    }

    private async Task LoadAsync(long offset, Memory<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var stretch = _stretches[FindStretch(offset)];
            var length = (int)Math.Min(buffer.Length, stretch.Start + stretch.Length - offset);
            await LoadAsync(stretch, stretch.Skip + offset - stretch.Start, buffer[..length]).ConfigureAwait(false);
            (offset, buffer) = (offset + length, buffer[length..]);
        }
    }

    /// <summary>Always all of the range again: what a broken answer had brought is not trusted.</summary>
    private async Task LoadAsync(Stretch stretch, long offset, Memory<byte> buffer)
    {
        for (var (attempt, pause) = (1, FirstPause); ; attempt++, pause *= 2)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(_ended.Token);
            limit.CancelAfter(Patience);
            try
            {
                await _objects.ReadAsync(stretch.Key, stretch.Tag, offset, buffer, limit.Token).ConfigureAwait(false);
                return;
            }
            catch (FilesUnavailableException) when (attempt < MaxAttempts && !_ended.IsCancellationRequested)
            {
                await Task.Delay(pause, _ended.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException exception) when (!_ended.IsCancellationRequested)
            {
                if (attempt == MaxAttempts) throw new FilesUnavailableException($"{_objects.PlaceOf(stretch.Key)} cannot be read: the store does not answer within {Patience.TotalSeconds:0} s.", exception);
            }
        }
    }

    private int FindStretch(long offset)
    {
        var (low, high) = (0, _stretches.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (_stretches[middle].Start <= offset) low = middle;
            else high = middle - 1;
        }

        return low;
    }

    private sealed class Block
    {
        public long Number { get; set; }

        public int Users { get; set; }

        public long LastUse { get; set; }

        public Lock Loading { get; } = new();

        public byte[] Bytes { get; set; } = [];

        public bool IsLoaded { get; set; }
    }
}

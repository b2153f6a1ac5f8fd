namespace EntityImport.Imports.Rejections;

/// <summary>What is known of the rejected rows of the imports that were looked at last, so that nobody reads millions of rows for each page. Thread-safe.</summary>
internal sealed class RejectedRowIndexes
{
    private const int MaxEntries = 32;

    private readonly Lock _access = new();
    private readonly LinkedList<(Guid ImportId, Entry Entry)> _entries = [];

    /// <summary>What is known of an import's rows; nothing where these are not the rows of before with others behind them.</summary>
    /// <param name="importId">The import.</param>
    /// <param name="generation">What tells these rows from others of the same import.</param>
    public Entry Of(Guid importId, long generation)
    {
        lock (_access)
        {
            var node = _entries.First;
            while (node is not null && node.Value.ImportId != importId) node = node.Next;
            if (node is not null) _entries.Remove(node);
            var entry = node?.Value.Entry is { } known && known.Generation == generation ? known : new Entry(generation);
            _entries.AddFirst((importId, entry));
            if (_entries.Count > MaxEntries) _entries.RemoveLast();
            return entry;
        }
    }

    /// <summary>Forgets what is known of an import's rows.</summary>
    public void Forget(Guid importId)
    {
        lock (_access)
        {
            if (_entries.FirstOrDefault(known => known.ImportId == importId) is { Entry: not null } found) _entries.Remove(found);
        }
    }

    /// <summary>What is known of one import's rows. Not thread-safe: whoever uses it has its turn.</summary>
    public sealed class Entry(long generation)
    {
        private const int MaxFilters = 16;

        private readonly LinkedList<(RowFilter Filter, RejectedRowIndex Index)> _indexes = [];

        /// <summary>Held by whoever uses it. Nothing of it needs to be disposed of.</summary>
        public SemaphoreSlim Turn { get; } = new(1, 1);

        /// <summary>What tells these rows from others of the same import.</summary>
        public long Generation => generation;

        /// <summary>Whether no rows are added any more.</summary>
        public bool IsComplete { get; set; }

        /// <summary>The rows by their causes.</summary>
        public CauseCounts Causes { get; } = new();

        /// <summary>Where the rows of a filter are.</summary>
        public RejectedRowIndex RowsOf(RowFilter filter)
        {
            var node = _indexes.First;
            while (node is not null && node.Value.Filter != filter) node = node.Next;
            if (node is not null) _indexes.Remove(node);
            var index = node?.Value.Index ?? new RejectedRowIndex(filter);
            _indexes.AddFirst((filter, index));
            if (_indexes.Count > MaxFilters) _indexes.RemoveLast();
            return index;
        }
    }
}

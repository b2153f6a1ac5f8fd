namespace EntityImport.Imports.Rejections;

/// <summary>Counts rejected rows by their causes, in memory that does not depend on how many there are. Not thread-safe.</summary>
internal sealed class CauseCounts
{
    /// <summary>How many causes are told.</summary>
    private const int MaxTold = 50;

    /// <summary>How many are counted each for itself; further ones are counted together.</summary>
    private const int MaxCounted = 10_000;

    private readonly Dictionary<RejectionCause, Count> _counts = [];
    private long? _end;
    private long _rows;
    private long _uncounted;

    /// <summary>Counts the rows that were not there when it counted last.</summary>
    public void Extend(RejectedRowsReader rows, CancellationToken cancellationToken)
    {
        if (_end is { } end) rows.GoTo(end);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _end = rows.Position;
            if (rows.Read() is not { } row) return;
            _rows++;
            foreach (var reason in row.Reasons)
            {
                var cause = RejectionCause.Of(reason);
                if (_counts.TryGetValue(cause, out var count)) count.Rows++;
                else if (_counts.Count < MaxCounted) _counts[cause] = new Count(reason, row.Row, row.Line) { Rows = 1 };
                else _uncounted++;
            }
        }
    }

    /// <summary>What was counted: the causes of the most rows first.</summary>
    public RejectionCauses Tell(bool isComplete)
    {
        var inOrder = _counts.OrderByDescending(pair => pair.Value.Rows).ThenBy(pair => pair.Value.Row).ToList();
        return new RejectionCauses(
            [.. inOrder.Take(MaxTold).Select(pair => new CountedCause(pair.Key, pair.Value.First.Column, pair.Value.Rows, pair.Value.First.Message, pair.Value.Row, pair.Value.Line, pair.Value.First.Value))],
            Math.Max(0, inOrder.Count - MaxTold),
            inOrder.Skip(MaxTold).Sum(pair => pair.Value.Rows) + _uncounted,
            _rows,
            isComplete);
    }

    private sealed class Count(RejectionReason first, long row, long line)
    {
        public RejectionReason First => first;

        public long Row => row;

        public long Line => line;

        public long Rows { get; set; }
    }
}

namespace EntityImport.Imports.Rejections;

/// <summary>Where some rejected rows of an import are, so that each can be gone to by how many come before it. Takes 8 bytes for each hundred rows. Not thread-safe.</summary>
/// <param name="filter">Which rows.</param>
internal sealed class RejectedRowIndex(RowFilter filter)
{
    private const int Step = 100;

    private readonly List<long> _marks = [];
    private long? _end;

    /// <summary>How many there are, as far as was looked.</summary>
    public long Total { get; private set; }

    /// <summary>Looks at the rows that were not there when it looked last.</summary>
    public void Extend(RejectedRowsReader rows, CancellationToken cancellationToken)
    {
        if (_end is { } end) rows.GoTo(end);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var position = rows.Position;
            _end = position;
            if (filter.IsAll)
            {
                if (!rows.Skip()) return;
            }
            else
            {
                if (rows.Read() is not { } row) return;
                if (!filter.Matches(row)) continue;
            }

            if (Total++ % Step == 0) _marks.Add(position);
        }
    }

    /// <summary>Goes to the wanted row before which so many come; to the end where there are fewer.</summary>
    public void GoTo(RejectedRowsReader rows, long offset, CancellationToken cancellationToken)
    {
        if (offset >= Total)
        {
            rows.GoTo(_end!.Value);
            return;
        }

        rows.GoTo(_marks[(int)(offset / Step)]);
        for (var before = offset / Step * Step; before < offset; before++) Next(rows, cancellationToken);
    }

    /// <summary>Finds a row by its number; null where it is none of the wanted ones.</summary>
    public StoredRejectedRow? Find(RejectedRowsReader rows, long number, CancellationToken cancellationToken)
    {
        var (low, high) = (0, _marks.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            rows.GoTo(_marks[middle]);
            if (rows.Read()!.Row <= number) low = middle;
            else high = middle - 1;
        }

        if (_marks.Count == 0) return null;
        rows.GoTo(_marks[low]);
        while (Next(rows, cancellationToken) is var (row, _))
            if (row.Row >= number) return row.Row == number ? row : null;
        return null;
    }

    /// <summary>Reads the next wanted row, with where it begins; null at the end.</summary>
    public (StoredRejectedRow Row, long Position)? Next(RejectedRowsReader rows, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var position = rows.Position;
            if (rows.Read() is not { } row) return null;
            if (filter.Matches(row)) return (row, position);
        }
    }
}

using EntityImport.Changes;
using EntityImport.Entities;

namespace EntityImport.Guards;

/// <summary>Counts what guards of fields ask for, in one pass over the changed records. Not thread-safe.</summary>
/// <remarks>
/// A value moves by its difference in percent of what it was; from 0 any other value is further than every distance. What was null does not move, and what becomes null does not either, but becomes empty.
/// </remarks>
public sealed class GuardCounts
{
    /// <summary>Up to here a number can be taken by the largest percentage.</summary>
    private const double LargestWithRoom = 1e290;

    private readonly EntityGuards _guards;
    private readonly int[] _columnsOfMoves;
    private readonly int[] _columnsOfEmptied;
    private readonly long[] _moved;
    private readonly long[] _emptied;
    private readonly long[] _filled;

    /// <summary>Prepares for changes.</summary>
    /// <param name="guards">The guards.</param>
    /// <param name="fields">The fields that may change, as the batches' <see cref="ChangeBatch.Columns"/> have them. Guards of others count nothing.</param>
    public GuardCounts(EntityGuards guards, IEnumerable<FieldDefinition> fields)
    {
        ArgumentNullException.ThrowIfNull(guards);
        _guards = guards;
        var names = fields.Select(field => field.SystemName).ToList();
        _columnsOfMoves = [.. guards.Moves.Select(guard => names.FindIndex(name => name.Equals(guard.Field, StringComparison.OrdinalIgnoreCase)))];
        _columnsOfEmptied = [.. guards.Emptied.Select(guard => names.FindIndex(name => name.Equals(guard.Field, StringComparison.OrdinalIgnoreCase)))];
        _moved = new long[_columnsOfMoves.Length];
        _emptied = new long[_columnsOfEmptied.Length];
        _filled = new long[names.Count];
    }

    /// <summary>Looks at the next records, which are not needed after.</summary>
    public void Add(ChangeBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (batch.Kind != ChangeKind.Updated) return;
        foreach (var index in _columnsOfMoves.Concat(_columnsOfEmptied).Where(index => index >= 0).Distinct())
            for (var record = 0; record < batch.Count; record++)
                if (!batch.Columns[index].Before.IsEmpty(record)) _filled[index]++;
        for (var i = 0; i < _moved.Length; i++)
            if (_columnsOfMoves[i] >= 0) _moved[i] += CountMoved(batch, batch.Columns[_columnsOfMoves[i]], _guards.Moves[i].ByPercent);
        for (var i = 0; i < _emptied.Length; i++)
            if (_columnsOfEmptied[i] >= 0) _emptied[i] += CountEmptied(batch, batch.Columns[_columnsOfEmptied[i]]);
    }

    /// <summary>The figures with what was counted.</summary>
    /// <param name="figures">What else is known.</param>
    /// <param name="unchanged">Records that the file has and that stay as they are: each counts as having had a value.</param>
    public GuardFigures Complete(GuardFigures figures, long unchanged)
    {
        ArgumentNullException.ThrowIfNull(figures);
        var (moves, emptied) = (new Dictionary<(string, decimal), PartOfValues>(), new Dictionary<string, PartOfValues>());
        for (var i = 0; i < _moved.Length; i++)
            if (_columnsOfMoves[i] is >= 0 and var index) moves[(_guards.Moves[i].Field, _guards.Moves[i].ByPercent)] = new PartOfValues(_moved[i], _filled[index] + unchanged);
        for (var i = 0; i < _emptied.Length; i++)
            if (_columnsOfEmptied[i] is >= 0 and var index) emptied[_guards.Emptied[i].Field] = new PartOfValues(_emptied[i], _filled[index] + unchanged);
        return figures with { Moves = moves, Emptied = emptied };
    }

    private static long CountMoved(ChangeBatch batch, ChangeColumn column, decimal byPercent)
    {
        var (before, after, moved) = (column.Before, column.After, 0L);
        for (var record = 0; record < batch.Count; record++)
        {
            if (before.IsNull(record) || after.IsNull(record)) continue;
            moved += before.Kind switch
            {
                ChangeValueKind.Whole => IsFurther((Int128)before.Whole[record], after.Whole[record], byPercent),
                ChangeValueKind.Scaled => IsFurther(before.Scaled[record], after.Scaled[record], byPercent),
                _ => IsFurther(before.Binary[record], after.Binary[record], byPercent),
            } ? 1 : 0;
        }

        return moved;
    }

    /// <summary>Exact as far as 28 digits go, so that a move by just as much as is allowed is not further.</summary>
    private static bool IsFurther(Int128 before, Int128 after, decimal byPercent)
    {
        if (before == after) return false;
        return IsSmall(before) && IsSmall(after)
            ? Math.Abs((decimal)after - (decimal)before) * 100 > byPercent * Math.Abs((decimal)before)
            : IsFurther((double)before, (double)after, byPercent);

        static bool IsSmall(Int128 number) => Int128.Abs(number) < 1_000_000_000_000_000_000;
    }

    private static bool IsFurther(double before, double after, decimal byPercent)
    {
        // Else the largest numbers move by infinity, which is no further than infinity. Powers of two lose no digit.
        if (Math.Max(Math.Abs(before), Math.Abs(after)) > LargestWithRoom) (before, after) = (Math.ScaleB(before, -64), Math.ScaleB(after, -64));
        return Math.Abs(after - before) * 100 > (double)byPercent * Math.Abs(before);
    }

    private static long CountEmptied(ChangeBatch batch, ChangeColumn column)
    {
        var emptied = 0L;
        for (var record = 0; record < batch.Count; record++)
            if (!column.Before.IsEmpty(record) && column.After.IsEmpty(record)) emptied++;
        return emptied;
    }
}

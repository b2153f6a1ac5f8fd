using EntityImport.Catalog;
using EntityImport.Entities;
using EntityImport.Imports.Rejections;

namespace EntityImport.Imports.Repairs;

/// <summary>In how many of an import's rejected rows a draft leaves what. All of them are looked at once; after that those alone of which somebody made something else since. Thread-safe.</summary>
internal sealed class RepairTally
{
    /// <summary>Edits up to which they are kept to be compared with later ones. Beyond them all rows are looked at each time.</summary>
    private const int MaxKeptEdits = 10_000;

    private readonly Lock _access = new();
    private readonly RejectedRowIndex _index = new(new RowFilter(null, null, null));
    private Counted? _last;

    /// <summary>Counts the rows by what <see cref="RepairState"/> they are in.</summary>
    /// <param name="rows">The rows, all of them there.</param>
    /// <param name="repair">What makes of them what the draft says.</param>
    /// <param name="basis">What they are tried on.</param>
    /// <param name="draft">The draft.</param>
    /// <param name="edits">What it makes of single rows.</param>
    /// <param name="repairedBy">The imports by which rows went in.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>How many are in each state, by its number.</returns>
    public IReadOnlyList<long> Count(
        RejectedRowsReader rows, RowRepair repair, RepairBasis basis, RepairDraft draft, IReadOnlyDictionary<long, RowEdit> edits, IReadOnlyList<Guid> repairedBy, CancellationToken cancellationToken)
    {
        lock (_access)
        {
            var known = _last is { } last && last.Fields.SequenceEqual(basis.Entity.Fields) && last.Cures.SequenceEqual(draft.Cures) && last.RepairedBy.SequenceEqual(repairedBy) ? last : null;
            long[] counts = known is null ? CountAll(rows, repair, cancellationToken) : [.. known.Counts];
            if (known is not null) CountChanged(counts, known.Edits, rows, repair, edits, cancellationToken);
            _last = edits.Count > MaxKeptEdits ? null : new Counted(basis.Entity.Fields, draft.Cures, repairedBy, edits, counts);
            return counts;
        }
    }

    private static long[] CountAll(RejectedRowsReader rows, RowRepair repair, CancellationToken cancellationToken)
    {
        var counts = new long[Enum.GetValues<RepairState>().Length];
        rows.Rewind();
        while (rows.Read() is { } row)
        {
            cancellationToken.ThrowIfCancellationRequested();
            counts[(int)repair.Apply(row, explain: false, cancellationToken).State]++;
        }

        return counts;
    }

    private void CountChanged(
        long[] counts, IReadOnlyDictionary<long, RowEdit> before, RejectedRowsReader rows, RowRepair repair, IReadOnlyDictionary<long, RowEdit> edits, CancellationToken cancellationToken)
    {
        var changed = before.Keys.Union(edits.Keys).Where(row => !IsSame(before.GetValueOrDefault(row), edits.GetValueOrDefault(row))).ToList();
        if (changed.Count == 0) return;
        _index.Extend(rows, cancellationToken);
        foreach (var number in changed)
        {
            if (_index.Find(rows, number, cancellationToken) is not { } row) continue;
            var none = new RowEdit(default, number);
            counts[(int)repair.Apply(row, explain: false, cancellationToken, before.GetValueOrDefault(number, none)).State]--;
            counts[(int)repair.Apply(row, explain: false, cancellationToken, edits.GetValueOrDefault(number, none)).State]++;
        }
    }

    private static bool IsSame(RowEdit? one, RowEdit? other)
    {
        if (one?.Dropped != other?.Dropped || one?.Values?.Count != other?.Values?.Count) return false;
        return one?.Values is not { } values || values.All(value => other!.Values!.TryGetValue(value.Key, out var text) && text == value.Value);
    }

    private sealed record Counted(
        IReadOnlyList<FieldDefinition> Fields, IReadOnlyList<DraftCure> Cures, IReadOnlyList<Guid> RepairedBy, IReadOnlyDictionary<long, RowEdit> Edits, IReadOnlyList<long> Counts);
}

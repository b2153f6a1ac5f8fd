using EntityImport.Catalog;
using EntityImport.Imports.Rejections;

namespace EntityImport.Imports.Repairs;

/// <summary>What has become of a rejected row in a repair.</summary>
public enum RepairState
{
    /// <summary>Something is still wrong with it.</summary>
    Left,

    /// <summary>It is good as it is now, but for its key, and can go in.</summary>
    Ready,

    /// <summary>Somebody left it out.</summary>
    Dropped,

    /// <summary>It went in.</summary>
    Repaired,
}

/// <summary>A rejected row as a repair has it.</summary>
/// <param name="Row">The row, from 1.</param>
/// <param name="Line">The line on which it begins, from 1.</param>
/// <param name="State">What has become of it.</param>
/// <param name="Fields">Its fields, one for each of the file's columns, as they are by now; null where it cannot be split into them.</param>
/// <param name="Edit">What somebody made of it, beside the cures; null where nobody did.</param>
/// <param name="Reasons">Why it cannot go in; empty where it can, or is left out.</param>
public sealed record RepairedRow(long Row, long Line, RepairState State, IReadOnlyList<string>? Fields, RowEdit? Edit, IReadOnlyList<RejectionReason> Reasons);

/// <summary>Makes of rejected rows what a draft says. Not thread-safe.</summary>
internal sealed class RowRepair
{
    private readonly RejectedFields _fields;
    private readonly List<CureRun> _cures;
    private readonly IReadOnlyDictionary<long, RowEdit> _edits;
    private readonly IReadOnlySet<long> _repaired;
    private readonly int _columns;

    /// <summary>Prepares to do that.</summary>
    /// <param name="basis">The file.</param>
    /// <param name="cures">The draft's cures, in their order.</param>
    /// <param name="edits">What is made of single rows.</param>
    /// <param name="repaired">The rows that went in.</param>
    public RowRepair(RepairBasis basis, IEnumerable<CompiledCure> cures, IReadOnlyDictionary<long, RowEdit> edits, IReadOnlySet<long> repaired)
    {
        _fields = new RejectedFields(basis.Format);
        _cures = [.. cures.Select(cure => new CureRun(basis, cure))];
        _edits = edits;
        _repaired = repaired;
        _columns = basis.Format.Columns.Count;
        Check = new RowCheck(basis);
    }

    /// <summary>What looked at the row that was applied to last.</summary>
    public RowCheck Check { get; }

    /// <summary>Makes of a row what the draft says.</summary>
    /// <param name="row">The row.</param>
    /// <param name="explain">Whether it is told why it cannot go in.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <param name="other">What is made of it in place of what the draft has; null where the draft's holds.</param>
    public RepairedRow Apply(StoredRejectedRow row, bool explain, CancellationToken cancellationToken, RowEdit? other = null)
    {
        var edit = other ?? _edits.GetValueOrDefault(row.Row);
        var fields = _fields.Split(row);
        var isDropped = edit?.Dropped == true;
        foreach (var cure in _cures)
        {
            if (!cure.Cure.IsFor(row.Reasons)) continue;
            if (cure.Cure.Cure.Drop) isDropped = true;
            else if (cure.Apply(row.Text, fields) is { } cured) fields = cured.Fields;
        }

        if (edit?.Values is { } values)
        {
            fields = fields is null ? [.. Enumerable.Repeat("", _columns)] : (string[])fields.Clone();
            foreach (var (column, text) in values) fields[column] = text;
        }

        var isAccepted = fields is not null && Check.Accepts(fields, cancellationToken);
        var state = _repaired.Contains(row.Row) ? RepairState.Repaired : isDropped ? RepairState.Dropped : isAccepted ? RepairState.Ready : RepairState.Left;
        IReadOnlyList<RejectionReason> reasons = state != RepairState.Left || !explain ? [] : fields is null ? row.Reasons : Check.Explain();
        return new RepairedRow(row.Row, row.Line, state, fields, edit is { IsNone: false } ? edit : null, reasons);
    }
}

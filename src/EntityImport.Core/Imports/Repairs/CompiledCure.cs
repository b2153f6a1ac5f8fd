using EntityImport.Catalog;
using EntityImport.Inputs;
using EntityImport.Rows;

namespace EntityImport.Imports.Repairs;

/// <summary>A cure, ready to be run by the import's own converters. Immutable and thread-safe.</summary>
internal sealed class CompiledCure
{
    private CompiledCure(RejectionCause cause, Cure cure, BoundField? before, BoundField? after, RecordShape? shape)
    {
        Cause = cause;
        Cure = cure;
        Before = before;
        After = after;
        Shape = shape;
    }

    /// <summary>The cause that it is for.</summary>
    public RejectionCause Cause { get; }

    /// <summary>What it is.</summary>
    public Cure Cure { get; }

    /// <summary>What reads the values without it; null where the cause is about records.</summary>
    public BoundField? Before { get; }

    /// <summary>What reads them with it; null likewise.</summary>
    public BoundField? After { get; }

    /// <summary>What judges records with it; null where the cause is about values.</summary>
    public RecordShape? Shape { get; }

    /// <summary>Compiles a cure.</summary>
    /// <param name="basis">What it is to be tried on.</param>
    /// <param name="cause">The cause that it is for.</param>
    /// <param name="cure">The cure.</param>
    /// <param name="faults">Where it is noted that it is none.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The cure; null where there are faults.</returns>
    public static CompiledCure? Compile(RepairBasis basis, RejectionCause cause, Cure cure, RequestFaults faults, CancellationToken cancellationToken)
    {
        var before = basis.FindField(cause.Field);
        if (cure.Drop) return new CompiledCure(cause, cure, before, before, shape: null);
        if (cause.Field is not null && before is null)
        {
            faults.Add("cause", "No column of the file goes into its field.");
            return null;
        }

        if (basis.Change(cure, before, faults, cancellationToken) is not var (definition, fields)) return null;
        return before is null
            ? new CompiledCure(cause, cure, null, null, new RecordShape(basis.Format.Columns, definition.Layout.HasHeader, definition.RaggedRows))
            : new CompiledCure(cause, cure, before, fields.First(field => field.Field.SystemName == before.Field.SystemName && field.Column == before.Column), shape: null);
    }

    /// <summary>Whether a row has a reason of the cause.</summary>
    public bool IsFor(IEnumerable<RejectionReason> reasons) => reasons.Any(reason => reason.Code == Cause.Code && reason.Field == Cause.Field && RejectionCause.Of(reason) == Cause);
}

/// <summary>What a cure makes of a row.</summary>
/// <param name="Fields">Its fields, as they are to be in a file under the same mapping.</param>
/// <param name="Before">The text that was refused.</param>
/// <param name="After">What it is read as; null where that is null, or the cause is about the record.</param>
internal sealed record CuredRow(string[] Fields, string? Before, string? After);

/// <summary>Runs a cure over rejected rows. Not thread-safe.</summary>
internal sealed class CureRun
{
    private readonly CompiledCure _cure;
    private readonly int _columns;
    private readonly OneRow _row;
    private readonly ColumnVector? _before;
    private readonly ColumnVector? _after;
    private readonly CanonicalText? _texts;

    public CureRun(RepairBasis basis, CompiledCure cure)
    {
        _cure = cure;
        _columns = basis.Format.Columns.Count;
        _row = new OneRow(basis.Format);
        if (cure is not { Before: { } before, After: { } after }) return;
        _before = new ColumnVector(before.Field);
        _after = new ColumnVector(after.Field);
        _texts = new CanonicalText(before.Field, basis.Definition, basis.TwoDigitYearStart);
    }

    /// <summary>The cure.</summary>
    public CompiledCure Cure => _cure;

    /// <summary>Runs it over a row of its cause.</summary>
    /// <param name="text">The row's text.</param>
    /// <param name="fields">Its fields; null where it could not be split into the file's columns.</param>
    /// <returns>What the row is then; null where it is not cured.</returns>
    public CuredRow? Apply(byte[] text, string[]? fields)
    {
        if (_cure.Shape is { } shape) return ApplyToRecord(shape, text);
        if (fields is null || _after is null) return null;
        var column = _cure.Before!.Column;
        var before = fields[column];
        var changed = (string[])fields.Clone();
        if (_cure.Cure.Text is { } change) changed[column] = TextChanges.Apply(change, before);
        if (!_row.Set(changed) || !_row.Read(_cure.After!, _after)) return null;
        var value = OneRow.Show(_row.Batch, _after, 0);
        // The entity is to change, and not the row.
        if (_cure.Cure.Entity is not null) return new CuredRow(fields, before, value);
        if (_cure.Cure.Definition is not null || _cure.Cure.Field is not null) changed[column] = _texts!.Write(_row.Batch, _after, 0);
        return _row.Set(changed) && _row.Read(_cure.Before, _before!) && OneRow.Show(_row.Batch, _before!, 0) == value ? new CuredRow(changed, before, value) : null;
    }

    /// <summary>The value that a text of the field has without the cure, as texts that are not the same can have the same; null where it is refused.</summary>
    public (string? Value, bool IsRead) ReadWithout(string[] fields) =>
        _before is not null && _row.Set(fields) && _row.Read(_cure.Before!, _before) ? (OneRow.Show(_row.Batch, _before, 0), true) : (null, false);

    private CuredRow? ApplyToRecord(RecordShape shape, byte[] text)
    {
        if (!_row.Set(text) || shape.Judge(_row.Batch[0]) != FaultCode.None) return null;
        var found = _row.Fields();
        var fields = new string[_columns];
        for (var column = 0; column < fields.Length; column++) fields[column] = column < found.Length ? found[column] : "";
        return new CuredRow(fields, null, null);
    }
}

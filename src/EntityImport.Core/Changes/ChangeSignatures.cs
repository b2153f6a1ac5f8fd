using EntityImport.Entities;

namespace EntityImport.Changes;

/// <summary>
/// What the changes of an import have in common that a person would want to be told in a sentence, found in one pass over them with bounded memory. Nothing is claimed for fewer records than it would take by chance. Not thread-safe.
/// </summary>
public sealed class ChangeSignatures
{
    private readonly IReadOnlyList<FieldDefinition> _fields;
    private readonly FieldChanges[] _changes;
    private readonly ExchangedFields _exchanged = new();
    private readonly RenamedKeys _keys = new();

    /// <summary>Prepares for changes.</summary>
    /// <param name="fields">The fields that may change, as the batches' <see cref="ChangeBatch.Columns"/> have them.</param>
    public ChangeSignatures(IEnumerable<FieldDefinition> fields)
    {
        _fields = [.. fields];
        _changes = [.. _fields.Select(FieldChanges.For)];
    }

    /// <summary>Looks at the next records, which are not needed after.</summary>
    public void Add(ChangeBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (batch.Kind != ChangeKind.Updated)
        {
            _keys.Look(batch);
            return;
        }

        for (var i = 0; i < _changes.Length; i++) _changes[i].Look(batch, batch.Columns[i]);
        _exchanged.Look(batch);
    }

    /// <summary>What was found: mistakes first, and each in the order of the fields.</summary>
    /// <param name="unchanged">How many records the import has that stay as they are. What is done to few of many was wanted more often.</param>
    public IReadOnlyList<ChangeFinding> Describe(long unchanged = 0)
    {
        var exchanged = _exchanged.Describe(_fields).ToList();
        var found = new List<ChangeFinding>(exchanged);
        if (_keys.Describe() is { } renamed) found.Add(renamed);
        foreach (var changes in _changes) found.AddRange(changes.Describe(unchanged));
        return [.. found.OrderBy(finding => finding.Grade)];
    }
}

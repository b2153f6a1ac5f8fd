using EntityImport.Entities;

namespace EntityImport.Changes;

/// <summary>
/// Some records that an import changes, adds or removes, as columns: whoever fills it copies values side by side, and nothing is made for a record. Reused from batch to batch; not thread-safe.
/// </summary>
public sealed class ChangeBatch
{
    /// <summary>The most records of a batch; of wide records, fewer take less memory.</summary>
    public const int Capacity = 2048;

    /// <summary>Makes room for records.</summary>
    /// <param name="entity">Their entity.</param>
    /// <param name="fields">The fields that may change; those of the key are none of them.</param>
    public ChangeBatch(EntityDefinition entity, IEnumerable<FieldDefinition> fields)
    {
        ArgumentNullException.ThrowIfNull(entity);
        Keys = [.. entity.Key.Select(field => new ChangeValues(field))];
        Columns = [.. fields.Select(field => new ChangeColumn(new ChangeValues(field), new ChangeValues(field)))];
    }

    /// <summary>What becomes of the records.</summary>
    public ChangeKind Kind { get; private set; }

    /// <summary>How many records there are.</summary>
    public int Count { get; private set; }

    /// <summary>The values of the fields of the key; none where the entity has no key.</summary>
    public IReadOnlyList<ChangeValues> Keys { get; }

    /// <summary>The fields that may change. They are filled for <see cref="ChangeKind.Updated"/> alone, with all values, changed or not.</summary>
    public IReadOnlyList<ChangeColumn> Columns { get; }

    /// <summary>Begins a batch: its values are present, and whatever they were before until they are set.</summary>
    /// <param name="kind">What becomes of the records.</param>
    /// <param name="count">How many there are, from 0 to <see cref="Capacity"/>.</param>
    public void Begin(ChangeKind kind, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Capacity);
        Kind = kind;
        Count = count;
        foreach (var key in Keys) key.Clear();
        foreach (var column in Columns)
        {
            column.Before.Clear();
            column.After.Clear();
        }
    }

    /// <summary>A record's key for people, its values joined by <c>/</c>; empty where there is none.</summary>
    internal string ShowKey(int record) => ShownText.Fit(string.Join('/', Keys.Select(key => key.Show(record))), ChangeValues.MaxShown);
}

/// <summary>The values of one field before and after.</summary>
/// <param name="Before">What the records have.</param>
/// <param name="After">What they will have.</param>
public sealed record ChangeColumn(ChangeValues Before, ChangeValues After);

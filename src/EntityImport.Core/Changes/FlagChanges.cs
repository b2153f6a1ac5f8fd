using EntityImport.Entities;

namespace EntityImport.Changes;

/// <summary>What the changes of a field of flags have in common. Each that changes is turned; what tells a mistake is that nearly all are, in both directions. Not thread-safe.</summary>
/// <param name="field">The field, a BOOLEAN.</param>
internal sealed class FlagChanges(FieldDefinition field) : FieldChanges(field)
{
    private const double LeastShare = 0.95;
    private const double Likelihood = 0.5;

    private readonly Sighting _turned = new();
    private long _becomeTrue;

    /// <inheritdoc/>
    protected override void LookAt(ChangeBatch batch, ChangeColumn column, int record)
    {
        _turned.Add(batch, column, record);
        _becomeTrue += column.After.Whole[record];
    }

    /// <inheritdoc/>
    protected override IEnumerable<ChangeFinding> DescribeOwn(long compared)
    {
        if (_turned.Count < LeastShare * compared || Math.Min(_becomeTrue, _turned.Count - _becomeTrue) < Chance.Fewest || !Chance.IsExcluded(_turned.Count, compared, Likelihood)) yield break;
        yield return Found(ChangeFinding.SignTurned, ChangeGrade.Mistake, _turned, compared, "flags are the other way round.");
    }
}

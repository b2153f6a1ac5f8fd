using System.Globalization;
using EntityImport.Entities;

namespace EntityImport.Changes;

/// <summary>Whether two fields have each other's values, as when columns are mapped the wrong way round. Not thread-safe.</summary>
internal sealed class ExchangedFields
{
    /// <summary>The records of a batch that are looked at first: where none of them shows it, no other is looked at.</summary>
    private const int Tried = 16;

    /// <summary>The most fields that are compared with one another.</summary>
    private const int MostFields = 64;

    /// <summary>The most pairs of fields that are counted.</summary>
    private const int MostPairs = 256;
    private const double LeastShare = 0.5;
    private const double Likelihood = 0.02;

    private readonly Dictionary<(int Left, int Right), Pair> _pairs = [];
    private readonly ulong[] _before = new ulong[MostFields * Tried];
    private readonly ulong[] _after = new ulong[MostFields * Tried];
    private readonly int[] _fields = new int[MostFields];

    /// <summary>Looks at changed records.</summary>
    public void Look(ChangeBatch batch)
    {
        var tried = Math.Min(Tried, batch.Count);
        var fields = FindChanging(batch, tried);
        for (var i = 0; i < fields; i++)
        {
            for (var j = i + 1; j < fields; j++)
            {
                var (left, right) = (batch.Columns[_fields[i]], batch.Columns[_fields[j]]);
                if (!AreAlike(left.Before.Field, right.Before.Field)) continue;
                if (_pairs.ContainsKey((_fields[i], _fields[j])) || Shows(i, j, tried)) Count(batch, _fields[i], _fields[j]);
            }
        }
    }

    /// <summary>What was found.</summary>
    /// <param name="columns">The fields.</param>
    public IEnumerable<ChangeFinding> Describe(IReadOnlyList<FieldDefinition> columns)
    {
        foreach (var ((left, right), pair) in _pairs.OrderBy(pair => pair.Key))
        {
            if (pair.Exchanged.Count < LeastShare * pair.Of || pair.Values.Estimate() < 3.5 || !Chance.IsExcluded(pair.Exchanged.Count, pair.Of, Likelihood)) continue;
            yield return new ChangeFinding
            {
                Code = ChangeFinding.FieldsExchanged,
                Grade = ChangeGrade.Mistake,
                Field = columns[left].SystemName,
                Count = pair.Exchanged.Count,
                Of = pair.Of,
                Message = string.Create(
                    CultureInfo.InvariantCulture, $"{columns[left].SystemName} and {columns[right].SystemName}: {pair.Exchanged.Count:N0} of {pair.Of:N0} records in which both change have the one's value in the other."),
                Examples = pair.Exchanged.Examples,
            };
        }
    }

    private static bool AreAlike(FieldDefinition left, FieldDefinition right) =>
        left.DataType == right.DataType && left.Scale == right.Scale && left.DataType != DataType.Boolean;

    /// <summary>Finds the fields that change in at least half of the records that are tried, and hashes their values.</summary>
    private int FindChanging(ChangeBatch batch, int tried)
    {
        var fields = 0;
        for (var i = 0; i < batch.Columns.Count && fields < MostFields; i++)
        {
            var column = batch.Columns[i];
            var changing = 0;
            for (var record = 0; record < tried; record++)
            {
                var changes = Changes(column, record);
                _before[fields * Tried + record] = changes ? column.Before.Hash(record) : 0;
                _after[fields * Tried + record] = changes ? column.After.Hash(record) : 0;
                if (changes) changing++;
            }

            if (changing * 2 >= tried) _fields[fields++] = i;
        }

        return fields;
    }

    private static bool Changes(ChangeColumn column, int record) => !column.Before.IsNull(record) && !column.After.IsNull(record) && !column.Before.IsEqual(record, column.After);

    private bool Shows(int left, int right, int tried)
    {
        for (var record = 0; record < tried; record++)
        {
            var (l, r) = (left * Tried + record, right * Tried + record);
            if (_before[l] != 0 && _before[l] == _after[r] && _before[r] == _after[l]) return _pairs.Count < MostPairs;
        }

        return false;
    }

    private void Count(ChangeBatch batch, int left, int right)
    {
        if (!_pairs.TryGetValue((left, right), out var pair)) _pairs[(left, right)] = pair = new Pair();
        var (one, other) = (batch.Columns[left], batch.Columns[right]);
        for (var record = 0; record < batch.Count; record++)
        {
            if (!Changes(one, record) || !Changes(other, record)) continue;
            pair.Of++;
            if (!one.Before.IsEqual(record, other.After) || !other.Before.IsEqual(record, one.After)) continue;
            pair.Exchanged.Add(batch, one, record);
            pair.Values.Add(one.Before.Hash(record));
        }
    }

    private sealed class Pair
    {
        public Sighting Exchanged { get; } = new();

        public Variety Values { get; } = new();

        public long Of { get; set; }
    }
}

using System.Globalization;
using System.Text;
using EntityImport.Entities;

namespace EntityImport.Changes;

/// <summary>What the changes of a field of texts have in common. Each change is taken for the first thing that it shows. Not thread-safe.</summary>
/// <param name="field">The field, a STRING.</param>
internal sealed class TextChanges(FieldDefinition field) : FieldChanges(field)
{
    /// <summary>How likely a text that changes for another reason looks so: next to never, since nearly all of its bytes must be what they were.</summary>
    private const double Likelihood = 0.005;

    /// <summary>The part of the changed texts that must show it; what damages texts is told of fewer.</summary>
    private const double LeastShare = 0.5;
    private const double LeastShareOfDamage = 0.2;

    private readonly Sighting _zerosLost = new();
    private readonly Sighting _zerosBack = new();
    private readonly Sighting _rewritten = new();
    private readonly Sighting _caseLost = new();
    private readonly Sighting _case = new();
    private readonly Sighting _spacesDamaged = new();
    private readonly Sighting _spaces = new();
    private readonly Sighting _cut = new();
    private readonly Dictionary<int, long> _cutLengths = [];
    private readonly Sighting _mojibake = new();
    private readonly Sighting _repaired = new();
    private readonly Sighting _lost = new();
    private readonly Sighting _escaped = new();
    private int _longestAfter;
    private long _withZeros;
    private long _digits;
    private long _foreign;

    /// <inheritdoc/>
    protected override void LookAt(ChangeBatch batch, ChangeColumn column, int record)
    {
        var before = column.Before.Text(record);
        var after = column.After.Text(record);
        var (isAscii, isAsciiAfter) = (Ascii.IsValid(before), Ascii.IsValid(after));
        var length = isAsciiAfter ? after.Length : Encoding.UTF8.GetCharCount(after);
        _longestAfter = Math.Max(_longestAfter, length);
        if (!isAscii) _foreign++;
        var isDigits = isAscii && !before.ContainsAnyExceptInRange((byte)'0', (byte)'9');
        if (isDigits) _digits++;
        var hasZeros = isDigits && before.Length > 1 && before[0] == '0';
        if (hasZeros) _withZeros++;
        if (column.Before.IsCut(record) || column.After.IsCut(record)) return;
        if (Sight(before, after, isAscii, isAsciiAfter, isDigits, hasZeros) is not { } sighting) return;
        sighting.Add(batch, column, record);
        if (sighting == _cut && (_cutLengths.Count < 64 || _cutLengths.ContainsKey(length))) _cutLengths[length] = _cutLengths.GetValueOrDefault(length) + 1;
    }

    /// <inheritdoc/>
    protected override IEnumerable<ChangeFinding> DescribeOwn(long compared)
    {
        if (Is(_zerosLost, _withZeros, LeastShareOfDamage)) yield return Found(ChangeFinding.LeadingZerosLost, ChangeGrade.Mistake, _zerosLost, _withZeros, "changed values that begin with zeros lose them.");
        else if (Is(_zerosBack, _digits, LeastShare)) yield return Found(ChangeFinding.LeadingZerosLost, ChangeGrade.Pattern, _zerosBack, _digits, "changed values of digits begin with zeros now, which they had lost.");
        if (Is(_rewritten, _digits, LeastShareOfDamage)) yield return Found(ChangeFinding.NumberRewritten, ChangeGrade.Mistake, _rewritten, _digits, "changed values of digits are written as a program writes numbers.");
        if (Is(_mojibake, _foreign, LeastShareOfDamage)) yield return Found(ChangeFinding.Mojibake, ChangeGrade.Mistake, _mojibake, _foreign, "changed values with characters outside of ASCII are what UTF-8 looks like that is read as windows-1252.");
        if (Is(_repaired, _foreign, LeastShare)) yield return Found(ChangeFinding.Mojibake, ChangeGrade.Pattern, _repaired, _foreign, "changed values with characters outside of ASCII were UTF-8 that had been read as windows-1252, and are put right.");
        if (Is(_lost, _foreign, LeastShareOfDamage)) yield return Found(ChangeFinding.CharactersLost, ChangeGrade.Mistake, _lost, _foreign, "changed values with characters outside of ASCII lose them.");
        if (Is(_escaped, Pairs, LeastShareOfDamage)) yield return Found(ChangeFinding.Escaped, ChangeGrade.Mistake, _escaped, Pairs, "changed values have quotes around them, or signs written as in HTML.");
        if (DescribeBoth(ChangeFinding.CaseOnly, _caseLost, _case, "changed values differ in the case of letters alone", "capitals and small letters are no longer told apart") is { } cases) yield return cases;
        if (DescribeBoth(ChangeFinding.SpacesOnly, _spacesDamaged, _spaces, "changed values differ in spaces alone", "there are too many of them, or none between words") is { } spaces) yield return spaces;
        if (Is(_cut, Pairs, LeastShare) && _cutLengths.MaxBy(length => length.Value) is var length && length.Value >= 0.75 * _cut.Count && length.Key == _longestAfter)
            yield return Found(ChangeFinding.TextsCut, ChangeGrade.Mistake, _cut, Pairs, string.Create(CultureInfo.InvariantCulture, $"changed values are the beginnings of what they were, most of them {length.Key} characters long."));
    }

    private bool Is(Sighting sighting, long of, double share) => sighting.Count >= share * of && Chance.IsExcluded(sighting.Count, of, Math.Max(Likelihood, LikelihoodOfOne));

    /// <summary>A change of form that either loses something or only tidies up.</summary>
    private ChangeFinding? DescribeBoth(string code, Sighting loses, Sighting tidies, string what, string loss)
    {
        if (Is(loses, Pairs, LeastShare)) return Found(code, ChangeGrade.Mistake, loses, Pairs, $"{what}: {loss}.");
        var both = loses.Count + tidies.Count;
        return both >= LeastShare * Pairs && Chance.IsExcluded(both, Pairs, Math.Max(Likelihood, LikelihoodOfOne)) ? Found(code, ChangeGrade.Pattern, both, Pairs, what + ".", [.. tidies.Examples.Concat(loses.Examples).Take(Sighting.MaxExamples)]) : null;
    }

    private Sighting? Sight(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after, bool isAscii, bool isAsciiAfter, bool isDigits, bool hasZeros)
    {
        if (isDigits)
        {
            if (hasZeros && after.SequenceEqual(TextForms.WithoutZeros(before))) return _zerosLost;
            if (after.Length > before.Length && after[0] == '0' && before.SequenceEqual(TextForms.WithoutZeros(after))) return _zerosBack;
            if (TextForms.IsNumberOf(before, after)) return _rewritten;
        }

        if (!isAscii)
        {
            if (TextForms.IsMojibake(before, after)) return _mojibake;
            if (!isAsciiAfter && TextForms.IsMojibake(after, before)) return _repaired;
            if (TextForms.HasLostCharacters(before, after)) return _lost;
        }

        if (after.Length > before.Length && TextForms.IsEscaped(before, after)) return _escaped;
        if (TextForms.DiffersInCase(before, after, isAscii && isAsciiAfter)) return TextForms.LosesCase(before, after) ? _caseLost : _case;
        if (TextForms.DiffersInSpaces(before, after)) return TextForms.IsTidied(before, after) ? _spaces : _spacesDamaged;
        return after.Length >= 4 && before.StartsWith(after) ? _cut : null;
    }
}

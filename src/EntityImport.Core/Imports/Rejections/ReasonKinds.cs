using System.Collections.Concurrent;
using EntityImport.Rows;

namespace EntityImport.Imports.Rejections;

/// <summary>
/// The kinds of reasons for which an import rejects rows. Rows have their kinds' numbers, so that what is the same for every row is kept once. There are few: a kind
/// follows from a field, a fault and a hint, of which each converter knows some dozens; where hints show what a value may mean, and so are as many as there are values, the first ones are told. Thread-safe.
/// </summary>
internal sealed class ReasonKinds
{
    /// <summary>How many hints are told for one fault of a field.</summary>
    private const int MostHints = 64;

    private readonly ConcurrentDictionary<(FaultCode Code, int Field, string? Hint), int> _numbers = new();
    private readonly Dictionary<(FaultCode Code, int Field), int> _hints = [];
    private readonly Lock _adding = new();
    private readonly List<ReasonKind> _kinds = [];

    /// <summary>All kinds, by their numbers; complete when no rows are added any more.</summary>
    public IReadOnlyList<ReasonKind> All => _kinds;

    /// <summary>The kinds so far, as they stay.</summary>
    public IReadOnlyList<ReasonKind> List()
    {
        lock (_adding) return [.. _kinds];
    }

    /// <summary>The number of a kind.</summary>
    /// <param name="code">The fault.</param>
    /// <param name="field">What tells kinds of one fault apart: the index of the bound field, or anything else that is used for this fault alone.</param>
    /// <param name="hint">The hint; null where there is none. It is left away where there are too many.</param>
    /// <param name="describe">Describes the kind, when it comes for the first time.</param>
    public int NumberOf(FaultCode code, int field, string? hint, Func<FaultCode, int, string?, ReasonKind> describe)
    {
        if (_numbers.TryGetValue((code, field, hint), out var number)) return number;
        lock (_adding)
        {
            if (hint is not null && _hints.GetValueOrDefault((code, field)) is var hints && !_numbers.ContainsKey((code, field, hint)))
            {
                if (hints >= MostHints) hint = null;
                else _hints[(code, field)] = hints + 1;
            }

            if (_numbers.TryGetValue((code, field, hint), out number)) return number;
            number = _kinds.Count;
            _kinds.Add(describe(code, field, hint));
            _numbers[(code, field, hint)] = number;
            return number;
        }
    }
}

/// <summary>What all reasons of a kind have in common.</summary>
/// <param name="Code">The stable code.</param>
/// <param name="Field">The entity's field; null where the record as a whole is at fault.</param>
/// <param name="Column">The file's column; null likewise.</param>
/// <param name="Pieces">The message: one piece, or more, with a number of the row's own between each two.</param>
internal sealed record ReasonKind(string Code, string? Field, string? Column, IReadOnlyList<string> Pieces);

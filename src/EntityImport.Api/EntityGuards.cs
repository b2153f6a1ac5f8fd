using System.ComponentModel;
using System.Text.Json.Serialization;

namespace EntityImport.Api;

/// <summary>What imports into an entity may not do, whatever their files say. A guard that is absent forbids nothing. What is read can be sent back as it is.</summary>
public sealed record EntityGuards
{
    /// <summary>The most records that a REPLACE may remove, from 0.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? MaxRemovedRecords { get; init; }

    /// <summary>The most that it may remove in percent of the records before, 0 to 100.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? MaxRemovedPercent { get; init; }

    /// <summary>The most rows that may be rejected in percent of the file's, 0 to 100.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? MaxRejectedPercent { get; init; }

    /// <summary>The fewest rows that a file may have in percent of those of the last import, 0 to 1000.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? MinRowsPercent { get; init; }

    /// <summary>Whether the file must have the columns of the last import, in their order.</summary>
    [DefaultValue(false)]
    public bool SameHeader { get; init; }

    /// <summary>How many values of fields of numbers may move, and how far.</summary>
    public IReadOnlyList<MoveGuard> Moves { get; init; } = [];

    /// <summary>How many values of fields may become empty.</summary>
    public IReadOnlyList<EmptiedGuard> Emptied { get; init; } = [];
}

/// <summary>At most a part of a field's values may move by more than a percentage.</summary>
/// <param name="Field">The field, one of numbers.</param>
/// <param name="ByPercent">By more than how many percent of what it was a value moves, 0 to 1,000,000.</param>
/// <param name="MaxPercent">The most values that may, in percent of those that were there, 0 to 100.</param>
public sealed record MoveGuard(string Field, decimal ByPercent, decimal MaxPercent);

/// <summary>At most a part of a field's values may become empty.</summary>
/// <param name="Field">The field, one that is not required.</param>
/// <param name="MaxPercent">The most values that may, in percent of those that were there, 0 to 100.</param>
public sealed record EmptiedGuard(string Field, decimal MaxPercent);

using EntityImport.Catalog;

namespace EntityImport.Imports.Repairs;

/// <summary>Cures of a cause, each run over its rows and over those that were accepted.</summary>
/// <param name="Cause">The cause.</param>
/// <param name="Rows">How many rows it has.</param>
/// <param name="AcceptedRows">How many rows the import accepted, over which cures were run, too.</param>
/// <param name="Cures">The cures: first those that make of the edited value what the edit makes of it, then those that cure the most rows, at the expense of the fewest accepted ones.</param>
public sealed record CureReport(RejectionCause Cause, long Rows, long AcceptedRows, IReadOnlyList<MeasuredCure> Cures);

/// <summary>A cure, and what it was seen to do.</summary>
/// <param name="Cure">The cure.</param>
/// <param name="Text">What it does, as a phrase.</param>
/// <param name="Accepted">How many of the cause's rows it cures.</param>
/// <param name="Left">How many it does not.</param>
/// <param name="Ready">How many of those that it cures have nothing else that is wrong with them, but for their keys.</param>
/// <param name="Differing">How many accepted rows would have been read otherwise, or rejected: more than none means that it is no repair, but a finding about these.</param>
/// <param name="ReproducesEdit">Whether it makes of the edited value what the edit makes of it; null where there was no edit.</param>
public sealed record MeasuredCure(Cure Cure, string Text, long Accepted, long Left, long Ready, long Differing, bool? ReproducesEdit)
{
    /// <summary>Some rows that it cures: the text before, and the value that it is read as.</summary>
    public IReadOnlyList<CureExample> Examples { get; init; } = [];

    /// <summary>Some rows that it leaves.</summary>
    public IReadOnlyList<CureExample> LeftExamples { get; init; } = [];

    /// <summary>Some accepted rows that would have been read otherwise: the value that was read, and the one that would have been.</summary>
    public IReadOnlyList<CureExample> DifferingExamples { get; init; } = [];
}

/// <summary>A row that a cure was run over.</summary>
/// <param name="Row">The row, from 1.</param>
/// <param name="Line">The line on which it begins, from 1.</param>
/// <param name="Before">What was there; where the cause is about whole records, the record.</param>
/// <param name="After">What it becomes, likewise; null where that is null, or the row is rejected.</param>
public sealed record CureExample(long Row, long Line, string? Before, string? After);

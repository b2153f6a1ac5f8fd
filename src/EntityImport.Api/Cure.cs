using System.Text.Json;

namespace EntityImport.Api;

/// <summary>A cause for which cures are asked for.</summary>
public sealed record CureRequest
{
    /// <summary>The cause's id.</summary>
    public required string Cause { get; init; }

    /// <summary>What somebody has made of one of its values: the cures that make the same of it come first.</summary>
    public CureEdit? Edit { get; init; }

    /// <summary>A cure that is to be measured, in place of those that the service finds.</summary>
    public Cure? Cure { get; init; }
}

/// <summary>An edit of a refused text.</summary>
/// <param name="Row">The row, which has the cause.</param>
/// <param name="Value">The text that is in its place.</param>
public sealed record CureEdit(long Row, string Value);

/// <summary>What would make values good that were rejected for one cause: they are read otherwise, or changed before. Members that are not null hold together.</summary>
public sealed record Cure
{
    /// <summary>Members of a mapping's definition; what they say holds for the values of the cause alone.</summary>
    public JsonElement? Definition { get; init; }

    /// <summary>Members of the field in the definition's <c>fields</c>, likewise.</summary>
    public JsonElement? Field { get; init; }

    /// <summary>Of the entity's field, length, precision and scale: to be carried out by <c>PUT /v1/LogicalEntity</c>, after which the rows are good as they are.</summary>
    public JsonElement? Entity { get; init; }

    /// <summary>What is done to the texts before they are read.</summary>
    public TextChange? Text { get; init; }

    /// <summary>Whether the rows are left out.</summary>
    public bool Drop { get; init; }
}

/// <summary>What is done to texts, in the order of the members.</summary>
public sealed record TextChange
{
    /// <summary>Whether white space at both ends is cut.</summary>
    public bool Trim { get; init; }

    /// <summary>A text that is taken away at the beginning and at the end, with spaces beside it.</summary>
    public string? Strip { get; init; }

    /// <summary>How many characters a text is brought to.</summary>
    public int? PadTo { get; init; }

    /// <summary>By which character in front.</summary>
    public string? PadWith { get; init; }
}

/// <summary>Cures of a cause, each run over its rows and over those that were accepted.</summary>
/// <param name="Cause">The cause's id.</param>
/// <param name="Rows">How many rows it has.</param>
/// <param name="AcceptedRows">How many rows the import accepted, over which cures were run, too.</param>
/// <param name="Cures">The cures: first those that make of the edited value what the edit makes of it, then those that cure the most rows.</param>
public sealed record CureReport(string Cause, long Rows, long AcceptedRows, IReadOnlyList<MeasuredCure> Cures);

/// <summary>A cure, and what it was seen to do.</summary>
/// <param name="Cure">The cure.</param>
/// <param name="Text">What it does, as a phrase.</param>
/// <param name="Accepted">How many of the cause's rows it cures.</param>
/// <param name="Left">How many it does not.</param>
/// <param name="Ready">How many of those that it cures have nothing else that is wrong with them, but for their keys.</param>
/// <param name="Differing">How many accepted rows would have been read otherwise, or rejected: more than none means that it is no repair, but a finding about these.</param>
/// <param name="ReproducesEdit">Whether it makes of the edited value what the edit makes of it; null where there was no edit.</param>
/// <param name="Examples">Some rows that it cures: the text before, and the value that it is read as.</param>
/// <param name="LeftExamples">Some rows that it leaves.</param>
/// <param name="DifferingExamples">Some accepted rows that would have been read otherwise: the value that was read, and the one that would have been.</param>
public sealed record MeasuredCure(
    Cure Cure,
    string Text,
    long Accepted,
    long Left,
    long Ready,
    long Differing,
    bool? ReproducesEdit,
    IReadOnlyList<CureExample> Examples,
    IReadOnlyList<CureExample> LeftExamples,
    IReadOnlyList<CureExample> DifferingExamples);

/// <summary>A row that a cure was run over.</summary>
/// <param name="Row">The row, from 1.</param>
/// <param name="Line">The line on which it begins, from 1.</param>
/// <param name="Before">What was there; where the cause is about whole records, the record.</param>
/// <param name="After">What it becomes, likewise; null where that is null, or the row is rejected.</param>
public sealed record CureExample(long Row, long Line, string? Before, string? After);

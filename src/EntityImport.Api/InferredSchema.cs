using System.Text.Json;

namespace EntityImport.Api;

/// <summary>A proposed entity and mapping.</summary>
/// <param name="Entity">The entity.</param>
/// <param name="Mapping">The mapping: <c>entitySystemName</c> and <c>definition</c>.</param>
/// <param name="Columns">What each column of the sample was judged on, in file order.</param>
/// <param name="Warnings">Columns of dates and numbers that another reading fits, too, in file order.</param>
public sealed record InferredSchema(Entity Entity, JsonElement Mapping, IReadOnlyList<InferredColumn> Columns, IReadOnlyList<ImportWarning> Warnings)
{
    /// <summary>What was found in the file beside its columns' types.</summary>
    public IReadOnlyList<InferenceFinding> Findings { get; init; } = [];

    /// <summary>What the sample leaves open. As long as there is anything, the mapping is a guess: state an answer in the definition, and infer again.</summary>
    public IReadOnlyList<InferenceQuestion> Questions { get; init; } = [];

    /// <summary>Whether the key is a guess from the sample.</summary>
    public bool KeyIsProposed { get; init; }

    /// <summary>How the sample is written; null from servers that do not say so yet.</summary>
    public InferredFormat? Format { get; init; }

    /// <summary>The SHA-256 of the names of the columns, each followed by a zero byte, in lower-case hexadecimal: by it mappings are found that were used for such files. Null from servers that do not say so yet.</summary>
    public string? HeaderSha256 { get; init; }
}

/// <summary>How a sample is written, and how much of it could be read.</summary>
/// <param name="Encoding">The IANA name of its encoding.</param>
/// <param name="Delimiter">What separates its fields.</param>
/// <param name="Records">Records that were read, the header not included.</param>
/// <param name="UnreadableRecords">Those of them that cannot be split into the header's columns: they were not judged, and an import rejects them.</param>
/// <param name="IsWholeFile">Whether the sample is all of the file.</param>
public sealed record InferredFormat(string Encoding, string Delimiter, long Records, long UnreadableRecords, bool IsWholeFile);

/// <summary>Why a column goes into a field of an entity that exists.</summary>
/// <param name="Kind">What its name and the field's have in common: <c>STATED</c>, <c>EXACT</c>, <c>IGNORING_CASE</c>, <c>DISPLAY_NAME</c>, <c>ALIKE</c> (but for separators and accents), or <c>PLACE</c>, nothing, where the file names no columns and only their order says it.</param>
/// <param name="Confidence">How sure that is, from 0 to 1.</param>
/// <param name="Why">That as a sentence.</param>
/// <param name="Alternatives">System names of other fields that its name fits, too, the likeliest first.</param>
public sealed record InferredMatch(string Kind, double Confidence, string Why, IReadOnlyList<string> Alternatives);

/// <summary>What was found in a file, and what is proposed because of it.</summary>
/// <param name="Code">A stable code, such as <c>encoding.guessed</c>.</param>
/// <param name="Column">The column that it is about; null where it is about the file.</param>
/// <param name="Message">What was found, on which evidence, and what to do where it is wrong.</param>
public sealed record InferenceFinding(string Code, string? Column, string Message);

/// <summary>What a sample leaves open although values depend on it.</summary>
/// <param name="Kind">What is open: <c>ENCODING</c>, <c>READING</c> (of dates or numbers), <c>KEY</c> or <c>DELIMITER</c>.</param>
/// <param name="Column">The column that it is about; null where it is about the file.</param>
/// <param name="Message">The question, with what speaks for each answer.</param>
/// <param name="Answers">The possible answers, the likeliest first.</param>
public sealed record InferenceQuestion(string Kind, string? Column, string Message, IReadOnlyList<InferenceAnswer> Answers);

/// <summary>An answer to a question.</summary>
/// <param name="Meaning">What it means for the file, with examples.</param>
/// <param name="Definition">The members of the definition that state it; empty where it is not stated there.</param>
/// <param name="Key">The columns of the key that it chooses; empty where it is about something else.</param>
public sealed record InferenceAnswer(string Meaning, JsonElement Definition, IReadOnlyList<string> Key);

/// <summary>What a column was judged on.</summary>
/// <param name="CsvColumnName">The column's name in the file.</param>
/// <param name="Field">The proposed field; null where the column is not imported.</param>
/// <param name="Rows">Records that were looked at.</param>
/// <param name="Empty">Those of them in which it is empty.</param>
/// <param name="Examples">The first different values, at most three.</param>
/// <param name="MaxLength">Unicode code points of the longest value.</param>
/// <param name="Why">Why the type and format were chosen.</param>
public sealed record InferredColumn(string CsvColumnName, EntityField? Field, long Rows, long Empty, IReadOnlyList<string> Examples, int MaxLength, string Why)
{
    /// <summary>Values that the field does not accept as the mapping reads them.</summary>
    public long Refused { get; init; }

    /// <summary>For a column that is proposed as <c>STRING</c>: the type that notably many of its values would have, which others do not; null where there is none.</summary>
    public string? Mostly { get; init; }

    /// <summary>Why the column goes into that field of an entity that exists; null where it goes into none, or the entity is proposed.</summary>
    public InferredMatch? Match { get; init; }
}

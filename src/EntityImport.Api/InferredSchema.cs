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
}

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
public sealed record InferredColumn(string CsvColumnName, EntityField? Field, long Rows, long Empty, IReadOnlyList<string> Examples, int MaxLength, string Why);

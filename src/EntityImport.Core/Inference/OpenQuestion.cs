using System.Text.Json.Nodes;

namespace EntityImport.Inference;

/// <summary>What a sample leaves open although values depend on it. Whoever asked has to answer, by stating members of the definition, before anything is imported.</summary>
/// <param name="Kind">What is open.</param>
/// <param name="Column">The column that it is about; null where it is about the file.</param>
/// <param name="Message">The question, with what speaks for each answer, as sentences.</param>
/// <param name="Answers">The possible answers, at least two, the likeliest first.</param>
public sealed record OpenQuestion(QuestionKind Kind, string? Column, string Message, IReadOnlyList<PossibleAnswer> Answers);

/// <summary>What a sample can leave open.</summary>
public enum QuestionKind
{
    /// <summary>Which encoding the file is in.</summary>
    Encoding,

    /// <summary>How a column of dates, or of numbers, is to be read.</summary>
    Reading,

    /// <summary>Which columns identify a record.</summary>
    Key,

    /// <summary>What separates the fields.</summary>
    Delimiter,

    /// <summary>Whether quotes enclose line ends.</summary>
    Lines,
}

/// <summary>An answer to an <see cref="OpenQuestion"/>.</summary>
/// <param name="Meaning">What it means for the file, with examples of what would be stored.</param>
/// <param name="Definition">The members of the definition that state it; empty where it is not stated in a definition.</param>
/// <param name="Key">The columns of the key that it chooses; empty where it is about something else.</param>
public sealed record PossibleAnswer(string Meaning, JsonObject Definition, IReadOnlyList<string> Key);

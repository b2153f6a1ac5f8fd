namespace EntityImport.Inference;

/// <summary>What was found in a file beside the types of its columns, and what is proposed because of it: such as lines above the header, or an encoding that is a guess.</summary>
/// <param name="Code">A stable code, such as <c>encoding.guessed</c>.</param>
/// <param name="Column">The column that it is about; null where it is about the file.</param>
/// <param name="Message">What was found, on which evidence, and what to do where it is wrong, as sentences.</param>
public sealed record Finding(string Code, string? Column, string Message);

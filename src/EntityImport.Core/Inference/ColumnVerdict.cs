using EntityImport.Entities;

namespace EntityImport.Inference;

/// <summary>What a column was found to be.</summary>
/// <param name="Type">The type.</param>
/// <param name="Why">Why, in one or more sentences.</param>
/// <param name="Precision">For decimals: digits in all.</param>
/// <param name="Scale">For decimals: digits after the point.</param>
/// <param name="Pattern">For dates: the pattern.</param>
/// <param name="Mostly">For text: what notably many of its values would be, which others are not; null where there is no such type.</param>
internal sealed record ColumnVerdict(DataType Type, string Why, int Precision = 0, int Scale = 0, GuessedPattern? Pattern = null, DataType? Mostly = null);

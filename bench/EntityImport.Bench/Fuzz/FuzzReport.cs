namespace EntityImport.Bench.Fuzz;

/// <summary>What came of fuzzing a target.</summary>
/// <param name="Executions">How many inputs were run.</param>
/// <param name="Seconds">How much processor time that took.</param>
/// <param name="Edges">How many edges of the code they took.</param>
/// <param name="Kept">How many of them took a new way, those that it began with included.</param>
/// <param name="Failure">What was found; null where nothing was.</param>
/// <param name="Input">The input that shows it.</param>
internal sealed record FuzzReport(long Executions, double Seconds, int Edges, int Kept, string? Failure = null, byte[]? Input = null);

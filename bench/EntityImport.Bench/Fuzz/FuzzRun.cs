namespace EntityImport.Bench.Fuzz;

/// <summary>How targets are to be fuzzed.</summary>
/// <param name="Seed">What inputs are drawn from.</param>
/// <param name="Time">For how much processor time, each target.</param>
/// <param name="Executions">The most inputs of each target. Two runs that reach it do the same.</param>
/// <param name="Finds">The folder where inputs that fail are kept.</param>
internal sealed record FuzzRun(int Seed, TimeSpan Time, long Executions, string Finds);

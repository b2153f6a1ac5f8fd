namespace EntityImport.Bench.RandomEntities;

/// <summary>The service did otherwise than the model.</summary>
internal sealed class DifferenceException(string message) : Exception(message);

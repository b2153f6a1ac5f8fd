namespace EntityImport.Storage;

/// <summary>Figures of an import that must be equal are not: the service is at fault, and would be again. Nothing may be committed.</summary>
/// <param name="message">The figures, as a sentence.</param>
public sealed class LedgerException(string message) : Exception(message);

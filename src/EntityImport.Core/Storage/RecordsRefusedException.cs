namespace EntityImport.Storage;

/// <summary>Whoever runs the database demands something of records there that these do not fulfil, as a unique index does. Nothing was written, and it would be so again.</summary>
/// <param name="message">By what they are refused, as a sentence.</param>
public sealed class RecordsRefusedException(string message) : Exception(message);

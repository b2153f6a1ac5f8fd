namespace EntityImport.Imports;

/// <summary>The file as a whole cannot be imported as its mapping describes it: the client's fault, told in the import's message.</summary>
internal sealed class FileFaultException(string message) : Exception(message);

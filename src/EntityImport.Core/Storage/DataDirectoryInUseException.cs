namespace EntityImport.Storage;

/// <summary>Another process holds the data directory open.</summary>
public sealed class DataDirectoryInUseException(string message, Exception inner) : Exception(message, inner);

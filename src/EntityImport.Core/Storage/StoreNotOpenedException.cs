namespace EntityImport.Storage;

/// <summary>The store is there, but cannot be opened; the message says why and what an operator can do. Nothing was changed.</summary>
public sealed class StoreNotOpenedException(string message, Exception? inner = null) : Exception(message, inner);

namespace EntityImport.Files;

/// <summary>Files cannot be reached at the moment, or the store that keeps them refuses this service: nothing is said about the files themselves, and trying again later may help.</summary>
public sealed class FilesUnavailableException(string message, Exception? inner = null) : IOException(message, inner);

namespace EntityImport.Client;

/// <summary>How much of a file has arrived.</summary>
/// <param name="Offset">How many bytes; the next ones belong there.</param>
/// <param name="IsComplete">Whether that is all of it.</param>
public sealed record UploadProgress(long Offset, bool IsComplete);

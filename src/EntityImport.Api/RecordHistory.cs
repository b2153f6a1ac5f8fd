using System.Text.Json;

namespace EntityImport.Api;

/// <summary>The story of a record, as far back as it is known.</summary>
/// <param name="EntitySystemName">The entity.</param>
/// <param name="Now">The record as it is, an object of its fields; null where there is none.</param>
/// <param name="Changes">What happened to it, newest first.</param>
/// <param name="IsComplete">Whether that begins with its insertion; else it was there before changes were kept, or they are kept no longer.</param>
public sealed record RecordHistory(string EntitySystemName, JsonElement? Now, IReadOnlyList<HistoryEntry> Changes, bool IsComplete);

/// <summary>What an import did to a record.</summary>
/// <param name="Kind">INSERTED, UPDATED or REMOVED.</param>
/// <param name="ImportId">The import; null where it is not known any more.</param>
/// <param name="Undoes">The import that this one was the undo of; null where it was none.</param>
/// <param name="At">When it ended; null where it is not known any more.</param>
/// <param name="InvokedBy">Who invoked it; null where callers are not known.</param>
/// <param name="Before">The record before, an object of its fields; null where it was not there.</param>
/// <param name="After">The record after; null where it was taken out.</param>
public sealed record HistoryEntry(string Kind, Guid? ImportId, Guid? Undoes, DateTimeOffset? At, string? InvokedBy, JsonElement? Before, JsonElement? After);

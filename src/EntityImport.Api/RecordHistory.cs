using System.Text.Json;
using System.Text.Json.Serialization;

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
/// <param name="Source">Which row of the import's file did it; absent where that was not asked for, of an undo, of what was removed, and where the import is not known any more.</param>
public sealed record HistoryEntry(
    string Kind,
    Guid? ImportId,
    Guid? Undoes,
    DateTimeOffset? At,
    string? InvokedBy,
    JsonElement? Before,
    JsonElement? After,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] EntrySource? Source = null);

/// <summary>Which row of an import's file an entry of a story comes from.</summary>
/// <param name="State">Whether the row was found.</param>
/// <param name="Row">The row, 1 = the first after the header; null where it was not found.</param>
/// <param name="Line">The line on which it begins, from 1; null where it was not found.</param>
public sealed record EntrySource(EntrySourceState State, long? Row, long? Line);

/// <summary>Whether the row of an entry was found.</summary>
public enum EntrySourceState
{
    /// <summary>It was.</summary>
    Found,

    /// <summary>The file is kept no longer.</summary>
    Expired,

    /// <summary>No row of the file has the record's key, as entity and mapping read it now.</summary>
    NotFound,

    /// <summary>The story is longer than is looked up at once: the 20 newest entries that come from rows are.</summary>
    NotLookedUp,
}

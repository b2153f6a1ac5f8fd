using EntityImport.DuckDb.Connections;
using EntityImport.Storage;

namespace EntityImport.DuckDb.Rows;

/// <summary>The rows that a delta is found of: those of the file, while it is read, or those that were staged before.</summary>
/// <param name="feed">What reads the file.</param>
internal sealed class LoadedRows(RowFunction.Feed feed)
{
    /// <summary>What reads the file.</summary>
    public RowFunction.Feed Feed => feed;

    /// <summary>The table that they were staged in; null where they were not.</summary>
    public string? Staged { get; init; }

    /// <summary>Whether their digests were staged, and not their values.</summary>
    public bool AreDigests { get; init; }

    /// <summary>A table of one row with the values that replace nulls in new records; null where nothing replaces them.</summary>
    public string? Defaults { get; init; }

    /// <summary>How many were staged, those included that were taken out again.</summary>
    public long StagedCount { get; init; }

    /// <summary>How many have reached the store.</summary>
    public long Received => Staged is null ? feed.Received : StagedCount;

    /// <summary>Rows that are left out because a later one has their key.</summary>
    public long Superseded { get; init; }

    /// <summary>The relation of their values.</summary>
    public string Values => Staged is null ? feed.Sql : AreDigests ? $"(FROM {feed.Sql} {Sql.Row} SEMI JOIN {Staged} {Sql.Target} ON {Sql.SameRow})" : Staged;

    /// <summary>The relation of their digests and numbers.</summary>
    public string Digests => Staged ?? $"({Rows.Digests.Of(feed.Sql, feed.Rows.Fields)})";

    /// <summary>A value, or the field's default where it is null.</summary>
    public string WithDefault(string value, LoadedField field) => field.Default is null ? value : $"coalesce({value}, (SELECT {Sql.Column(field.Field)} FROM {Defaults}))";
}

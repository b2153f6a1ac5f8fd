using System.Text.Json;
using System.Text.Json.Serialization;

namespace EntityImport.Api;

/// <summary>A mapping as clients send it.</summary>
public sealed record MappingDocument
{
    /// <summary>The entity that the rows go into.</summary>
    public required string EntitySystemName { get; init; }

    /// <summary>How the file is written and which columns go into which fields; absent means all defaults.</summary>
    public ImportDefinition? Definition { get; init; }
}

/// <summary>A merge patch of a mapping as clients send it.</summary>
public sealed record MappingPatch
{
    /// <summary>The entity that the rows go into.</summary>
    public string? EntitySystemName { get; init; }

    /// <summary>Members of the definition to change; null takes one away.</summary>
    public ImportDefinition? Definition { get; init; }
}

/// <summary>A mapping was created.</summary>
/// <param name="MappingId">The mapping's id.</param>
public sealed record MappingCreated(Guid MappingId);

/// <summary>A page of the list of mappings.</summary>
/// <param name="Mappings">The mappings, newest first.</param>
/// <param name="NextCursor">The cursor of the next page; null where there is none.</param>
public sealed record MappingPage(IReadOnlyList<StoredMapping> Mappings, string? NextCursor);

/// <summary>A mapping as stored.</summary>
/// <param name="MappingId">The mapping's id, the same for all revisions.</param>
/// <param name="Revision">The revision, from 1; each PATCH makes the next.</param>
/// <param name="EntitySystemName">The entity that it is for.</param>
/// <param name="Definition">The definition as it was sent, with all patches applied.</param>
/// <param name="CreatedDate">When this revision was made.</param>
public sealed record StoredMapping(Guid MappingId, int Revision, string EntitySystemName, JsonElement Definition, DateTimeOffset CreatedDate)
{
    /// <summary>In the list of mappings, the last import that brought rows in by it, into this entity, and was not undone; absent where there is none, and elsewhere.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public MappingUse? LastUse { get; init; }
}

/// <summary>An import that brought rows in by a mapping.</summary>
/// <param name="ImportId">The import.</param>
/// <param name="Revision">The revision that it was read by, which need not be the newest.</param>
/// <param name="Date">When it ended.</param>
/// <param name="HeaderSha256">The SHA-256 of the names of its file's columns, each followed by a zero byte, in lower-case hexadecimal.</param>
public sealed record MappingUse(Guid ImportId, int Revision, DateTimeOffset Date, string HeaderSha256);

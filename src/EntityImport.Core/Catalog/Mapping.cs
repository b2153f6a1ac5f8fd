namespace EntityImport.Catalog;

/// <summary>One revision of a mapping. Immutable: a PATCH makes the next revision.</summary>
public sealed record Mapping
{
    /// <summary>The mapping's id, the same for all revisions.</summary>
    public required Guid Id { get; init; }

    /// <summary>The revision, from 1.</summary>
    public required int Revision { get; init; }

    /// <summary>The entity that it is for, as the entity spells its name.</summary>
    public required string EntitySystemName { get; init; }

    /// <summary>The JSON that was sent, with all patches applied: <c>entitySystemName</c> and <c>definition</c>.</summary>
    public required string Document { get; init; }

    /// <summary>When this revision was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}

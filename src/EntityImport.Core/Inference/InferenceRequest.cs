using System.Text.Json;
using EntityImport.Entities;

namespace EntityImport.Inference;

/// <summary>What a schema is inferred from.</summary>
public sealed record InferenceRequest
{
    /// <summary>The bytes of a CSV file from its beginning, in its own encoding.</summary>
    public required ReadOnlyMemory<byte> Sample { get; init; }

    /// <summary>Whether the sample is all of the file. Otherwise the record that it ends in is not judged, and decimals get more room.</summary>
    public bool IsWholeFile { get; init; } = true;

    /// <summary>The entity that is proposed or, where <see cref="Entity"/> is given, its name.</summary>
    public required string EntitySystemName { get; init; }

    /// <summary>The name of the proposed entity for people; null where there is none.</summary>
    public string? EntityDisplayName { get; init; }

    /// <summary>What is known of the file's format: a mapping's <c>definition</c>, any part of it. Nothing that it states is changed.</summary>
    public JsonElement? Definition { get; init; }

    /// <summary>The encoding of the file before this one, which decides where the bytes of this one do not; null where there is none.</summary>
    public string? UsualEncoding { get; init; }

    /// <summary>Headers or system names of the key's columns; empty means that a key is proposed.</summary>
    public IReadOnlyList<string> Key { get; init; } = [];

    /// <summary>The entity that the file is to go into; null means that one is proposed. With it, only the file's format is inferred.</summary>
    public EntityDefinition? Entity { get; init; }

    /// <summary>What the stated definition must keep to, as if it were saved.</summary>
    public Limits Limits { get; init; } = new();

    /// <summary>The present day in UTC, which two-digit years depend on.</summary>
    public required DateOnly Today { get; init; }
}

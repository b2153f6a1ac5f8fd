using System.Text.Json.Nodes;
using EntityImport.Entities;

namespace EntityImport.Mappings;

/// <summary>What the value of a member of a definition is in JSON.</summary>
public enum MemberKind
{
    /// <summary>A text of at most <see cref="DefinitionMember.Most"/> characters.</summary>
    Text,

    /// <summary>One of <see cref="DefinitionMember.Words"/>, ignoring case.</summary>
    Word,

    /// <summary>true or false.</summary>
    Flag,

    /// <summary>A whole number from <see cref="DefinitionMember.Least"/> to <see cref="DefinitionMember.Most"/>.</summary>
    Number,

    /// <summary>At most <see cref="DefinitionMember.Most"/> texts.</summary>
    Texts,

    /// <summary>A number of rows, or a percentage as a text: <c>"5%"</c>.</summary>
    FailureLimit,

    /// <summary>At most <see cref="DefinitionMember.Most"/> objects with the members of <see cref="DefinitionMembers.OfField"/>.</summary>
    Fields,

    /// <summary>A date format of at most <see cref="DefinitionMember.Most"/> characters, or an array of 1 to <see cref="Conversion.DateFormats.MaxCount"/> of them.</summary>
    DateFormats,

    /// <summary>A text of at most <see cref="DefinitionMember.Most"/> characters, or an array of such texts.</summary>
    TextOrTexts,

    /// <summary>An array of <see cref="DefinitionMember.Words"/>, ignoring case.</summary>
    Words,

    /// <summary>An object of at most <see cref="DefinitionMember.Most"/> members, whose values are texts or null.</summary>
    TextMap,
}

/// <summary>One member of a definition, or of one of its fields: a line of <see cref="DefinitionMembers"/>. Immutable.</summary>
public abstract record DefinitionMember
{
    private protected DefinitionMember(string name, MemberKind kind, string description)
    {
        Name = name;
        Kind = kind;
        Description = description;
    }

    /// <summary>The name in JSON.</summary>
    public string Name { get; }

    /// <summary>What its value is.</summary>
    public MemberKind Kind { get; }

    /// <summary>What holds where it is absent, as it would be written; null where nothing does, or <see cref="AbsentMeans"/>.</summary>
    public abstract JsonNode? Default { get; }

    /// <summary>What holds where it is absent, in words: <c>the locale's</c>; null where it is <see cref="Default"/>.</summary>
    public string? AbsentMeans { get; init; }

    /// <summary>What it means, as a sentence.</summary>
    public string Description { get; }

    /// <summary>A value other than the default.</summary>
    public abstract JsonNode Example { get; }

    /// <summary>The words that it can be; empty for other kinds.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>The least number that it can be; null for other kinds.</summary>
    public int? Least { get; init; }

    /// <summary>The largest number that it can be, or the most characters or elements that it can have when a mapping is saved, as long as <see cref="Limits"/> are what they are by default.</summary>
    public int? Most { get; init; }

    /// <summary>Whether it may not be absent.</summary>
    public bool IsRequired { get; init; }

    /// <summary>Whether it says how values are written, which tends to be the same for all files of an entity.</summary>
    public bool IsValueFormat { get; init; }
}

/// <summary>A member with the ways in which it is read and written.</summary>
/// <typeparam name="T">What has the member: a definition, or a field of one.</typeparam>
internal sealed record DefinitionMember<T> : DefinitionMember
{
    private readonly Func<T, DefinitionReading, T> _read;
    private readonly Func<T, JsonNode?> _write;
    private readonly JsonNode? _default;
    private readonly string _example;

    /// <param name="name">The name in JSON.</param>
    /// <param name="kind">What its value is.</param>
    /// <param name="read">Reads it into what has it, and notes its faults; where it is absent or at fault, nothing changes.</param>
    /// <param name="write">Writes it; null where it has no value.</param>
    /// <param name="absent">What has it by default.</param>
    /// <param name="example">A value other than the default.</param>
    /// <param name="description">What it means.</param>
    public DefinitionMember(
        string name, MemberKind kind, Func<T, DefinitionReading, T> read, Func<T, JsonNode?> write, T absent, JsonNode example, string description)
        : base(name, kind, description)
    {
        _read = read;
        _write = write;
        _default = write(absent);
        _example = example.ToJsonString();
    }

    /// <inheritdoc/>
    public override JsonNode? Default => _default?.DeepClone();

    /// <inheritdoc/>
    public override JsonNode Example => JsonNode.Parse(_example)!;

    /// <summary>Reads the member into what has it, and notes its faults; where it is absent or at fault, nothing changes.</summary>
    public T Read(T target, DefinitionReading reading) => _read(target, reading);

    /// <summary>The member's value as JSON; null where it has none.</summary>
    public JsonNode? Write(T source) => _write(source);

    /// <summary>Writes the member where it says another thing than its absence would.</summary>
    public void WriteTo(JsonObject target, T source)
    {
        if (_write(source) is { } value && !JsonNode.DeepEquals(value, _default)) target[Name] = value;
    }
}

/// <summary>A definition, or a field of one, that is being read.</summary>
/// <param name="Json">Its JSON.</param>
/// <param name="Entity">The entity; null where it is not known.</param>
/// <param name="Faults">Where faults are noted.</param>
/// <param name="Limits">What it must keep to in order to be saved; null for what is stored already, to which no limit applies.</param>
internal readonly record struct DefinitionReading(JsonObjectReader Json, EntityDefinition? Entity, RequestFaults Faults, Limits? Limits);

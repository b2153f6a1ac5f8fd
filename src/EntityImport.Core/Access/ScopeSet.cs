using System.Diagnostics.CodeAnalysis;
using EntityImport.Entities;

namespace EntityImport.Access;

/// <summary>
/// What a caller may do, and with which entities: each of <c>read</c>, <c>import</c> and <c>admin</c> for all entities or for named ones. As text, here and in configuration, tokens and keys alike,
/// <c>read</c> is for all and <c>read:Product</c> for one. <c>admin</c> is everything, with the entities it is given for. Immutable.
/// </summary>
public sealed class ScopeSet
{
    /// <summary>The most entities that one caller's scopes may name.</summary>
    public const int MaxEntities = 1_000;

    private const char Separator = ':';

    private static readonly (Scope Scope, string Name)[] Known = [(Scope.Read, "read"), (Scope.Import, "import"), (Scope.Admin, "admin")];

    private readonly Scope _everywhere;
    private readonly Dictionary<string, Scope> _entities;

    private ScopeSet(Scope everywhere, Dictionary<string, Scope> entities)
    {
        _everywhere = everywhere;
        _entities = entities;
    }

    /// <summary>Everything.</summary>
    public static ScopeSet All { get; } = Scope.All;

    /// <summary>Nothing.</summary>
    public static ScopeSet None { get; } = Scope.None;

    /// <summary>Scopes for all entities.</summary>
    public static implicit operator ScopeSet(Scope scopes) => new(scopes, new Dictionary<string, Scope>(StringComparer.OrdinalIgnoreCase));

    /// <summary>Whether all entities are visible.</summary>
    public bool SeesAll => _everywhere != Scope.None;

    /// <summary>The entities of which anything is allowed, where that is not all of them; null where it is.</summary>
    public IReadOnlyCollection<string>? VisibleEntities => SeesAll ? null : _entities.Keys;

    /// <summary>Reads scopes.</summary>
    /// <param name="texts">Each scope's text.</param>
    /// <param name="scopes">What they allow.</param>
    /// <param name="fault">What is wrong, as a sentence, where one is none.</param>
    public static bool TryParse(IEnumerable<string> texts, [NotNullWhen(true)] out ScopeSet? scopes, [NotNullWhen(false)] out string? fault)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var everywhere = Scope.None;
        var entities = new Dictionary<string, Scope>(StringComparer.OrdinalIgnoreCase);
        (scopes, fault) = (null, null);
        foreach (var given in texts)
        {
            // JSON may say null where a text belongs.
            var text = given ?? "";
            var end = text.IndexOf(Separator, StringComparison.Ordinal);
            var name = end < 0 ? text : text[..end];
            var scope = Known.FirstOrDefault(known => known.Name == name).Scope;
            var entity = end < 0 ? null : text[(end + 1)..];
            if (scope == Scope.None || (entity is not null && !EntityReader.IsSystemName(entity)))
            {
                fault = $"'{ShownText.Cut(text)}' is no scope: expected is read, import or admin, or one of them for one entity, like read:Product.";
                return false;
            }

            if (entity is null) everywhere |= scope;
            else entities[entity] = entities.GetValueOrDefault(entity) | scope;
        }

        if (entities.Count > MaxEntities)
        {
            fault = $"Scopes name at most {MaxEntities} entities.";
            return false;
        }

        scopes = new ScopeSet(everywhere, entities);
        return true;
    }

    /// <summary>Whether one of these scopes, or <see cref="Scope.Admin"/>, is held for any entity.</summary>
    public bool Allow(Scope anyOf) => AllowEverywhere(anyOf) || _entities.Values.Any(scopes => Meet(scopes, anyOf));

    /// <summary>Whether one of these scopes, or <see cref="Scope.Admin"/>, is held for an entity.</summary>
    public bool Allow(Scope anyOf, string entity) => AllowEverywhere(anyOf) || Meet(_entities.GetValueOrDefault(entity), anyOf);

    /// <summary>Whether one of these scopes, or <see cref="Scope.Admin"/>, is held for all entities.</summary>
    public bool AllowEverywhere(Scope anyOf) => Meet(_everywhere, anyOf);

    /// <summary>The scopes as texts, those for all entities first.</summary>
    public IReadOnlyList<string> ToTexts() =>
    [
        .. Names(_everywhere),
        .. _entities.OrderBy(pair => pair.Key, StringComparer.Ordinal).SelectMany(pair => Names(pair.Value & ~_everywhere).Select(name => $"{name}{Separator}{pair.Key}")),
    ];

    /// <summary>The scopes as texts, separated by spaces.</summary>
    public override string ToString() => string.Join(' ', ToTexts());

    private static bool Meet(Scope held, Scope anyOf) => (held & (anyOf | Scope.Admin)) != 0;

    private static IEnumerable<string> Names(Scope scopes) => Known.Where(known => (scopes & known.Scope) != 0).Select(known => known.Name);
}

using EntityImport.Bench.Fuzz.Targets;

namespace EntityImport.Bench.Fuzz;

/// <summary>What is fuzzed. A new target is a line here, and a folder in <c>Corpus</c>.</summary>
internal static class FuzzTargets
{
    /// <summary>All targets.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new TokenizerTarget(),
        new IndexTarget(),
        new NumberTarget(),
        new DateTarget(),
        new TextTarget(),
        new QueryTarget(),
        new EntityTarget(),
        new DefinitionTarget(),
        new UploadTarget(),
        new CredentialTarget(),
    ];

    /// <summary>Targets that are wrong on purpose, each in one way that must be found.</summary>
    public static IReadOnlyList<FuzzTarget> Broken { get; } =
        [new BrokenBlockTarget(), new BrokenEndTarget(), new BrokenMemoryTarget(), new BrokenStackTarget()];

    /// <summary>The target of this name.</summary>
    public static FuzzTarget Find(string name) => All.Concat(Broken).First(target => target.Name == name);
}

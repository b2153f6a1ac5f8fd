namespace EntityImport.Bench.Hostile;

/// <summary>Something that a caller may do to the service, and that must not cost it more than it has.</summary>
/// <param name="Name">The name, for <c>--only</c>.</param>
/// <param name="RunAsync">Does it. What must hold beside memory and liveness, it tells by <see cref="Target.Expect"/>.</param>
internal sealed record Attack(string Name, Func<Target, Task> RunAsync)
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<Attack> All { get; } =
    [
        .. Attacks.FileAttacks.All,
        .. Attacks.WideAttacks.All,
        .. Attacks.RejectionAttacks.All,
        .. Attacks.CompressionAttacks.All,
        .. Attacks.DocumentAttacks.All,
        .. Attacks.CrowdAttacks.All,
        .. Attacks.ReadAttacks.All,
    ];
}

namespace EntityImport.Access;

/// <summary>Who calls the service.</summary>
public sealed record Caller
{
    /// <summary>Whoever reaches the service, where nobody is asked who he is.</summary>
    public static Caller Anonymous { get; } = new();

    /// <summary>What tells this caller from others: its keys are its own. Null where callers are not told apart.</summary>
    public string? Id { get; init; }

    /// <summary>The name that imports say they were invoked by; null where it is not known.</summary>
    public string? Name { get; init; }

    /// <summary>What it may do.</summary>
    public Scope Scopes { get; init; } = Scope.All;

    /// <summary>The user at the terminal, who has the data directory and so may do everything.</summary>
    /// <param name="name">The user's name.</param>
    public static Caller Local(string name) => new() { Name = name };
}

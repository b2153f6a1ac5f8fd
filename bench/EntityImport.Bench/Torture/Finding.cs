namespace EntityImport.Bench.Torture;

/// <summary>What a crash must never do.</summary>
internal enum FindingKind
{
    /// <summary>What was promised has not happened.</summary>
    Lost,

    /// <summary>It happened more than once.</summary>
    Doubled,

    /// <summary>Some of it happened.</summary>
    Half,

    /// <summary>It does not end.</summary>
    Stuck,

    /// <summary>It is told otherwise than it is, or than the model says.</summary>
    Wrong,

    /// <summary>Something of it is left on disk.</summary>
    Leftover,
}

/// <summary>The service broke a promise; the torture ends.</summary>
internal sealed class FindingException(FindingKind kind, string message) : Exception(message)
{
    /// <summary>Which promise.</summary>
    public FindingKind Kind => kind;
}

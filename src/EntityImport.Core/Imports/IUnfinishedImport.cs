using EntityImport.Catalog;

namespace EntityImport.Imports;

/// <summary>An import that has not ended, as it is at any moment. Thread-safe.</summary>
public interface IUnfinishedImport
{
    /// <summary>The import as it is now.</summary>
    Import Import { get; }

    /// <summary>How far it is.</summary>
    ImportProgress Progress { get; }

    /// <summary>How far it was over time, oldest first; empty where another node runs it.</summary>
    IReadOnlyList<TimelinePoint> Timeline { get; }

    /// <summary>Completes when something changes after this was asked for.</summary>
    Task Changed { get; }

    /// <summary>The import at its end; cancelled where the service stops before.</summary>
    Task<Import> Ended { get; }
}

namespace EntityImport.Api;

/// <summary>Where an import stands.</summary>
public enum ImportState
{
    /// <summary>Waiting for earlier imports of its entity, or for a free place.</summary>
    Queued,

    /// <summary>Being worked on.</summary>
    Running,

    /// <summary>Ended; its good rows are in the entity.</summary>
    Succeeded,

    /// <summary>Ended; nothing was written.</summary>
    Failed,

    /// <summary>Ended because a client asked for it; nothing was written.</summary>
    Cancelled,
}

/// <summary>What a running import is doing.</summary>
public enum ImportPhase
{
    /// <summary>Waiting.</summary>
    Queued,

    /// <summary>Reading the header and binding columns to fields.</summary>
    Planning,

    /// <summary>Reading, converting and staging records.</summary>
    Loading,

    /// <summary>Bringing the staged rows into the entity.</summary>
    Merging,

    /// <summary>Nothing more.</summary>
    Ended,
}

/// <summary>Where an import stands, in the words of the documented API.</summary>
public enum ImportStatus
{
    /// <summary>It waits or is worked on.</summary>
    Running,

    /// <summary>It ended, and nothing was written.</summary>
    Failed,

    /// <summary>It ended, and its good rows were imported.</summary>
    Succeeded,
}

/// <summary>How an import ended, in the words of the documented API.</summary>
public enum ReportStatus
{
    /// <summary>Nothing was imported.</summary>
    Failed,

    /// <summary>Every row was imported.</summary>
    Success,

    /// <summary>Some rows were imported and some rejected.</summary>
    PartialSuccess,
}

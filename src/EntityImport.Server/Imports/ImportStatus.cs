using System.Text.Json.Serialization;
using EntityImport.Catalog;
using EntityImport.Server.Http;

namespace EntityImport.Server.Imports;

/// <summary>Where an import stands, in the words of the documented API.</summary>
internal enum ImportStatus
{
    /// <summary>It waits or is worked on.</summary>
    Running,

    /// <summary>It ended, and nothing was written.</summary>
    Failed,

    /// <summary>It ended, and its good rows were imported.</summary>
    Succeeded,
}

/// <summary>The status of an import.</summary>
/// <param name="Status">Where it stands.</param>
/// <param name="StartDate">When it was invoked.</param>
/// <param name="StopDate">When it ended; absent while it runs.</param>
/// <param name="ClientErrorCallingService">Whether the client's file or mapping made it fail, and not the service.</param>
/// <param name="EntityImportId">The import's id.</param>
internal sealed record ImportStatusBody(
    ImportStatus Status,
    [property: JsonConverter(typeof(WholeSecondConverter))] DateTimeOffset StartDate,
    [property: JsonConverter(typeof(WholeSecondConverter)), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? StopDate,
    bool ClientErrorCallingService,
    Guid EntityImportId)
{
    public static ImportStatusBody Of(Import import) => new(Of(import.State), import.StartedAt, import.StoppedAt, import.ClientError, import.Id);

    public static ImportStatus Of(ImportState state) => state switch
    {
        ImportState.Queued or ImportState.Running => ImportStatus.Running,
        ImportState.Succeeded => ImportStatus.Succeeded,
        _ => ImportStatus.Failed,
    };
}

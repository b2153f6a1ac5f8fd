using System.Text.Json.Serialization;

namespace EntityImport.Api;

/// <summary>An import was invoked, or cancelled.</summary>
/// <param name="ImportId">The import's id.</param>
public sealed record ImportCreated(Guid ImportId);

/// <summary>The status of an import.</summary>
/// <param name="Status">Where it stands.</param>
/// <param name="StartDate">When it was invoked.</param>
/// <param name="StopDate">When it ended; absent while it runs.</param>
/// <param name="ClientErrorCallingService">Whether the client's file or mapping made it fail, and not the service.</param>
/// <param name="EntityImportId">The import's id.</param>
public sealed record StatusOfImport(
    ImportStatus Status,
    [property: JsonConverter(typeof(WholeSecondConverter))] DateTimeOffset StartDate,
    [property: JsonConverter(typeof(WholeSecondConverter)), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? StopDate,
    bool ClientErrorCallingService,
    Guid EntityImportId);

/// <summary>How an import ended.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="ProcessedRows">Rows imported; absent where it failed.</param>
/// <param name="FailedRows">Rows rejected; absent where all were imported.</param>
/// <param name="Message">How it ended, as a sentence.</param>
public sealed record ImportReport(
    ReportStatus Status,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? ProcessedRows,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? FailedRows,
    string Message);

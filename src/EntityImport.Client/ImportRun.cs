using EntityImport.Api;

namespace EntityImport.Client;

/// <summary>A file that was uploaded and imported.</summary>
/// <param name="UploadId">The upload.</param>
/// <param name="Status">The import's last status.</param>
/// <param name="Report">The import's report.</param>
public sealed record ImportRun(Guid UploadId, StatusOfImport Status, ImportReport Report);

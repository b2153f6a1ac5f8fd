using EntityImport.Catalog;
using EntityImport.Engine;
using EntityImport.Server.Http;

namespace EntityImport.Server.Uploads;

/// <summary>What the API tells of uploads.</summary>
internal static class UploadAnswers
{
    extension(Api.UploadDetails)
    {
        public static Api.UploadDetails Of(UploadUse use) => new(use.Upload.Id, use.Upload.MappingId, FileOf(use.Upload), use.Upload.CreatedAt, use.Upload.ExpiredAt)
        {
            IsComplete = use.Upload.IsComplete,
            Records = use.Records,
            Imports = [.. use.Imports.Select(import => new Api.UploadImport(import.Id, import.EntitySystemName, StateAnswers.Of(import.State)))],
            ExpiresDate = use.ExpiresAt,
        };
    }

    /// <summary>The file that was uploaded.</summary>
    public static Api.UploadedFile FileOf(Upload upload) => new(upload.FileName, upload.Size, upload.Sha256);
}

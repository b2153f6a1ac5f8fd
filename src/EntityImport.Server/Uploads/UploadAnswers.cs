using EntityImport.Catalog;

namespace EntityImport.Server.Uploads;

/// <summary>What the API tells of uploads.</summary>
internal static class UploadAnswers
{
    extension(Api.UploadDetails)
    {
        public static Api.UploadDetails Of(Upload upload) => new(upload.Id, upload.MappingId, FileOf(upload), upload.CreatedAt, upload.ExpiredAt) { IsComplete = upload.IsComplete };
    }

    /// <summary>The file that was uploaded.</summary>
    public static Api.UploadedFile FileOf(Upload upload) => new(upload.FileName, upload.Size, upload.Sha256);
}

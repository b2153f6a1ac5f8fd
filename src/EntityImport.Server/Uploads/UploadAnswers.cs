using EntityImport.Catalog;
using EntityImport.Server.Http;

namespace EntityImport.Server.Uploads;

/// <summary>What the API tells of uploads.</summary>
internal static class UploadAnswers
{
    extension(Api.UploadDetails)
    {
        public static async Task<Api.UploadDetails> ReadAsync(Call call, Upload upload, CancellationToken cancellationToken)
        {
            var use = await call.Engine.Uploads.FindUseAsync(call.Request, upload, cancellationToken);
            return new(upload.Id, upload.MappingId, FileOf(upload), upload.CreatedAt, upload.ExpiredAt)
            {
                IsComplete = upload.IsComplete,
                Records = use.Records,
                Imports = [.. use.Imports.Select(import => new Api.UploadImport(import.Id, import.EntitySystemName, StateAnswers.Of(import.State)))],
                ExpiresDate = use.ExpiresAt,
            };
        }
    }

    /// <summary>The file that was uploaded.</summary>
    public static Api.UploadedFile FileOf(Upload upload) => new(upload.FileName, upload.Size, upload.Sha256);
}

using System.Globalization;
using EntityImport.Catalog;

namespace EntityImport.Files;

/// <summary>An uploaded file is not there any more, or is not what was uploaded. It is nobody's request that is at fault, and trying again does not help.</summary>
public sealed class StoredFileException : Exception
{
    private StoredFileException(string type, string message) : base(message) => Type = type;

    /// <summary>The stable name of the problem, and of the end of an import: <see cref="EndCode.FileLost"/> or <see cref="EndCode.FileChanged"/>.</summary>
    public string Type { get; }

    internal static StoredFileException Lost(Guid uploadId) =>
        new(EndCode.FileLost, $"The uploaded file is lost: uploads/{uploadId:D}/data is no longer in the data directory.");

    internal static StoredFileException Resized(Upload upload, long length) => new(EndCode.FileChanged, string.Create(
        CultureInfo.InvariantCulture, $"The stored file has changed since it was uploaded: it had {upload.Size} bytes and now has {length}."));

    internal static StoredFileException Changed() =>
        new(EndCode.FileChanged, "The stored file has changed since it was uploaded: its bytes are not those that were hashed then.");
}

using System.Globalization;
using EntityImport.Catalog;

namespace EntityImport.Files;

/// <summary>An uploaded file is not there any more, or is not what was uploaded. It is nobody's request that is at fault, and trying again does not help.</summary>
public sealed class StoredFileException : Exception
{
    private StoredFileException(string type, string message) : base(message) => Type = type;

    /// <summary>The stable name of the problem, and of the end of an import: <see cref="EndCode.FileLost"/> or <see cref="EndCode.FileChanged"/>.</summary>
    public string Type { get; }

    /// <summary>A file that is not there any more.</summary>
    /// <param name="place">Where it was.</param>
    /// <param name="isShared">Whether that is elsewhere than in the data directory.</param>
    internal static StoredFileException Lost(string place, bool isShared = false) =>
        new(EndCode.FileLost, $"The uploaded file is lost: {place} is no longer {(isShared ? "there" : "in the data directory")}.");

    /// <summary>A file that is not there any more, as is found out while it is read.</summary>
    public static StoredFileException LostAt(string place) => Lost(place, isShared: true);

    internal static StoredFileException Resized(Upload upload, long length) => new(EndCode.FileChanged, string.Create(
        CultureInfo.InvariantCulture, $"The stored file has changed since it was uploaded: it had {upload.Size} bytes and now has {length}."));

    /// <summary>A file whose bytes are others than they were.</summary>
    public static StoredFileException Changed() =>
        new(EndCode.FileChanged, "The stored file has changed since it was uploaded: its bytes are not those that were hashed then.");
}

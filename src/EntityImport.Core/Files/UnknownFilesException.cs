using System.Globalization;

namespace EntityImport.Files;

/// <summary>The store knows of nothing, though the data directory has files of uploads or imports: most likely it is not the store that belongs there.</summary>
public sealed class UnknownFilesException : Exception
{
    internal UnknownFilesException(string directory, int uploads, int imports)
        : base(string.Create(CultureInfo.InvariantCulture, $"The store in {directory} is new, but there are files of {uploads} uploads and {imports} imports beside it. ") +
            "Perhaps a disk is not mounted, a backup was restored in part, or store.duckdb or store.duckdb.wal was moved away: then stop here and put the store back that belongs to these files. " +
            "To begin with the new store, start once with --new-store; the files are moved to the folder quarantine, and none is deleted.")
    {
    }
}

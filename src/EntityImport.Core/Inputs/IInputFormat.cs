using EntityImport.Catalog;
using EntityImport.Files;
using EntityImport.Mappings;

namespace EntityImport.Inputs;

/// <summary>A format that files may have. Thread-safe.</summary>
internal interface IInputFormat
{
    /// <summary>Whether a file that begins so is of this format.</summary>
    /// <param name="start">Its first bytes, <see cref="InputFormats.StartBytes"/> of them where it has as many.</param>
    bool Recognizes(ReadOnlySpan<byte> start);

    /// <summary>Makes what notes, while a file's bytes arrive, how to read it by parts.</summary>
    IInputIndexer CreateIndexer(ReadOnlySpan<byte> start, ImportDefinition definition);

    /// <summary>Notes, of a file that is stored, how to read it by parts.</summary>
    /// <param name="file">The file.</param>
    /// <param name="upload">The upload.</param>
    /// <param name="definition">How the file is to be read.</param>
    /// <param name="kept">What was kept beside the file before; null where nothing was.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>What is to be kept beside the file from now on; null where that is what was kept, or nothing.</returns>
    /// <exception cref="StoredFileException">The file is not what was uploaded.</exception>
    byte[]? Index(IStoredFile file, Upload upload, ImportDefinition definition, byte[]? kept, CancellationToken cancellationToken);

    /// <summary>Opens an upload's file. What of it is not read here is compared with what was uploaded while it is read by its parts.</summary>
    /// <param name="file">The file. From here on it is the input's, which disposes of it, also where it cannot be opened.</param>
    /// <param name="upload">The upload.</param>
    /// <param name="definition">How the file is to be read.</param>
    /// <param name="files">Where its index is, and scratch files.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ImportRefusedException">It cannot be read as described.</exception>
    /// <exception cref="StoredFileException">It is not what was uploaded.</exception>
    IInput Open(IStoredFile file, Upload upload, ImportDefinition definition, ImportFiles files, CancellationToken cancellationToken);

    /// <summary>Opens an upload's file as far as that takes little work: as a whole where its index is there, else its beginning.</summary>
    /// <param name="file">The file. From here on it is the input's, which disposes of it, also where it cannot be opened.</param>
    /// <param name="upload">The upload.</param>
    /// <param name="definition">How the file is to be read.</param>
    /// <param name="files">Where its index is, and scratch files.</param>
    /// <param name="bytes">How many bytes are read, where the file has more and no index that fits.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <inheritdoc cref="Open"/>
    InputBeginning OpenBeginning(IStoredFile file, Upload upload, ImportDefinition definition, ImportFiles files, long bytes, CancellationToken cancellationToken);
}

/// <summary>A file, or its beginning.</summary>
/// <param name="Input">What there is of it.</param>
/// <param name="Records">How many of the input's records are the file's: where the rest is not known, those near the end may go on in it.</param>
/// <param name="IsWhole">Whether it is the file as a whole.</param>
internal readonly record struct InputBeginning(IInput Input, long Records, bool IsWhole);

/// <summary>Notes how to read a file by parts while its bytes arrive. Not thread-safe.</summary>
internal interface IInputIndexer
{
    /// <summary>Takes in the next bytes.</summary>
    void Append(ReadOnlySpan<byte> bytes);

    /// <summary>What is to be kept beside the file; null where nothing is, because it is found when the file is opened.</summary>
    byte[]? Complete();
}

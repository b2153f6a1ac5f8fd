using EntityImport.Catalog;
using EntityImport.Files;
using EntityImport.Inputs.Csv;
using EntityImport.Mappings;

namespace EntityImport.Inputs;

/// <summary>The formats that files may have, and the one of a file.</summary>
internal static class InputFormats
{
    /// <summary>How many bytes tell a file's format.</summary>
    public const int StartBytes = 8;

    /// <summary>All of them; the first that recognizes a file has it. Any file may be CSV, so it comes last.</summary>
    private static readonly IInputFormat[] All = [new CsvFormat()];

    /// <summary>The format of a file that begins so.</summary>
    public static IInputFormat Of(ReadOnlySpan<byte> start)
    {
        foreach (var format in All)
            if (format.Recognizes(start)) return format;
        return All[^1];
    }

    /// <summary>Opens an upload's file.</summary>
    /// <exception cref="ImportRefusedException">It cannot be read as the definition describes it.</exception>
    /// <exception cref="StoredFileException">It is lost, or is not what was uploaded.</exception>
    public static IInput Open(ImportFiles files, Upload upload, ImportDefinition definition, CancellationToken cancellationToken)
    {
        var (format, file) = Recognize(files, upload, cancellationToken);
        return format.Open(file, upload, definition, files, cancellationToken);
    }

    /// <summary>Opens an upload's file as far as that takes little work; see <see cref="IInputFormat.OpenBeginning"/>.</summary>
    /// <inheritdoc cref="Open"/>
    public static InputBeginning OpenBeginning(ImportFiles files, Upload upload, ImportDefinition definition, long bytes, CancellationToken cancellationToken)
    {
        var (format, file) = Recognize(files, upload, cancellationToken);
        return format.OpenBeginning(file, upload, definition, files, bytes, cancellationToken);
    }

    /// <summary>Notes, of an upload that is stored, how to read it by parts; see <see cref="IInputFormat.Index"/>.</summary>
    public static byte[]? Index(ImportFiles files, Upload upload, ImportDefinition definition, CancellationToken cancellationToken)
    {
        var (format, file) = Recognize(files, upload, cancellationToken);
        using (file) return format.Index(file, upload, definition, files.ReadIndex(upload), cancellationToken);
    }

    private static (IInputFormat Format, IStoredFile File) Recognize(ImportFiles files, Upload upload, CancellationToken cancellationToken)
    {
        var file = files.OpenUpload(upload, cancellationToken);
        Span<byte> start = stackalloc byte[StartBytes];
        try
        {
            return (Of(start[..file.Fill(start, 0)]), file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}

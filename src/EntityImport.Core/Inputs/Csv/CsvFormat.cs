using System.Security.Cryptography;
using System.Text;
using EntityImport.Catalog;
using EntityImport.Csv;
using EntityImport.Files;
using EntityImport.Mappings;

namespace EntityImport.Inputs.Csv;

/// <summary>
/// CSV files. Those in UTF-8 are read as they stand; others are transcoded into a scratch file when they are opened, and so are safe copies of error files turned into what they stand for.
/// </summary>
internal sealed class CsvFormat : IInputFormat
{
    private const int BufferBytes = 64 << 10;

    /// <inheritdoc/>
    public bool Recognizes(ReadOnlySpan<byte> start) => true;

    /// <inheritdoc/>
    public IInputIndexer CreateIndexer(ReadOnlySpan<byte> start, ImportDefinition definition) =>
        new Indexer(EncodingOf(start, definition).Encoding == FileEncoding.Utf8 ? new RecordIndexBuilder(definition.Layout) : null);

    /// <inheritdoc/>
    public IInput Open(IStoredFile file, Upload upload, ImportDefinition definition, ImportFiles files, CancellationToken cancellationToken)
    {
        try
        {
            Span<byte> start = stackalloc byte[InputFormats.StartBytes];
            var (encoding, markLength) = EncodingOf(start[..file.Fill(start, 0)], definition);
            var layout = definition.Layout;
            // The hash of what is read here once more; null where it is what was written here.
            string? hash = upload.Sha256;
            RecordIndex? index;
            if (encoding == FileEncoding.Utf8)
            {
                index = StoredIndex.Read(files.ReadIndex(upload), upload.Size);
                if (index is null || index.Layout != layout) index = BuildIndex(file, hash, layout, long.MaxValue, cancellationToken);
                CheckHead(file, index);
            }
            else
            {
                var transcoder = new Utf8Transcoder(encoding);
                Turn(ref file, hash, markLength, transcoder.Convert, layout, files.Scratch, out index, cancellationToken);
                hash = null;
            }

            using (var copy = SafeCopy.Find(file, index))
            {
                if (copy is not null)
                {
                    Turn(ref file, hash, from: 0, copy.Convert, layout, files.Scratch, out index, cancellationToken);
                    hash = null;
                }
            }

            // An error file has no footer: who adds and deletes rows there would lose others.
            var isErrorFile = layout.SkipFooterLines > 0 && new CsvInput(file, index, encoding, markLength > 0).IsErrorFile;
            var end = FindEnd(file, index.Size, isErrorFile ? 0 : layout.SkipFooterLines, cancellationToken);
            if (end != index.End) index = BuildIndex(file, hash, layout, end, cancellationToken);
            return new CsvInput(file, index, encoding, markLength > 0);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The encoding that a byte order mark proves, else the definition's; and the mark's length.</summary>
    private static (Encoding Encoding, int MarkLength) EncodingOf(ReadOnlySpan<byte> start, ImportDefinition definition)
    {
        var (proved, markLength) = FileEncoding.DetectByteOrderMark(start);
        return (proved ?? FileEncoding.Find(definition.Encoding)!, markLength);
    }

    /// <summary>The header is read before any part is.</summary>
    private static void CheckHead(IStoredFile file, RecordIndex index)
    {
        var check = new StretchCheck(file);
        check.Begin(index.Head, from: 0);
        check.End();
    }

    /// <summary>Finds out where the records of a file end, from its end backwards.</summary>
    private static long FindEnd(IStoredFile file, long size, int footerLines, CancellationToken cancellationToken)
    {
        var end = new RecordsEnd(size, footerLines);
        var buffer = new byte[BufferBytes];
        for (var offset = size; offset > 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var length = (int)Math.Min(buffer.Length, offset);
            offset -= length;
            if (file.Fill(buffer.AsSpan(0, length), offset) < length) throw StoredFileException.Changed();
            if (end.LookAt(buffer.AsSpan(0, length), offset)) break;
        }

        return end.Offset;
    }

    private static RecordIndex BuildIndex(IStoredFile file, string? sha256, FileLayout layout, long end, CancellationToken cancellationToken)
    {
        var builder = new RecordIndexBuilder(layout, end);
        ReadAll(file, sha256, from: 0, (bytes, _) => builder.Append(bytes), cancellationToken);
        return builder.Complete();
    }

    /// <summary>Puts a scratch file in the place of a file, with its bytes turned into others, and indexes it.</summary>
    private static void Turn(
        ref IStoredFile file, string? sha256, int from, TurnBytes turn, FileLayout layout, Scratch scratch, out RecordIndex index, CancellationToken cancellationToken)
    {
        var target = scratch.Create();
        try
        {
            var builder = new RecordIndexBuilder(layout);
            ReadAll(file, sha256, from, Append, cancellationToken);
            target.Flush();
            index = builder.Complete();
            file.Dispose();
            file = new LocalFile(target);

            void Append(ReadOnlySpan<byte> bytes, bool final)
            {
                var turned = turn(bytes, final);
                target.Write(turned);
                builder.Append(turned);
            }
        }
        catch
        {
            target.Dispose();
            throw;
        }
    }

    /// <summary>Reads all of a file, the last time nothing, and makes sure that it is what was uploaded.</summary>
    /// <param name="file">The file.</param>
    /// <param name="sha256">The hash of what was uploaded; null where the file is another one.</param>
    /// <param name="from">How many bytes are passed over at its beginning.</param>
    /// <param name="append">Takes the bytes, and whether the file ends with them.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    private static void ReadAll(IStoredFile file, string? sha256, int from, Action<ReadOnlySpan<byte>, bool> append, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferBytes];
        hash.AppendData(buffer, 0, file.Fill(buffer.AsSpan(0, from), 0));
        for (long offset = from, read = -1; read != 0; offset += read)
        {
            cancellationToken.ThrowIfCancellationRequested();
            read = file.Read(buffer, offset);
            hash.AppendData(buffer, 0, (int)read);
            append(buffer.AsSpan(0, (int)read), read == 0);
        }

        if (sha256 is not null && Convert.ToHexStringLower(hash.GetHashAndReset()) != sha256) throw StoredFileException.Changed();
    }

    private delegate ReadOnlySpan<byte> TurnBytes(ReadOnlySpan<byte> bytes, bool final);

    /// <summary>Indexes a file in UTF-8; nothing is noted of others, since it is the transcoded bytes that are indexed.</summary>
    private sealed class Indexer(RecordIndexBuilder? builder) : IInputIndexer
    {
        public void Append(ReadOnlySpan<byte> bytes) => builder?.Append(bytes);

        public byte[]? Complete() => builder is null ? null : StoredIndex.Write(builder.Complete());
    }
}

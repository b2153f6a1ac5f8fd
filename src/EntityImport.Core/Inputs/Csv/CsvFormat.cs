using System.Security.Cryptography;
using System.Text;
using EntityImport.Catalog;
using EntityImport.Csv;
using EntityImport.Files;
using EntityImport.Mappings;

namespace EntityImport.Inputs.Csv;

/// <summary>CSV files. Those in UTF-8 are read as they stand; others are transcoded into a scratch file when they are opened.</summary>
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
            if (encoding != FileEncoding.Utf8)
            {
                var transcoded = Transcode(file, upload, encoding, markLength, definition.Layout, files.Scratch, out var built, cancellationToken);
                file.Dispose();
                file = transcoded;
                return new CsvInput(file, built, encoding, markLength > 0);
            }

            var index = StoredIndex.Read(files.ReadIndex(upload), upload.Size);
            if (index is null || index.Layout != definition.Layout) index = BuildIndex(file, upload, definition.Layout, cancellationToken);
            CheckHead(file, index);
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

    private static RecordIndex BuildIndex(IStoredFile file, Upload upload, FileLayout layout, CancellationToken cancellationToken)
    {
        var builder = new RecordIndexBuilder(layout);
        ReadAll(file, upload, from: 0, (bytes, _) => builder.Append(bytes), cancellationToken);
        return builder.Complete();
    }

    private static LocalFile Transcode(
        IStoredFile file, Upload upload, Encoding encoding, int markLength, FileLayout layout, Scratch scratch, out RecordIndex index, CancellationToken cancellationToken)
    {
        var target = scratch.Create();
        try
        {
            var builder = new RecordIndexBuilder(layout);
            var transcoder = new Utf8Transcoder(encoding);
            ReadAll(file, upload, markLength, Append, cancellationToken);
            target.Flush();
            index = builder.Complete();
            return new LocalFile(target);

            void Append(ReadOnlySpan<byte> bytes, bool final)
            {
                var text = transcoder.Convert(bytes, final);
                target.Write(text);
                builder.Append(text);
            }
        }
        catch
        {
            target.Dispose();
            throw;
        }
    }

    /// <summary>Reads all of a file, the last time nothing, and makes sure that it is what was uploaded.</summary>
    private static void ReadAll(IStoredFile file, Upload upload, int from, Action<ReadOnlySpan<byte>, bool> append, CancellationToken cancellationToken)
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

        if (Convert.ToHexStringLower(hash.GetHashAndReset()) != upload.Sha256) throw StoredFileException.Changed();
    }

    /// <summary>Indexes a file in UTF-8; nothing is noted of others, since it is the transcoded bytes that are indexed.</summary>
    private sealed class Indexer(RecordIndexBuilder? builder) : IInputIndexer
    {
        public void Append(ReadOnlySpan<byte> bytes) => builder?.Append(bytes);

        public byte[]? Complete() => builder is null ? null : StoredIndex.Write(builder.Complete());
    }
}

using System.Buffers.Binary;
using System.Text.Json;
using EntityImport.Files;

namespace EntityImport.Imports.Rejections;

/// <summary>
/// The file of an import's rejected rows while it is written; the error file and the API's listing are made from it by <see cref="RejectedRowsReader"/>.
/// </summary>
/// <remarks>
/// All numbers are little-endian.
/// <code>
/// marker, version          4 bytes each
/// end of rows, of file     8 bytes each; 0 while the file is not complete
/// format                   a JSON object: <see cref="RejectedRowsFormat"/>
/// rows                     in file order, as <see cref="RejectedRowsBuffer"/> writes them
/// kinds                    JSON objects, the kinds of reasons by their numbers: <see cref="ReasonKind"/>
/// </code>
/// Each object and each row has its length in front, 4 bytes. Version 1 had no marker: the format, and then rows as JSON objects with all their reasons.
/// </remarks>
internal sealed class RejectedRowsFile(FileStream file) : IDisposable
{
    /// <summary>What a file begins with. As a length it would be negative, as none is that files of version 1 begin with.</summary>
    public const int Marker = unchecked((int)0xFF_52_49_45);

    /// <summary>The version that is written.</summary>
    public const int Version = 2;

    /// <summary>Bytes in front of the format.</summary>
    public const int HeadBytes = 24;

    /// <summary>Bytes of the length in front of objects and rows.</summary>
    public const int LengthBytes = 4;

    private long _rowsBegin;
    private bool _isComplete;

    /// <summary>The kinds of the rows' reasons.</summary>
    public ReasonKinds Kinds { get; } = new();

    /// <summary>Where rows are appended.</summary>
    public Stream Rows => file;

    /// <summary>Says what the rows are written in; once, before the first row.</summary>
    public void Begin(RejectedRowsFormat format)
    {
        WriteHead(endOfRows: 0, end: 0);
        WriteObject(format);
        _rowsBegin = file.Position;
    }

    /// <summary>Reads the rows that were appended from their beginning.</summary>
    public Stream ReadRows()
    {
        file.Position = _rowsBegin;
        return file;
    }

    /// <summary>Replaces all rows.</summary>
    public async Task ReplaceRowsAsync(Stream rows, CancellationToken cancellationToken)
    {
        file.SetLength(_rowsBegin);
        file.Position = _rowsBegin;
        rows.Position = 0;
        await rows.CopyToAsync(file, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Writes what readers need besides, once no rows are added any more; before, they take the file for none. It is durable once it is kept in the
    /// <see cref="FileStore"/>. Nothing happens the second time.
    /// </summary>
    public void Complete()
    {
        if (_isComplete) return;
        file.Position = file.Length;
        var endOfRows = file.Position;
        foreach (var kind in Kinds.All) WriteObject(kind);
        var end = file.Position;
        file.Position = 0;
        WriteHead(endOfRows, end);
        file.Flush();
        _isComplete = true;
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    private void WriteHead(long endOfRows, long end)
    {
        Span<byte> head = stackalloc byte[HeadBytes];
        BinaryPrimitives.WriteInt32LittleEndian(head, Marker);
        BinaryPrimitives.WriteInt32LittleEndian(head[4..], Version);
        BinaryPrimitives.WriteInt64LittleEndian(head[8..], endOfRows);
        BinaryPrimitives.WriteInt64LittleEndian(head[16..], end);
        file.Write(head);
    }

    private void WriteObject<T>(T value)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(value, FileJson.Default.Options);
        Span<byte> length = stackalloc byte[LengthBytes];
        BinaryPrimitives.WriteInt32LittleEndian(length, json.Length);
        file.Write(length);
        file.Write(json);
    }
}

using System.Buffers.Binary;
using System.Text.Json;
using EntityImport.Files;
using EntityImport.Inputs;

namespace EntityImport.Imports.Rejections;

/// <summary>
/// The file of an import's rejected rows while it is written; the error file and the API's listing are made from it by <see cref="RejectedRowsReader"/>.
/// </summary>
/// <remarks>
/// All numbers are little-endian.
/// <code>
/// marker, version          4 bytes each
/// end of rows, of file     8 bytes each; 0 while the file is not complete
/// format                   a JSON object: <see cref="ErrorFileFormat"/>
/// rows                     in file order, as <see cref="RejectedRowsBuffer"/> writes them
/// kinds                    JSON objects, the kinds of reasons by their numbers: <see cref="ReasonKind"/>
/// </code>
/// Each object and each row has its length in front, 4 bytes. Version 1 had no marker: the format, and then rows as JSON objects with all their reasons.
/// </remarks>
internal sealed class RejectedRowsFile : IDisposable
{
    /// <summary>What a file begins with. As a length it would be negative, as none is that files of version 1 begin with.</summary>
    public const int Marker = unchecked((int)0xFF_52_49_45);

    /// <summary>The version that is written.</summary>
    public const int Version = 2;

    /// <summary>Bytes in front of the format.</summary>
    public const int HeadBytes = 24;

    /// <summary>Bytes of the length in front of objects and rows.</summary>
    public const int LengthBytes = 4;

    private readonly INewFiles _files;
    private readonly Stream _file;
    private long _rowsBegin;
    private bool _isComplete;

    /// <summary>Begins the file of an import.</summary>
    public RejectedRowsFile(ImportFiles files, Guid importId) => (_files, _file) = files.BeginRejected(importId);

    /// <summary>The kinds of the rows' reasons.</summary>
    public ReasonKinds Kinds { get; } = new();

    /// <summary>Where rows are appended.</summary>
    public Stream Rows => _file;

    /// <summary>Says what the rows are written in; once, before the first row.</summary>
    public void Begin(ErrorFileFormat format)
    {
        WriteHead(endOfRows: 0, end: 0);
        WriteObject(format);
        _rowsBegin = _file.Position;
    }

    /// <summary>Reads the rows that were appended from their beginning.</summary>
    public Stream ReadRows()
    {
        _file.Position = _rowsBegin;
        return _file;
    }

    /// <summary>Replaces all rows.</summary>
    public async Task ReplaceRowsAsync(Stream rows, CancellationToken cancellationToken)
    {
        _file.SetLength(_rowsBegin);
        _file.Position = _rowsBegin;
        rows.Position = 0;
        await rows.CopyToAsync(_file, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Writes what readers need besides, once no rows are added any more, and keeps the file durably, in place of one that an earlier attempt kept. Nothing happens the
    /// second time.
    /// </summary>
    public void Keep()
    {
        if (_isComplete) return;
        _file.Position = _file.Length;
        var endOfRows = _file.Position;
        foreach (var kind in Kinds.All) WriteObject(kind);
        var end = _file.Position;
        _file.Position = 0;
        WriteHead(endOfRows, end);
        _isComplete = true;
        _files.Keep();
    }

    /// <inheritdoc/>
    public void Dispose() => _files.Dispose();

    private void WriteHead(long endOfRows, long end)
    {
        Span<byte> head = stackalloc byte[HeadBytes];
        BinaryPrimitives.WriteInt32LittleEndian(head, Marker);
        BinaryPrimitives.WriteInt32LittleEndian(head[4..], Version);
        BinaryPrimitives.WriteInt64LittleEndian(head[8..], endOfRows);
        BinaryPrimitives.WriteInt64LittleEndian(head[16..], end);
        _file.Write(head);
    }

    private void WriteObject<T>(T value)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(value, RejectedRowsJson.Default.Options);
        Span<byte> length = stackalloc byte[LengthBytes];
        BinaryPrimitives.WriteInt32LittleEndian(length, json.Length);
        _file.Write(length);
        _file.Write(json);
    }
}

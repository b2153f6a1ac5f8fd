using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using EntityImport.Conversion;
using EntityImport.Inputs;

namespace EntityImport.Imports.Rejections;

/// <summary>
/// Reads rejected-rows files, those of version 1 too. What a file says is not trusted: whatever does not fit is an <see cref="InvalidDataException"/>, and no more is
/// read at once than a row can have. Not thread-safe.
/// </summary>
internal sealed class RejectedRowsReader
{
    /// <summary>More than any row has: the largest record, delimiters, and reasons for 1,000 fields.</summary>
    private const int MaxRowBytes = Csv.CsvDialect.LargestRecordBytes + (16 << 20);

    /// <summary>Rows of version 1 had all their reasons in full, with whole lists of words, and nothing bounded them.</summary>
    private const int MaxFirstVersionBytes = 256 << 20;

    private readonly Stream _file;
    private readonly bool _isFirstVersion;
    private readonly bool _mayEndInRow;
    private readonly long _rowsBegin;
    private readonly long _rowsEnd;
    private readonly List<ReasonKind> _kinds = [];
    private byte[] _buffer = [];

    private RejectedRowsReader(Stream file, bool isFirstVersion, long rowsEnd, long end)
    {
        _file = file;
        _isFirstVersion = isFirstVersion;
        _rowsEnd = rowsEnd;
        Format = Parse<ErrorFileFormat>(ReadEntry(rowsEnd) ?? throw Damaged("it ends before its description"));
        if (Format is not { Preamble: not null, Header: not null, Columns: not null, Delimiter: not null, LineEnd: not null }) throw Damaged("its description lacks something");
        _rowsBegin = file.Position;
        file.Position = rowsEnd;
        while (ReadEntry(end) is { } json)
        {
            var kind = Parse<ReasonKind>(json);
            _kinds.Add(kind.Pieces is { Count: > 0 } ? kind : throw Damaged("a kind of reasons has no message"));
        }

        file.Position = _rowsBegin;
    }

    private RejectedRowsReader(Stream rows, ErrorFileFormat format, IReadOnlyList<ReasonKind> kinds, long rowsBegin, long rowsEnd)
    {
        _file = rows;
        Format = format;
        _kinds.AddRange(kinds);
        _rowsBegin = rowsBegin;
        _rowsEnd = rowsEnd;
        _mayEndInRow = true;
        _file.Position = rowsBegin;
    }

    /// <summary>Reads rows of which the file is not complete.</summary>
    /// <param name="rows">The file.</param>
    /// <param name="format">What the rows are written in.</param>
    /// <param name="kinds">The kinds of their reasons.</param>
    /// <param name="rowsBegin">Where the first row begins.</param>
    /// <param name="rowsEnd">Where the last one ends.</param>
    public static RejectedRowsReader OfRows(Stream rows, ErrorFileFormat format, IReadOnlyList<ReasonKind> kinds, long rowsBegin, long rowsEnd) => new(rows, format, kinds, rowsBegin, rowsEnd);

    /// <summary>What the rows are written in.</summary>
    public ErrorFileFormat Format { get; }

    /// <summary>Where in the file the next row begins.</summary>
    public long Position => _file.Position;

    /// <summary>Whether all rows have been read.</summary>
    public bool IsAtEnd => _file.Position >= _rowsEnd;

    /// <summary>Opens a file at its first row; null where it is empty or was not completed, so that nobody can tell whether it has all rows.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static RejectedRowsReader? Open(Stream file)
    {
        if (file.Length == 0) return null;
        Span<byte> head = stackalloc byte[RejectedRowsFile.HeadBytes];
        var read = file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        if (read < RejectedRowsFile.LengthBytes || BinaryPrimitives.ReadInt32LittleEndian(head) != RejectedRowsFile.Marker)
        {
            file.Position = 0;
            return new RejectedRowsReader(file, isFirstVersion: true, file.Length, file.Length);
        }

        if (read < head.Length) throw Damaged("it ends in its head");
        var version = BinaryPrimitives.ReadInt32LittleEndian(head[4..]);
        var rowsEnd = BinaryPrimitives.ReadInt64LittleEndian(head[8..]);
        var end = BinaryPrimitives.ReadInt64LittleEndian(head[16..]);
        if (version != RejectedRowsFile.Version) throw Damaged(FormattableString.Invariant($"it is of version {version}, which this program does not know"));
        if (end == 0) return null;
        if (end != file.Length || rowsEnd < RejectedRowsFile.HeadBytes || rowsEnd > end) throw Damaged("its length is not what it was");
        return new RejectedRowsReader(file, isFirstVersion: false, rowsEnd, end);
    }

    /// <summary>Goes to where a row begins, as <see cref="Position"/> was once; false where none does.</summary>
    public bool TryGoTo(long position)
    {
        // Finding it again from the beginning costs no more than the rows before.
        Rewind();
        while (_file.Position < position && Skip()) { }
        return _file.Position == position;
    }

    /// <summary>Goes to where a row begins, as <see cref="Position"/> told it of the same rows.</summary>
    public void GoTo(long position) => _file.Position = position;

    /// <summary>Goes back to the first row.</summary>
    public void Rewind() => _file.Position = _rowsBegin;

    /// <summary>Passes a row; false at the end.</summary>
    public bool Skip()
    {
        if (ReadLength(_rowsEnd) is not { } length) return false;
        _file.Seek(length, SeekOrigin.Current);
        return true;
    }

    /// <summary>Reads a row; null at the end.</summary>
    public StoredRejectedRow? Read()
    {
        if (ReadEntry(_rowsEnd) is not { } entry) return null;
        if (!_isFirstVersion) return Decode(entry.Span, _kinds);
        var row = Parse<StoredRejectedRow>(entry);
        return row is { Reasons: not null, Text: not null } ? row : throw Damaged("a row lacks something");
    }

    /// <summary>Reads one row as it is written, its length included, from where a stream of rows is; empty at the end.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="buffer">Where it is read into; grown as needed.</param>
    /// <param name="row">The row's number.</param>
    public static ReadOnlyMemory<byte> ReadRaw(Stream rows, ref byte[] buffer, out long row)
    {
        row = 0;
        if (buffer.Length < RejectedRowsFile.LengthBytes) buffer = new byte[1 << 10];
        if (rows.ReadAtLeast(buffer.AsSpan(0, RejectedRowsFile.LengthBytes), RejectedRowsFile.LengthBytes, throwOnEndOfStream: false) < RejectedRowsFile.LengthBytes) return default;
        var length = RejectedRowsFile.LengthBytes + BinaryPrimitives.ReadInt32LittleEndian(buffer);
        if (buffer.Length < length) Array.Resize(ref buffer, length + (length >> 1));
        rows.ReadExactly(buffer, RejectedRowsFile.LengthBytes, length - RejectedRowsFile.LengthBytes);
        ReadOnlySpan<byte> rest = buffer.AsSpan(RejectedRowsFile.LengthBytes, length - RejectedRowsFile.LengthBytes);
        row = TakeNumber(ref rest);
        return buffer.AsMemory(0, length);
    }

    /// <summary>The rows of a buffer that goes into no file.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="kinds">The kinds of their reasons, all of them.</param>
    public static IEnumerable<StoredRejectedRow> ReadAll(MemoryStream rows, IReadOnlyList<ReasonKind> kinds)
    {
        for (var position = 0; position < rows.Length;)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(rows.GetBuffer().AsSpan(position));
            yield return Decode(rows.GetBuffer().AsSpan(position + RejectedRowsFile.LengthBytes, length), kinds);
            position += RejectedRowsFile.LengthBytes + length;
        }
    }

    private static StoredRejectedRow Decode(ReadOnlySpan<byte> entry, IReadOnlyList<ReasonKind> kinds)
    {
        var row = TakeNumber(ref entry);
        var line = row + TakeNumber(ref entry);
        var flags = TakeNumber(ref entry);
        // Each reason has 2 bytes at least.
        if (flags < 0 || flags >> 1 > entry.Length / 2) throw Damaged("a row has more reasons than bytes");
        var reasons = new RejectionReason[(int)(flags >> 1)];
        for (var i = 0; i < reasons.Length; i++) reasons[i] = TakeReason(ref entry, kinds);
        return new StoredRejectedRow(row, line, reasons, entry.ToArray(), HasColumns: (flags & 1) != 0);
    }

    private static RejectionReason TakeReason(ref ReadOnlySpan<byte> entry, IReadOnlyList<ReasonKind> kinds)
    {
        var number = TakeNumber(ref entry);
        if (number < 0 || number >= kinds.Count) throw Damaged("a reason's kind is unknown");
        var kind = kinds[(int)number];
        var numbers = kind.Pieces.Count == 1 ? [] : new long[kind.Pieces.Count - 1];
        for (var i = 0; i < numbers.Length; i++) numbers[i] = TakeNumber(ref entry);
        var length = TakeNumber(ref entry) - 1;
        if (length > entry.Length) throw Damaged("a value is longer than its row");
        string? value = null;
        if (length >= 0)
        {
            value = Encoding.UTF8.GetString(entry[..(int)length]);
            entry = entry[(int)length..];
        }

        return new RejectionReason(kind.Code, kind.Field, kind.Column, value, RejectionReasons.Fill(kind.Pieces, numbers));
    }

    private static long TakeNumber(ref ReadOnlySpan<byte> entry)
    {
        var number = 0L;
        for (var i = 0; i < entry.Length && i < 10; i++)
        {
            number |= (long)(entry[i] & 0x7F) << (7 * i);
            if (entry[i] >= 0x80) continue;
            entry = entry[(i + 1)..];
            return number;
        }

        throw Damaged("a number does not end");
    }

    /// <summary>The length in front of an entry that ends before a place; null where that place is reached.</summary>
    private int? ReadLength(long end)
    {
        if (_file.Position == end || (_mayEndInRow && end - _file.Position < RejectedRowsFile.LengthBytes)) return null;
        Span<byte> bytes = stackalloc byte[RejectedRowsFile.LengthBytes];
        if (_file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length) throw Damaged("it ends in a length");
        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (_mayEndInRow && length > end - _file.Position)
        {
            _file.Position -= bytes.Length;
            return null;
        }

        if (length < 0 || length > (_isFirstVersion ? MaxFirstVersionBytes : MaxRowBytes) || length > end - _file.Position)
            throw Damaged(FormattableString.Invariant($"{length} is no length that can follow at byte {_file.Position}"));
        return length;
    }

    private ReadOnlyMemory<byte>? ReadEntry(long end)
    {
        if (ReadLength(end) is not { } length) return null;
        if (_buffer.Length < length) _buffer = new byte[length];
        if (_file.ReadAtLeast(_buffer.AsSpan(0, length), length, throwOnEndOfStream: false) < length) throw Damaged("it ends in a row");
        return _buffer.AsMemory(0, length);
    }

    private static T Parse<T>(ReadOnlyMemory<byte> json) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json.Span, RejectedRowsJson.Default.Options) ?? throw Damaged("a description is missing");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException("The file of rejected rows is damaged: a description cannot be read.", exception);
        }
    }

    private static InvalidDataException Damaged(string why) => new($"The file of rejected rows is damaged: {why}.");
}

using System.Buffers.Binary;
using System.Text;
using EntityImport.Conversion;

namespace EntityImport.Imports.Rejections;

/// <summary>Rows on their way to a <see cref="RejectedRowsFile"/>. Reused, because a file may be bad from end to end; not thread-safe.</summary>
/// <remarks>
/// A row is its length (4 bytes), its number, how many lines more than that its line is, twice the number of its reasons, plus 1 where the text has the input's columns, the
/// reasons, and the text up to the end. A reason is its kind, the kind's numbers, and the value: its length plus 1, or 0 where there is none, and its bytes. Numbers are of
/// 7 bits a byte, the lowest first, and all but the last byte have the highest bit.
/// </remarks>
internal sealed class RejectedRowsBuffer : IDisposable
{
    private readonly MemoryStream _rows = new();
    private int _start;

    /// <summary>The rows; whoever takes them empties the stream. Between <see cref="Begin"/> and <see cref="End"/>, the row's text is appended to it behind the reasons.</summary>
    public MemoryStream Rows => _rows;

    /// <summary>Begins a row.</summary>
    /// <param name="row">Its number, from 1.</param>
    /// <param name="line">The physical line on which it begins, from 1.</param>
    /// <param name="reasons">How many reasons follow.</param>
    /// <param name="hasColumns">Whether its text has the input's columns.</param>
    public void Begin(long row, long line, int reasons, bool hasColumns)
    {
        _start = (int)_rows.Length;
        _rows.SetLength(_start + RejectedRowsFile.LengthBytes);
        _rows.Position = _rows.Length;
        WriteNumber(row);
        WriteNumber(line - row);
        WriteNumber(((long)reasons << 1) | (hasColumns ? 1L : 0));
    }

    /// <summary>Adds a reason that shows no value.</summary>
    /// <param name="kind">The number of its kind.</param>
    /// <param name="numbers">The numbers that the kind's message has.</param>
    public void AddReason(int kind, params ReadOnlySpan<long> numbers)
    {
        WriteKind(kind, numbers);
        _rows.WriteByte(0);
    }

    /// <summary>Adds a reason with the refused value, which is cut as reasons show it.</summary>
    public void AddReason(int kind, ReadOnlySpan<byte> value, params ReadOnlySpan<long> numbers)
    {
        WriteKind(kind, numbers);
        if (!RejectionReasons.IsShownAsItIs(value)) value = Encoding.UTF8.GetBytes(RejectionReasons.Show(value));
        WriteNumber(value.Length + 1);
        _rows.Write(value);
    }

    /// <summary>Ends the row.</summary>
    public void End() =>
        BinaryPrimitives.WriteInt32LittleEndian(_rows.GetBuffer().AsSpan(_start), (int)_rows.Length - _start - RejectedRowsFile.LengthBytes);

    /// <summary>Moves what was added to the end of a file; answers how many bytes.</summary>
    public long MoveTo(Stream file)
    {
        var bytes = _rows.Length;
        _rows.WriteTo(file);
        _rows.SetLength(0);
        return bytes;
    }

    /// <inheritdoc/>
    public void Dispose() => _rows.Dispose();

    private void WriteKind(int kind, ReadOnlySpan<long> numbers)
    {
        WriteNumber(kind);
        foreach (var number in numbers) WriteNumber(number);
    }

    private void WriteNumber(long number)
    {
        var rest = (ulong)number;
        for (; rest >= 0x80; rest >>= 7) _rows.WriteByte((byte)(rest | 0x80));
        _rows.WriteByte((byte)rest);
    }
}

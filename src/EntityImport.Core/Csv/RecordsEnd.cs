namespace EntityImport.Csv;

/// <summary>
/// Finds where the records of a file end: before a CP/M end of file (0x1A, behind which nothing but line ends and more of it follow), and before as many physical lines as a layout
/// says are a footer. It looks at the file backwards, from its end, so that it needs no memory, and reads no more than the footer has. Not thread-safe.
/// </summary>
/// <param name="size">Size of the file in bytes.</param>
/// <param name="footerLines">How many lines at the end are no records.</param>
internal struct RecordsEnd(long size, int footerLines)
{
    /// <summary>What CP/M and DOS end text files with.</summary>
    public const byte EndOfFile = 0x1A;

    /// <summary>Where the last line ends, and where the footer begins; 0 as long as that is not found.</summary>
    private long _end = size;
    private long _footer;
    private long _lines;
    private bool _hasText;
    private byte _behind;

    /// <summary>The offset at which the records end, once it is found or the file's beginning is reached.</summary>
    public readonly long Offset => footerLines == 0 ? _end : _footer;

    /// <summary>Where the records of bytes that are in memory as a whole end.</summary>
    public static int Find(ReadOnlySpan<byte> file, int footerLines)
    {
        var end = new RecordsEnd(file.Length, footerLines);
        end.LookAt(file, 0);
        return (int)end.Offset;
    }

    /// <summary>Looks at the bytes before those that were looked at last.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="offset">The offset of the first of them in the file.</param>
    /// <returns>Whether the end is found.</returns>
    public bool LookAt(ReadOnlySpan<byte> bytes, long offset)
    {
        for (var i = bytes.Length - 1; i >= 0; i--)
        {
            var value = bytes[i];
            var next = offset + i + 1;
            if (value == EndOfFile && !_hasText)
            {
                _end = next - 1;
                _lines = _footer = 0;
            }
            else if (value == '\n' || (value == '\r' && _behind != '\n'))
            {
                // What ends the last line begins no further one.
                if (next != _end && ++_lines == footerLines) _footer = next;
            }
            else if (value != '\r')
            {
                _hasText = true;
            }

            _behind = value;
            if (_hasText && _lines >= footerLines) return true;
        }

        return false;
    }
}

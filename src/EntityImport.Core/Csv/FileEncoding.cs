using System.Text;

namespace EntityImport.Csv;

/// <summary>The encodings that files may be in.</summary>
public static class FileEncoding
{
    static FileEncoding() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    /// <summary>UTF-8, in which files are read as they stand.</summary>
    public static Encoding Utf8 { get; } = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

    /// <summary>
    /// The encoding of a name (IANA, as <c>UTF-16LE</c>, <c>windows-1252</c>, <c>ISO-8859-1</c>, <c>Shift_JIS</c>), ignoring case; null where there is none,
    /// or where it is the withdrawn UTF-7.
    /// </summary>
    public static Encoding? Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        try
        {
            var known = Encoding.GetEncoding(name);
            return known.CodePage == 65001 ? Utf8 : known.CodePage == 65000 ? null : known;
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>The encoding that a file's first bytes prove by a byte order mark, and the mark's length; null and 0 where there is none.</summary>
    public static (Encoding? Encoding, int Length) DetectByteOrderMark(ReadOnlySpan<byte> start)
    {
        if (start.StartsWith<byte>([0xEF, 0xBB, 0xBF])) return (Utf8, 3);
        if (start.StartsWith<byte>([0xFF, 0xFE, 0, 0])) return (Encoding.UTF32, 4);
        if (start.StartsWith<byte>([0, 0, 0xFE, 0xFF])) return (Encoding.GetEncoding("UTF-32BE"), 4);
        if (start.StartsWith<byte>([0xFF, 0xFE])) return (Encoding.Unicode, 2);
        return start.StartsWith<byte>([0xFE, 0xFF]) ? (Encoding.BigEndianUnicode, 2) : (null, 0);
    }
}

using System.Text;
using System.Text.Json;
using EntityImport.Csv;

namespace EntityImport.Inputs;

/// <summary>Files of other formats that are often sent by mistake, known by their first bytes.</summary>
public static class ForeignFormats
{
    /// <summary>How many bytes it takes to know.</summary>
    public const int HeadBytes = 1 << 10;

    private const string Workbook = "Open it in a spreadsheet program and save the sheet as CSV UTF-8.";
    private const string Archive = "Extract it, and send the CSV file that is in it.";

    private static readonly (byte[] Start, string What)[] Signatures =
    [
        (Convert.FromHexString("D0CF11E0A1B11AE1"), $"The file is an old Excel workbook (.xls), not a CSV file. {Workbook}"),
        ("%PDF-"u8.ToArray(), "The file is a PDF document, not a CSV file. Export the data as CSV UTF-8 where the document was made."),
        (Convert.FromHexString("1F8B"), "The file is gzip-compressed. Send it with the header Content-Encoding: gzip, or decompress it."),
        (Convert.FromHexString("28B52FFD"), "The file is zstd-compressed. Send it with the header Content-Encoding: zstd, or decompress it."),
        ("PAR1"u8.ToArray(), "The file is a Parquet file, not a CSV file. Export it as CSV UTF-8."),
        (Convert.FromHexString("4F626A01"), "The file is an Avro file, not a CSV file. Export it as CSV UTF-8."),
        ("SQLite format 3\0"u8.ToArray(), "The file is an SQLite database, not a CSV file. Export the table as CSV UTF-8."),
        (Convert.FromHexString("425A68"), $"The file is a bzip2 archive, not a CSV file. {Archive}"),
        (Convert.FromHexString("FD377A585A00"), $"The file is an xz archive, not a CSV file. {Archive}"),
        (Convert.FromHexString("377ABCAF271C"), $"The file is a 7-Zip archive, not a CSV file. {Archive}"),
        (Convert.FromHexString("526172211A07"), $"The file is a RAR archive, not a CSV file. {Archive}"),
        (Convert.FromHexString("89504E470D0A1A0A"), "The file is a PNG image, not a CSV file."),
        (Convert.FromHexString("FFD8FF"), "The file is a JPEG image, not a CSV file."),
        (@"{\rtf"u8.ToArray(), "The file is a text document (.rtf), not a CSV file. Export the data as CSV UTF-8."),
    ];

    /// <summary>What the file is and what to do about it, as sentences; null where it may be a CSV file.</summary>
    /// <param name="head">Its first bytes, <see cref="HeadBytes"/> of them where it has as many.</param>
    public static string? Describe(ReadOnlySpan<byte> head)
    {
        head = head[..Math.Min(head.Length, HeadBytes)];
        if (head.StartsWith("PK\x03\x04"u8)) return DescribeZip(head);
        foreach (var (start, what) in Signatures)
            // A name of a column may begin like the short one of bzip2, behind which its block size and the digits of pi follow.
            if (head.StartsWith(start) && (start.Length != 3 || start[0] != 'B' || head.Slice(3).IndexOf("1AY&SY"u8) == 1)) return what;
        if (head.Length > 262 && head[257..].StartsWith("ustar"u8)) return $"The file is a tar archive, not a CSV file. {Archive}";
        return DescribeText(head);
    }

    private static string DescribeZip(ReadOnlySpan<byte> head)
    {
        if (head.IndexOf("opendocument.spreadsheet"u8) >= 0) return $"The file is an OpenDocument spreadsheet (.ods), not a CSV file. {Workbook}";
        if (head.IndexOf("word/"u8) >= 0 || head.IndexOf("opendocument.text"u8) >= 0) return "The file is a text document (.docx or .odt), not a CSV file. Export the data as CSV UTF-8.";
        return head.IndexOf("[Content_Types].xml"u8) >= 0 || head.IndexOf("xl/"u8) >= 0
            ? $"The file is an Excel workbook (.xlsx), not a CSV file. {Workbook}"
            : $"The file is a ZIP archive or an Excel workbook (.xlsx), not a CSV file. Extract it, or open it in a spreadsheet program and save the sheet as CSV UTF-8.";
    }

    /// <summary>Formats that are text themselves. A CSV file may begin like each of them, so that it takes more than the first character.</summary>
    private static string? DescribeText(ReadOnlySpan<byte> head)
    {
        var (encoding, mark) = FileEncoding.DetectByteOrderMark(head);
        ReadOnlySpan<byte> text = encoding is null || encoding == FileEncoding.Utf8 ? head[mark..] : Encoding.UTF8.GetBytes(encoding.GetString(head[mark..]));
        text = text.TrimStart(" \t\r\n"u8);
        if (text.IsEmpty) return null;
        if (text[0] is (byte)'{' or (byte)'[') return IsJson(text) ? "The file is JSON, not a CSV file. It may be the answer of a service, perhaps an error; export the data as CSV UTF-8." : null;
        if (text[0] != '<') return null;
        var markup = Encoding.Latin1.GetString(text);
        if (IsHtml(markup)) return $"The file is an HTML page, not a CSV file, whatever its name says. {Workbook} Where it is no table, it may be an error page in place of the file.";
        return IsXml(markup) ? "The file is XML, not a CSV file. Export the data as CSV UTF-8." : null;
    }

    private static bool IsHtml(string text)
    {
        if (text.StartsWith("<!doctype html", StringComparison.OrdinalIgnoreCase)) return true;
        foreach (var name in (string[])["html", "head", "body", "table", "meta", "script", "style"])
        {
            if (text.Length > name.Length + 1 && text.AsSpan(1).StartsWith(name, StringComparison.OrdinalIgnoreCase) && text[name.Length + 1] is '>' or ' ' or '\r' or '\n'
                && IsFollowedByTag(text)) return true;
        }

        return false;
    }

    private static bool IsXml(string text) =>
        text.StartsWith("<?xml ", StringComparison.Ordinal)
        || (text.Length > 1 && (char.IsAsciiLetter(text[1]) || text[1] is '_' or '!') && text.Contains("</", StringComparison.Ordinal) && IsFollowedByTag(text));

    /// <summary>Whether what follows the first tag is a tag: in a CSV file it is a delimiter or a record.</summary>
    private static bool IsFollowedByTag(string text)
    {
        var end = text.IndexOf('>', StringComparison.Ordinal);
        return end > 0 && text.AsSpan(end + 1).TrimStart().StartsWith("<");
    }

    /// <summary>Whether the text is a JSON object or array as far as it goes, or several of them, each on a line of its own.</summary>
    private static bool IsJson(ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(text, isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { AllowMultipleValues = true }));
        var tokens = 0;
        var isBetweenValues = false;
        try
        {
            while (reader.Read())
            {
                // [1],[2] and [1] [2] are records; on a line of its own each is a value.
                if (isBetweenValues && !text[..(int)reader.TokenStartIndex].TrimEnd(" \t"u8).EndsWith("\n"u8)) return false;
                isBetweenValues = reader.CurrentDepth == 0 && reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray;
                if (isBetweenValues && reader.BytesConsumed == text.Length) return true;
                tokens++;
            }
        }
        catch (JsonException)
        {
            return false;
        }

        // [name] would be no JSON, ["a"] is, and of {"a": it is enough.
        return tokens >= 2;
    }
}

using System.Text;
using EntityImport.Catalog;
using EntityImport.Csv;
using EntityImport.Mappings;
using EntityImport.Server.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace EntityImport.Server.Uploads;

/// <summary>The charset that a request states for its file: its encoding, unless the mapping states one. Two that contradict each other are refused, since either would be wrong in silence.</summary>
/// <param name="stated">The charset, quoted or not; empty where none is stated.</param>
/// <param name="mapping">The mapping that the file will be read by; null where that is said later, so that there is nothing to compare.</param>
internal readonly struct StatedCharset(StringSegment stated, Mapping? mapping)
{
    private readonly string _stated = HeaderUtilities.RemoveQuotes(stated).ToString().Trim();

    /// <summary>Compares it with what the mapping or a byte order mark say.</summary>
    /// <param name="head">The file's first bytes.</param>
    /// <returns>The charset's IANA name where it is what the file is read in; null where the default or the mapping is.</returns>
    /// <exception cref="RequestException">It is another charset, or none that is known.</exception>
    public string? Find(ReadOnlySpan<byte> head)
    {
        if (_stated.Length == 0) return null;
        var marked = FileEncoding.DetectByteOrderMark(head).Encoding;
        var read = marked ?? (mapping?.StatedEncoding() is { } name ? FileEncoding.Find(name) : null);
        if (FileEncoding.Find(_stated) is not { } charset)
            throw Mismatch($"The request says that the file is in '{Refusal.Cut(_stated)}', which is no charset that is known.");
        // ASCII is a part of UTF-8, which is the default.
        if (read is null) return charset == FileEncoding.Utf8 || charset.CodePage == Encoding.ASCII.CodePage ? null : charset.WebName;
        if (charset.CodePage == read.CodePage || IsPartOf(charset, read)) return null;
        throw Mismatch($"The request says that the file is in '{Refusal.Cut(_stated)}', but it would be read as {read.WebName.ToUpperInvariant()}.");
    }

    private static RequestException Mismatch(string fault) =>
        new(FaultKind.NotAFile, "charset-mismatch", $"{fault} State the file's encoding in the mapping or in the request, or the same in both.");

    /// <summary>ASCII is a part of most encodings; and which of the two UTF-16 is meant, its name need not say.</summary>
    private bool IsPartOf(Encoding charset, Encoding read)
    {
        if (_stated.Equals("UTF-16", StringComparison.OrdinalIgnoreCase)) return read is UnicodeEncoding;
        return charset.CodePage == Encoding.ASCII.CodePage && read is not (UnicodeEncoding or UTF32Encoding) && read.GetByteCount("a") == 1;
    }
}

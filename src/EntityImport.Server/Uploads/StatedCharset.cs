using System.Text;
using EntityImport.Catalog;
using EntityImport.Csv;
using EntityImport.Mappings;
using EntityImport.Server.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace EntityImport.Server.Uploads;

/// <summary>The charset that a request states for its file. The mapping decides how the file is read, so that another one would be wrong in silence.</summary>
/// <param name="stated">The charset, quoted or not; empty where none is stated.</param>
/// <param name="mapping">The mapping that the file will be read by; null where that is said later, so that there is nothing to compare.</param>
internal readonly struct StatedCharset(StringSegment stated, Mapping? mapping)
{
    private readonly string _stated = HeaderUtilities.RemoveQuotes(stated).ToString().Trim();

    /// <summary>Compares it with what the file will be read in.</summary>
    /// <param name="head">The file's first bytes, of which a byte order mark decides.</param>
    /// <exception cref="RequestException">It is another charset, or none that is known.</exception>
    public void Check(ReadOnlySpan<byte> head)
    {
        if (_stated.Length == 0 || mapping is null) return;
        var read = FileEncoding.DetectByteOrderMark(head).Encoding ?? FileEncoding.Find(mapping.ReadEncoding())!;
        if (FileEncoding.Find(_stated) is { } charset && (charset.CodePage == read.CodePage || IsPartOf(charset, read))) return;
        throw new RequestException(
            FaultKind.NotAFile, "charset-mismatch",
            $"The request says that the file is in '{Refusal.Cut(_stated)}', but it would be read as {read.WebName.ToUpperInvariant()}. State the file's encoding in the mapping, or no charset in the request.");
    }

    /// <summary>ASCII is a part of most encodings; and which of the two UTF-16 is meant, its name need not say.</summary>
    private bool IsPartOf(Encoding charset, Encoding read)
    {
        if (_stated.Equals("UTF-16", StringComparison.OrdinalIgnoreCase)) return read is UnicodeEncoding;
        return charset.CodePage == Encoding.ASCII.CodePage && read is not (UnicodeEncoding or UTF32Encoding) && read.GetByteCount("a") == 1;
    }
}

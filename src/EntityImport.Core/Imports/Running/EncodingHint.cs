using EntityImport.Catalog;
using EntityImport.Csv;
using EntityImport.Encodings;
using EntityImport.Files;
using EntityImport.Mappings;

namespace EntityImport.Imports.Running;

/// <summary>What an import that rejects rows says of a file that is read as UTF-8 and is none.</summary>
internal static class EncodingHint
{
    private const int SampleBytes = 256 << 10;

    /// <summary>A sentence with what the file probably is, and a space before it; empty where it is UTF-8, or most of it, or its encoding was stated.</summary>
    public static string Of(ImportFiles files, Upload upload, ImportDefinition definition)
    {
        if (FileEncoding.Find(definition.Encoding) != FileEncoding.Utf8) return "";
        using var file = files.OpenUpload(upload);
        var sample = new byte[Math.Min(SampleBytes, upload.Size)];
        var bytes = sample.AsSpan(0, file.Fill(sample, 0));
        if (FileEncoding.DetectByteOrderMark(bytes).Encoding is not null) return "";
        var verdict = EncodingJudge.Judge(bytes, isWholeFile: bytes.Length == upload.Size);
        return verdict.Evidence switch
        {
            EncodingEvidence.None or EncodingEvidence.ValidUtf8 => "",
            EncodingEvidence.Unclear => " The file was read as UTF-8 and is none; state its encoding in the mapping's definition.",
            _ => $" The file was read as UTF-8 and is probably {verdict.Name}; state it as the encoding in the mapping's definition.",
        };
    }
}

using System.Text;
using EntityImport.Csv;

namespace EntityImport.Encodings;

/// <summary>An encoding that a file without a mark and without UTF-8 may be in. Immutable.</summary>
internal sealed class CandidateEncoding
{
    /// <summary>What stands for bytes that the encoding does not define.</summary>
    public const char Undefined = '\uFFFF';

    private readonly Encoding _strict;
    private readonly string? _characters;

    private CandidateEncoding(string name, double rarity)
    {
        Name = name;
        Rarity = rarity;
        var encoding = FileEncoding.Find(name)!;
        _strict = Encoding.GetEncoding(encoding.CodePage, EncoderFallback.ReplacementFallback, new DecoderReplacementFallback(Undefined.ToString()));
        if (encoding.IsSingleByte) _characters = string.Concat(BadBytes.Characters(encoding).Select(character => character ?? Undefined));
    }

    /// <summary>
    /// All of them. Where some read a file alike, the first of them is named: it is the more usual one, or has all that the other has.
    /// How rare one is, is a natural logarithm: between readings that are equally good the usual one is the likelier.
    /// </summary>
    public static IReadOnlyList<CandidateEncoding> All { get; } =
    [
        new("windows-1252", 0), new("windows-1251", 0), new("windows-1250", 0), new("Shift_JIS", 0), new("GB18030", 0.5), new("Big5", 0.5), new("EUC-KR", 0.5), new("EUC-JP", 0.5),
        new("windows-1254", 0.5), new("windows-1253", 0.5), new("windows-1257", 0.5), new("windows-1255", 0.5), new("windows-1256", 0.5), new("windows-874", 0.5), new("windows-1258", 1),
        new("ISO-8859-1", 0.5), new("ISO-8859-15", 1), new("ISO-8859-2", 1), new("ISO-8859-5", 1), new("ISO-8859-7", 1), new("ISO-8859-9", 1), new("ISO-8859-13", 1.5),
        new("ISO-8859-4", 1.5), new("ISO-8859-3", 1.5), new("ISO-8859-6", 1), new("ISO-8859-8", 1), new("KOI8-R", 0.5), new("KOI8-U", 0.5),
        new("macintosh", 1), new("IBM850", 1), new("IBM437", 1), new("IBM852", 1), new("IBM866", 1),
    ];

    /// <summary>Its IANA name.</summary>
    public string Name { get; }

    /// <summary>How much rarer than the most usual ones it is.</summary>
    public double Rarity { get; }

    /// <summary>Whether each byte is a character.</summary>
    public bool IsSingleByte => _characters is not null;

    /// <summary>The text of some bytes.</summary>
    public string Decode(ReadOnlySpan<byte> bytes)
    {
        if (_characters is null) return _strict.GetString(bytes);
        var text = new char[bytes.Length];
        for (var i = 0; i < bytes.Length; i++) text[i] = _characters[bytes[i]];
        return new string(text);
    }
}

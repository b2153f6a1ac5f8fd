using System.Buffers;
using System.Text;

namespace EntityImport.Csv;

/// <summary>Fields as strings that are the same bytes again when they are written, also where these are no UTF-8: a byte that is none stands as a low surrogate of its own, U+DC00 and the byte, which no text has (as PEP 383 does it).</summary>
internal static class FieldText
{
    private const char Marker = '\uDC00';

    /// <summary>The text of a field.</summary>
    public static string Of(ReadOnlySpan<byte> field)
    {
        if (System.Text.Unicode.Utf8.IsValid(field)) return Encoding.UTF8.GetString(field);
        var text = new StringBuilder(field.Length);
        while (!field.IsEmpty)
        {
            var isText = Rune.DecodeFromUtf8(field, out var rune, out var length) == OperationStatus.Done;
            if (isText) text.Append(rune.ToString());
            else foreach (var none in field[..length]) text.Append((char)(Marker + none));
            field = field[length..];
        }

        return text.ToString();
    }

    /// <summary>The bytes of a field.</summary>
    public static byte[] Bytes(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange((char)(Marker + 0x80), (char)(Marker + 0xFF))) return Encoding.UTF8.GetBytes(text);
        var bytes = new List<byte>(text.Length);
        Span<byte> one = stackalloc byte[4];
        for (var rest = text.AsSpan(); !rest.IsEmpty;)
        {
            var isText = Rune.DecodeFromUtf16(rest, out var rune, out var length) == OperationStatus.Done;
            if (!isText && rest[0] is >= (char)(Marker + 0x80) and <= (char)(Marker + 0xFF)) bytes.Add((byte)(rest[0] - Marker));
            else bytes.AddRange(one[..rune.EncodeToUtf8(one)]);
            rest = rest[length..];
        }

        return [.. bytes];
    }
}

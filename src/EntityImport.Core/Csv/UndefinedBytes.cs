using System.Text;

namespace EntityImport.Csv;

/// <summary>The bytes that a code page does not define. .NET reads some of them as control characters or private ones, which would be values that nobody wrote.</summary>
internal static class UndefinedBytes
{
    /// <summary>What each byte alone is; null where the code page does not define it, or where it begins a character of several bytes.</summary>
    /// <param name="encoding">An encoding that is not one of all Unicode's.</param>
    public static char?[] Characters(Encoding encoding)
    {
        var strict = Encoding.GetEncoding(encoding.CodePage, EncoderFallback.ReplacementFallback, DecoderFallback.ExceptionFallback);
        // In EBCDIC bytes from 0x80 on are letters, and control characters stand elsewhere.
        var isAscii = strict.GetString("Aa0,"u8) == "Aa0,";
        var characters = new char?[256];
        for (var code = 0; code < characters.Length; code++)
        {
            try
            {
                if (strict.GetString([(byte)code]) is [var character] && !IsMadeUp(character, isAscii && code >= 0x80)) characters[code] = character;
            }
            catch (DecoderFallbackException)
            {
                // Not defined.
            }
        }

        return characters;
    }

    private static bool IsMadeUp(char character, bool isAbove) =>
        character is '\uFFFD' or (>= '\uF700' and <= '\uF8FE') || (isAbove && character is < '\u00A0');
}

using System.Text;

namespace EntityImport.Postgres.Records;

/// <summary>Unicode's simple mappings of letters to lower and upper case, in SQL: what PostgreSQL's own functions do depends on version, operating system and settings.</summary>
internal static class LetterCase
{
    private static readonly Lazy<string> Lower = new(() => Table(Rune.ToLowerInvariant, (0x130, 'i')));
    private static readonly Lazy<string> Upper = new(() => Table(Rune.ToUpperInvariant, (0x131, 'I'), (0x17F, 'S')));

    /// <summary>The expression for a text in lower case.</summary>
    public static string ToLower(string text) => Map("lower", text, Lower.Value);

    /// <summary>The expression for a text in upper case.</summary>
    public static string ToUpper(string text) => Map("upper", text, Upper.Value);

    /// <summary>Most texts are ASCII, for which there is a fast way.</summary>
    private static string Map(string function, string text, string table) =>
        $"(CASE WHEN octet_length({text}) = length({text}) THEN {function}(({text}) COLLATE \"C\") ELSE translate({text}, {table}) END)";

    /// <summary>All letters that a mapping changes, and what they become, as the last arguments of <c>translate</c>.</summary>
    /// <param name="map">The mapping.</param>
    /// <param name="more">Letters of Turkish, and the long s, that .NET leaves as they are.</param>
    private static string Table(Func<Rune, Rune> map, params (int From, char To)[] more)
    {
        var (from, to) = (new StringBuilder(), new StringBuilder());
        for (var point = 0; point <= 0x10FFFF; point++)
        {
            if (!Rune.IsValid(point)) continue;
            var rune = new Rune(point);
            var mapped = Array.Find(more, pair => pair.From == point) is { To: > '\0' and var letter } ? new Rune(letter) : map(rune);
            if (mapped == rune) continue;
            from.Append(rune.ToString());
            to.Append(mapped.ToString());
        }

        return $"'{from}', '{to}'";
    }
}

using System.Text;

namespace EntityImport.Web.Repairs;

/// <summary>Texts of rows, as forms have them and as a person would split them.</summary>
internal static class RowTexts
{
    private static readonly char[] Delimiters = [',', ';', '\t', '|'];

    /// <summary>A text as a browser sends it back that shows it in a form: it has no NUL, and makes line ends its own.</summary>
    public static string AsForms(string text) => text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n').Replace('\0', '\uFFFD');

    /// <summary>The pieces of a record that has no columns of its own, for a person to put right: quotes count as long as they close, and one that does not is left out. The service reads none of it.</summary>
    /// <param name="record">The record as it stands.</param>
    /// <param name="delimiter">What the mapping states; null for the one that the record has most of.</param>
    public static IReadOnlyList<string> Split(string record, string? delimiter)
    {
        var at = delimiter is [var stated] ? stated : Delimiters.MaxBy(candidate => record.Count(character => character == candidate));
        var pieces = new List<string>();
        var piece = new StringBuilder();
        for (var i = 0; i < record.Length; i++)
        {
            var c = record[i];
            if (c == '"' && piece.Length == 0 && TryUnquote(record, i, at, out var text, out var end))
            {
                piece.Append(text);
                i = end;
            }
            else if (c == at)
            {
                pieces.Add(piece.ToString());
                piece.Clear();
            }
            else
            {
                piece.Append(c);
            }
        }

        pieces.Add(piece.ToString());
        return pieces;
    }

    /// <summary>What stands in quotes, with its doubled quotes; the quote alone, and nothing of what follows, where none closes it. False where something follows the closing one.</summary>
    private static bool TryUnquote(string record, int quote, char delimiter, out string text, out int end)
    {
        var inside = new StringBuilder();
        for (end = quote + 1; end < record.Length; end++)
        {
            if (record[end] != '"')
            {
                inside.Append(record[end]);
                continue;
            }

            if (end + 1 == record.Length || record[end + 1] == delimiter)
            {
                text = inside.ToString();
                return true;
            }

            text = "";
            if (record[end + 1] != '"') return false;
            inside.Append('"');
            end++;
        }

        text = "";
        end = quote;
        return true;
    }
}

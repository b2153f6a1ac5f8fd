using System.Text;

namespace EntityImport.Web.Repairs;

/// <summary>Texts of rows, as forms have them and as a person would split them.</summary>
internal static class RowTexts
{
    private static readonly char[] Delimiters = [',', ';', '\t', '|'];

    /// <summary>A text as a browser sends it back that shows it in a form: it has no NUL, and makes line ends its own.</summary>
    public static string AsForms(string text) => text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n').Replace('\0', '\uFFFD');

    /// <summary>The pieces of a record that has no columns of its own, for a person to put right: quotes count as long as they close. The service reads none of it.</summary>
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
            if (c == '"' && piece.Length == 0 && record.IndexOf('"', i + 1) is > 0 and var end && (end + 1 == record.Length || record[end + 1] == at))
            {
                piece.Append(record, i + 1, end - i - 1);
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
}

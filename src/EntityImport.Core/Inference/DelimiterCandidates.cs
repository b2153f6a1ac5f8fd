using System.Buffers;
using System.Text;
using EntityImport.Csv;

namespace EntityImport.Inference;

/// <summary>What may be the delimiter of a file: the usual ones, and marks that stand together in its first lines.</summary>
internal static class DelimiterCandidates
{
    private const int MaxLines = 40;
    private const int MaxBytes = 64 << 10;
    private const int MaxFound = 8;

    /// <summary>The usual delimiters first, the most frequent in the world before the others.</summary>
    private static readonly string[] Usual = [",", ";", "\t", "|"];

    /// <summary>One of them is in every delimiter of several marks.</summary>
    private static readonly SearchValues<byte> UnlikeText = SearchValues.Create("|^~;:#@$&*!"u8);

    private static readonly string[] Rare = ["^", "~", "\u00A6", "\u00A7", "||", "|^|", "|~|", "::"];

    /// <summary>Whether the delimiter is one of those that most files have; any other must be borne out by a header.</summary>
    public static bool IsUsual(string delimiter) => Usual.Contains(delimiter);

    /// <summary>Those that occur and that may stand beside the quote.</summary>
    public static List<string> In(ReadOnlySpan<byte> text, FileLayout layout)
    {
        var found = new List<string>();
        foreach (var candidate in Usual.Concat(Rare).Concat(Runs(text[..Math.Min(text.Length, MaxBytes)])))
        {
            if (found.Contains(candidate) || CsvDialect.FindFault(candidate, layout.Quote, layout.Escape) is not null) continue;
            if (text.IndexOf(Encoding.UTF8.GetBytes(candidate)) >= 0) found.Add(candidate);
        }

        return found;
    }

    /// <summary>Control characters, and marks that stand together, which are in at least half of the first lines that are not blank.</summary>
    private static IEnumerable<string> Runs(ReadOnlySpan<byte> text)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        var lines = 0;
        while (lines < MaxLines && !text.IsEmpty)
        {
            var end = text.IndexOfAny((byte)'\n', (byte)'\r');
            var line = end < 0 ? text : text[..end];
            text = end < 0 ? [] : text[(end + 1)..];
            if (line.IsEmpty) continue;
            lines++;
            foreach (var run in RunsOf(line)) counts[run] = counts.GetValueOrDefault(run) + 1;
        }

        return counts.Where(run => run.Value * 2 >= lines).OrderByDescending(run => run.Value).Take(MaxFound).Select(run => run.Key);
    }

    private static HashSet<string> RunsOf(ReadOnlySpan<byte> line)
    {
        var runs = new HashSet<string>(StringComparer.Ordinal);
        for (var at = 0; at < line.Length; at++)
        {
            if (!IsMark(line[at])) continue;
            var start = at;
            while (at < line.Length && IsMark(line[at])) at++;
            var run = line[start..at];
            var isControl = IsControl(run[0]);
            if (run.Length <= CsvDialect.MaxDelimiterLength && (isControl || (run.Length > 1 && run.ContainsAny(UnlikeText)))) runs.Add(Encoding.ASCII.GetString(run));
            if (isControl) runs.Add(Encoding.ASCII.GetString(run[..1]));
        }

        return runs;
    }

    private static bool IsMark(byte c) => IsControl(c) || c is >= (byte)'!' and <= (byte)'~' && !char.IsAsciiLetterOrDigit((char)c) && c is not ((byte)'"' or (byte)'\'');

    private static bool IsControl(byte c) => c is > 0 and < (byte)' ' and not ((byte)'\t' or (byte)'\r' or (byte)'\n');
}

namespace EntityImport.Rows;

/// <summary>Counts physical lines.</summary>
internal static class LineEnds
{
    /// <summary>How many line ends, LF, CR LF or CR, a text has. It must not begin between a CR and its LF.</summary>
    public static int Count(ReadOnlySpan<byte> text)
    {
        var count = text.Count((byte)'\n');
        for (var at = text.IndexOf((byte)'\r'); at >= 0; at = text.IndexOf((byte)'\r'))
        {
            text = text[(at + 1)..];
            if (!text.StartsWith((byte)'\n')) count++;
        }

        return count;
    }
}

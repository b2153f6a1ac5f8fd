namespace EntityImport.Bench.Torture.Large;

/// <summary>Texts that hardly get smaller by compression, made again from what they were made from.</summary>
internal static class LongText
{
    /// <summary>Two hexadecimal digits for each byte.</summary>
    private static readonly byte[] Digits = [.. Enumerable.Range(0, 256).SelectMany(value => System.Text.Encoding.ASCII.GetBytes(value.ToString("x2", System.Globalization.CultureInfo.InvariantCulture)))];

    /// <summary>Writes the text of a record.</summary>
    /// <param name="target">As long as the text.</param>
    /// <param name="id">The record's id.</param>
    /// <param name="version">Which of its texts.</param>
    public static void Write(Span<byte> target, long id, int version)
    {
        // SplitMix64: cheap, and no two records are alike.
        var state = unchecked(((ulong)id * 0x9E3779B97F4A7C15) ^ ((ulong)version * 0xD1B54A32D192ED03));
        for (var i = 0; i < target.Length;)
        {
            var bits = unchecked(state += 0x9E3779B97F4A7C15);
            bits = unchecked((bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9);
            bits = unchecked((bits ^ (bits >> 27)) * 0x94D049BB133111EB);
            bits ^= bits >> 31;
            for (var part = 0; part < 8 && i < target.Length; part++, bits >>= 8, i++)
            {
                var digit = (int)(byte)bits * 2;
                target[i] = Digits[digit];
                if (++i < target.Length) target[i] = Digits[digit + 1];
            }
        }
    }
}

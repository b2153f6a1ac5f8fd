using System.Diagnostics;

namespace EntityImport.Bench.Fuzz;

/// <summary>Makes an input smaller and plainer as long as it still shows what it was found for.</summary>
internal static class Minimizer
{
    /// <summary>The smallest input that was found in the time.</summary>
    /// <param name="input">The input.</param>
    /// <param name="shows">Whether another one shows the same.</param>
    /// <param name="time">How long to look for it.</param>
    public static byte[] Shrink(byte[] input, Func<byte[], bool> shows, TimeSpan time)
    {
        var begun = Stopwatch.GetTimestamp();
        for (var length = Math.Max(1, input.Length / 2); ; length /= 2)
        {
            for (var at = 0; at + length <= input.Length && Stopwatch.GetElapsedTime(begun) < time;)
            {
                byte[] shorter = [.. input.AsSpan(0, at), .. input.AsSpan(at + length)];
                if (shows(shorter)) input = shorter;
                else at += length;
            }

            if (length <= 1) break;
        }

        for (var at = 0; at < input.Length && Stopwatch.GetElapsedTime(begun) < time; at++)
        {
            if (input[at] is (byte)'0' or (byte)'a') continue;
            foreach (var plain in "0a"u8)
            {
                byte[] plainer = [.. input.AsSpan(0, at), plain, .. input.AsSpan(at + 1)];
                if (!shows(plainer)) continue;
                input = plainer;
                break;
            }
        }

        return input;
    }
}

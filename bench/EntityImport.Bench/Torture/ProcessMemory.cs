using System.Globalization;

namespace EntityImport.Bench.Torture;

/// <summary>How much memory a process has in use, as Linux tells it; elsewhere nothing is known.</summary>
internal sealed class ProcessMemory(int processId)
{
    /// <summary>The most that it had, in bytes, since it began or since <see cref="ForgetPeak"/>; 0 where it is not known, or the process has gone.</summary>
    public long Peak => Read("VmHWM:");

    /// <summary>What it has now, in bytes; 0 where it is not known, or the process has gone.</summary>
    public long Now => Read("VmRSS:");

    /// <summary>Lets <see cref="Peak"/> begin at what is in use now.</summary>
    public void ForgetPeak()
    {
        try
        {
            File.WriteAllText($"/proc/{processId}/clear_refs", "5");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The peak stays that of the whole process, which is never too little.
        }
    }

    private long Read(string name)
    {
        try
        {
            var line = File.ReadLines($"/proc/{processId}/status").FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line.AsSpan(name.Length).TrimEnd("kB").Trim(), CultureInfo.InvariantCulture) << 10;
        }
        catch (IOException)
        {
            return 0;
        }
    }
}

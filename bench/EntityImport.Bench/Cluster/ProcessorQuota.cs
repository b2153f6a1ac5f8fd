using System.Globalization;

namespace EntityImport.Bench.Cluster;

/// <summary>How much of a processor some processes and their children may take together: a control group (version 1) of their own. Only root can make one.</summary>
internal sealed class ProcessorQuota : IDisposable
{
    private const string Groups = "/sys/fs/cgroup/cpu";
    private const int PeriodMicroseconds = 100_000;

    private readonly string _folder;

    /// <param name="name">What the group is called.</param>
    public ProcessorQuota(string name)
    {
        _folder = Path.Combine(Groups, $"eis-{Environment.ProcessId}-{name}");
        Directory.CreateDirectory(_folder);
        File.WriteAllText(Path.Combine(_folder, "cpu.cfs_period_us"), PeriodMicroseconds.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Why none can be made; null where one can.</summary>
    public static string? Obstacle => Environment.UserName == "root" && File.Exists(Path.Combine(Groups, "cpu.cfs_quota_us")) ? null : $"Quotas are given by root, in {Groups}.";

    /// <summary>The command that runs another one in the group.</summary>
    public IReadOnlyList<string> Launcher => ["/bin/sh", "-c", "echo $$ > \"$0\" && exec \"$@\"", Path.Combine(_folder, "tasks")];

    /// <summary>Gives the group so much of a processor.</summary>
    public void Set(double processors) => Write((int)(PeriodMicroseconds * processors));

    /// <summary>Lets it have as much as there is.</summary>
    public void Lift() => Write(-1);

    /// <summary>Deletes the group, whose processes have to be gone.</summary>
    public void Dispose() => Directory.Delete(_folder);

    private void Write(int microseconds) => File.WriteAllText(Path.Combine(_folder, "cpu.cfs_quota_us"), microseconds.ToString(CultureInfo.InvariantCulture));
}

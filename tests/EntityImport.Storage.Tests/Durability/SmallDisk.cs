using System.Diagnostics;

namespace EntityImport.Storage.Tests.Durability;

/// <summary>A small file system of its own, which can be filled up and freed again. Where mounting is not permitted, the test is skipped.</summary>
public sealed class SmallDisk : IDisposable
{
    private readonly string _mount = Directory.CreateTempSubdirectory("eis-small-disk-").FullName;

    public SmallDisk(int megabytes)
    {
        Xunit.Assert.SkipUnless(OperatingSystem.IsLinux(), "A file system of its own can be made on Linux only.");
        var mounted = Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", _mount) == 0;
        if (!mounted) Directory.Delete(_mount);
        Xunit.Assert.SkipUnless(mounted, "Mounting a file system is not permitted here.");
    }

    /// <summary>The data directory on it.</summary>
    public string DataDirectory => Path.Combine(_mount, "data");

    private string Ballast => Path.Combine(_mount, "ballast");

    /// <summary>Takes what is free, but for so many bytes.</summary>
    public void Fill(long leave)
    {
        using var file = new FileStream(Ballast, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        var block = new byte[4096];
        while (new DriveInfo(_mount).AvailableFreeSpace > leave) file.Write(block);
    }

    /// <summary>Leaves no byte free.</summary>
    public void Fill()
    {
        try
        {
            using var file = new FileStream(Ballast, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
            var block = new byte[4096];
            while (true) file.Write(block);
        }
        catch (IOException)
        {
            // Full: that is the purpose.
        }
    }

    /// <summary>Gives the space back.</summary>
    public void Free() => File.Delete(Ballast);

    public void Dispose()
    {
        Run("umount", "-l", _mount);
        Directory.Delete(_mount, recursive: true);
    }

    private static int Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return -1;
        }
    }
}

using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace EntityImport.Cli.Files;

/// <summary>Tells files from pipes and devices, which never end, or wait for somebody who writes.</summary>
internal static partial class RegularFile
{
    /// <summary>Whether a path leads to a file that has an end and can be read more than once. It does not wait for anybody.</summary>
    /// <exception cref="IOException">It is not there, or cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static bool Is(FileInfo file)
    {
        // Pipes and devices have no size.
        var target = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
        if (target.Exists && target.Length > 0) return true;
        if (OpenFlags() is not { } flags) return true;
        using var handle = new SafeFileHandle(OpenDescriptor(file.FullName, flags), ownsHandle: true);
        // Whoever opens it to read it learns why that cannot be.
        if (handle.IsInvalid) return true;
        using var opened = new FileStream(handle, FileAccess.Read, bufferSize: 0);
        return opened.CanSeek && opened.ReadByte() < 0;
    }

    /// <summary>To open a pipe without waiting for its other end; null where there are no such pipes.</summary>
    private static int? OpenFlags()
    {
        const int LinuxNonBlocking = 0x800;
        const int LinuxCloseOnExec = 0x80000;
        const int AppleNonBlocking = 0x4;
        const int AppleCloseOnExec = 0x1000000;
        if (OperatingSystem.IsLinux()) return LinuxNonBlocking | LinuxCloseOnExec;
        return OperatingSystem.IsMacOS() ? AppleNonBlocking | AppleCloseOnExec : null;
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenDescriptor(string path, int flags);
}

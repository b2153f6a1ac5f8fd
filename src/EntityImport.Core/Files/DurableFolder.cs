using System.Runtime.InteropServices;

namespace EntityImport.Files;

/// <summary>Folders whose entries survive a loss of power.</summary>
public static partial class DurableFolder
{
    /// <summary>Makes a folder and those above it where they do not exist; their entries are durable when the call returns.</summary>
    public static void Create(string path)
    {
        var missing = new Stack<string>();
        for (var folder = Path.GetFullPath(path); folder is not null && !Directory.Exists(folder); folder = Path.GetDirectoryName(folder)) missing.Push(folder);
        foreach (var folder in missing)
        {
            Directory.CreateDirectory(folder);
            if (Path.GetDirectoryName(folder) is { } parent) Sync(parent);
        }
    }

    /// <summary>Makes a folder's entries durable. Windows does that by itself.</summary>
    public static void Sync(string folder)
    {
        if (OperatingSystem.IsWindows()) return;
        var descriptor = OpenDescriptor(folder, flags: 0);
        if (descriptor < 0) throw Failure("open", folder);
        try
        {
            if (SyncDescriptor(descriptor) < 0) throw Failure("sync", folder);
        }
        finally
        {
            _ = CloseDescriptor(descriptor);
        }
    }

    /// <summary>With the system's error number, so that a full disk is told from other failures.</summary>
    private static IOException Failure(string what, string folder)
    {
        var error = Marshal.GetLastPInvokeError();
        return new IOException($"Cannot {what} the folder {folder}: {Marshal.GetPInvokeErrorMessage(error)}.", error);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenDescriptor(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int SyncDescriptor(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int CloseDescriptor(int descriptor);
}

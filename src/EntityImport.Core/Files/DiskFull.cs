namespace EntityImport.Files;

/// <summary>Tells a full disk from other failures of input and output.</summary>
internal static class DiskFull
{
    private const int LinuxNoSpace = 28;
    private const int LinuxFileTooBig = 27;
    private const int LinuxQuota = 122;
    private const int WindowsDiskFull = unchecked((int)0x80070070);
    private const int WindowsHandleDiskFull = unchecked((int)0x80070027);

    /// <summary>Whether the disk, or the user's share of it, is full.</summary>
    public static bool IsCauseOf(IOException exception) =>
        exception.HResult is LinuxNoSpace or LinuxFileTooBig or LinuxQuota or WindowsDiskFull or WindowsHandleDiskFull;
}

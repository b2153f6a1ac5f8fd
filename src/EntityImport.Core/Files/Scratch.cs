namespace EntityImport.Files;

/// <summary>What running imports write for themselves: files of this machine and this process alone, which vanish when they are closed. Thread-safe.</summary>
/// <param name="folder">The folder, which exists.</param>
/// <param name="mark">Whose files they are.</param>
internal sealed class Scratch(string folder, RunningMark mark)
{
    /// <summary>Makes an empty file, to be written and read; it vanishes when the stream is closed.</summary>
    public FileStream Create() => new(Path.Combine(folder, mark.NewName()), new FileStreamOptions
    {
        Mode = FileMode.CreateNew,
        Access = FileAccess.ReadWrite,
        Share = FileShare.Read | FileShare.Delete,
        Options = FileOptions.DeleteOnClose,
    });
}

namespace EntityImport.Files;

/// <summary>A data directory on this machine, open in this process: the files that are kept in it, and what the process writes for itself. Thread-safe.</summary>
/// <remarks>
/// <code>
/// running/{process}         locked by each process that has the directory open
/// incoming/{process}.…/     files that are not complete yet; swept when their process is dead
/// scratch/{process}.…       what running imports need besides; likewise
/// uploads/, imports/, …     what is kept, see <see cref="ImportFiles"/>
/// </code>
/// </remarks>
internal sealed class DataDirectory : IDisposable
{
    private readonly RunningMark _mark;
    private readonly string _incoming;
    private readonly string _scratch;

    /// <summary>Opens a data directory, and makes it where it does not exist.</summary>
    public DataDirectory(string path)
    {
        var root = Path.GetFullPath(path);
        _incoming = Path.Combine(root, "incoming");
        _scratch = Path.Combine(root, "scratch");
        DurableFolder.Create(root);
        foreach (var folder in (string[])[_incoming, _scratch, .. ImportFiles.Folders.Select(name => Path.Combine(root, name))]) Directory.CreateDirectory(folder);
        DurableFolder.Sync(root);
        _mark = new RunningMark(root);
        Files = new LocalFiles(root, _incoming, _mark);
        Scratch = new Scratch(_scratch, _mark);
    }

    /// <summary>The files that are kept.</summary>
    public LocalFiles Files { get; }

    /// <summary>What running imports write for themselves.</summary>
    public Scratch Scratch { get; }

    /// <summary>Deletes what a crash left of work that never came to an end. What a living process is writing stays.</summary>
    /// <returns>For each folder its name, how many files there were, and their bytes.</returns>
    public IReadOnlyList<(string Folder, int Files, long Bytes)> Sweep() => _mark.Sweep(_incoming, _scratch);

    /// <inheritdoc/>
    public void Dispose() => _mark.Dispose();
}

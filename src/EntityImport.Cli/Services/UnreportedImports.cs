using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EntityImport.Cli.Output;
using EntityImport.Files;

namespace EntityImport.Cli.Services;

/// <summary>
/// Notes on imports whose end nobody was told yet: written before an import is invoked, and taken away when its report has been printed. A command that is killed in between, or that
/// lost its server, leaves its note, and the same command finds it. Those of a data directory are in it, those of a server with the user.
/// </summary>
internal sealed class UnreportedImports
{
    private const string Half = ".half";

    /// <summary>How long a note may be half written; another command may write it just now.</summary>
    private static readonly TimeSpan HalfLife = TimeSpan.FromHours(1);

    /// <summary>So many characters for an order and its file are in the name of the file by which it is held, so that there are 4,096 of these at most. Two orders of one name wait for each other.</summary>
    private const int HoldCharacters = 3;

    private readonly string _folder;
    private readonly Terminal? _warned;

    private UnreportedImports(string folder, Terminal? warned)
    {
        _folder = folder;
        _warned = warned;
    }

    /// <summary>Those of a data directory.</summary>
    public static UnreportedImports Of(DirectoryInfo data) => new(Path.Combine(data.FullName, "unreported"), warned: null);

    /// <summary>Those of a server, in the user's folder of states. Where no notes can be left there, the user is warned, and all else goes on.</summary>
    public static UnreportedImports Of(Uri server, Terminal terminal)
    {
        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(server.AbsoluteUri.TrimEnd('/'))))[..16];
        return new UnreportedImports(Path.Combine(UserFolders.State, "unreported", name), terminal);
    }

    /// <summary>Waits until no equal command of this user works there, and keeps others from it.</summary>
    /// <param name="order">What was asked for, as <see cref="Imports.ImportOrder.Fingerprint"/> tells it.</param>
    /// <param name="file">The file that is imported: commands for others are not waited for.</param>
    /// <param name="terminal">Where is told that another command is waited for.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task<HeldOrder> HoldAsync(string order, FileInfo file, Terminal terminal, CancellationToken cancellationToken)
    {
        try
        {
            DurableFolder.Create(_folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Whoever cannot leave a note there is told so.
        }

        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{order}\n{file.FullName}")))[..HoldCharacters];
        return HeldOrder.TakeAsync(
            Path.Combine(_folder, $"{name}.lock"), order, () => terminal.WriteError("An equal command is at work there, and is waited for, so that nothing is imported twice."), cancellationToken);
    }

    /// <summary>All notes that can be read.</summary>
    public IReadOnlyList<UnreportedImport> List()
    {
        if (!Directory.Exists(_folder)) return [];
        // What was not renamed into its place for so long never will be.
        foreach (var half in Directory.EnumerateFiles(_folder, "*" + Half).Where(half => File.GetLastWriteTimeUtc(half) < DateTime.UtcNow - HalfLife)) File.Delete(half);
        var notes = new List<UnreportedImport>();
        foreach (var path in Directory.EnumerateFiles(_folder, "*.json"))
        {
            try
            {
                if (JsonSerializer.Deserialize<UnreportedImport>(File.ReadAllBytes(path)) is { } note) notes.Add(note);
            }
            catch (JsonException)
            {
                // Whatever that is, no command of this kind left it: notes are renamed into their place when they are whole.
            }
            catch (FileNotFoundException)
            {
                // Its command has just told the end.
            }
        }

        return notes;
    }

    /// <summary>Leaves a note, also for commands that wait; it is durable when the call returns.</summary>
    public void Add(UnreportedImport note, HeldOrder held)
    {
        try
        {
            try
            {
                held.Tell(note);
            }
            finally
            {
                Write(note);
            }
        }
        catch (Exception exception) when (_warned is not null && exception is (IOException or UnauthorizedAccessException))
        {
            _warned.WriteError($"Warning: It cannot be noted in {_folder} that this import was begun. If this command is broken off, look at the server for how the import ended before it is given again.");
        }
    }

    private void Write(UnreportedImport note)
    {
        DurableFolder.Create(_folder);
        var half = PathOf(note.UploadId) + Half;
        using (var file = new FileStream(half, FileMode.Create, FileAccess.Write))
        {
            JsonSerializer.Serialize(file, note);
            file.Flush(flushToDisk: true);
        }

        File.Move(half, PathOf(note.UploadId), overwrite: true);
        DurableFolder.Sync(_folder);
    }

    /// <summary>Takes a note away; nothing happens where there is none.</summary>
    public void Remove(Guid uploadId)
    {
        if (Directory.Exists(_folder)) File.Delete(PathOf(uploadId));
    }

    private string PathOf(Guid uploadId) => Path.Combine(_folder, $"{uploadId:D}.json");
}

/// <summary>A note on an import whose end nobody was told yet.</summary>
/// <param name="UploadId">The file that is imported.</param>
/// <param name="Order">What was asked for, as <see cref="Imports.ImportOrder.Fingerprint"/> tells it.</param>
/// <param name="Entity">The entity that it goes into.</param>
/// <param name="IsNew">Whether the entity was made for this import.</param>
internal sealed record UnreportedImport(Guid UploadId, string Order, string Entity, bool IsNew);

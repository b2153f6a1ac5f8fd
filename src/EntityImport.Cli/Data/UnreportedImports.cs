using System.Text.Json;
using EntityImport.Files;

namespace EntityImport.Cli.Data;

/// <summary>
/// Notes in the data directory on imports whose end nobody was told yet: written before an import is invoked, and taken away when its report has been printed. A
/// command that is killed in between leaves its note, and the same command finds it.
/// </summary>
internal sealed class UnreportedImports(DirectoryInfo data)
{
    private const string Half = ".half";

    private readonly string _folder = Path.Combine(data.FullName, "unreported");

    /// <summary>All notes that can be read.</summary>
    public IReadOnlyList<UnreportedImport> List()
    {
        if (!Directory.Exists(_folder)) return [];
        // What was not renamed into its place was never finished.
        foreach (var half in Directory.EnumerateFiles(_folder, "*" + Half)) File.Delete(half);
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
        }

        return notes;
    }

    /// <summary>Leaves a note; it is durable when the call returns.</summary>
    public void Add(UnreportedImport note)
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

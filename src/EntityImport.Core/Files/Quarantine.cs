using System.Globalization;

namespace EntityImport.Files;

/// <summary>Where folders of uploads and imports go that the catalog does not know: <c>quarantine/</c>, of which nothing is ever deleted. For a folder that no other process works in.</summary>
internal sealed class Quarantine(LocalFiles files)
{
    private const string Name = "quarantine";

    /// <summary>Where it is.</summary>
    public string Folder => files.PlaceOf(Name);

    /// <summary>How many folders are in it.</summary>
    public int Count() => files.List(Name).Sum(kind => files.List($"{Name}/{kind}").Count());

    /// <summary>Moves an upload's files out of the service's way, durably.</summary>
    /// <returns>Where they are, and how many bytes.</returns>
    public (string Folder, long Bytes) TakeUpload(Guid uploadId) => Take("uploads", uploadId);

    /// <summary>Moves what an import wrote out of the service's way, durably.</summary>
    /// <returns>Where it is, and how many bytes.</returns>
    public (string Folder, long Bytes) TakeRejected(Guid importId) => Take("imports", importId);

    private (string Folder, long Bytes) Take(string kind, Guid id)
    {
        var bytes = files.ListFiles($"{kind}/{id:D}").Sum(file => file.Length);
        // Somebody may have put back what was here before.
        var taken = files.List($"{Name}/{kind}").ToHashSet();
        var name = $"{id:D}";
        for (var number = 2; taken.Contains(name); number++) name = string.Create(CultureInfo.InvariantCulture, $"{id:D}.{number}");
        var target = $"{Name}/{kind}/{name}";
        files.Move($"{kind}/{id:D}", target);
        return (files.PlaceOf(target), bytes);
    }
}

using System.Text.Json.Nodes;
using EntityImport.Cli.Files;

namespace EntityImport.Cli.Services;

/// <summary>A server that the user has given a name.</summary>
/// <param name="Server">Its address.</param>
/// <param name="ApiKeyFile">The file with the key; null where there is none.</param>
internal sealed record Profile(Uri Server, FileInfo? ApiKeyFile);

/// <summary>The user's profiles. None of them is a default: where an import goes is said by whoever starts it, or by the environment that it runs in.</summary>
internal static class Profiles
{
    /// <summary>The file that they are in. It holds no keys, only the names of files that do.</summary>
    public static FileInfo Place => new(Path.Combine(UserFolders.Configuration, "profiles.json"));

    /// <exception cref="CommandFailure">There is no such profile, or the file is not as it should be.</exception>
    public static Profile Find(string name)
    {
        var file = Place;
        if (!file.Exists) throw new CommandFailure($"There is no profile '{ShownText.Cut(name)}': profiles are in {file.FullName}, and there is no such file.");
        var document = JsonFile.Read(file);
        CheckMembers(document, $"{file.FullName}", "profiles");
        if (document["profiles"] is not JsonObject profiles) throw new CommandFailure($"{file.FullName}: profiles is no JSON object.");
        if (profiles[name] is not JsonObject profile)
        {
            var names = profiles.Count == 0 ? "There are none." : $"There are: {ShownText.Join(profiles.Select(known => ShownText.Cut(known.Key)), ", ", Limits.MessageCharacters)}.";
            throw new CommandFailure($"There is no profile '{ShownText.Cut(name)}' in {file.FullName}. {names}");
        }

        var place = $"{file.FullName}: profile '{ShownText.Cut(name)}'";
        CheckMembers(profile, place, "server", "apiKeyFile");
        var server = Text(profile, "server", place) ?? throw new CommandFailure($"{place} has no server.");
        // A key file is named from where the profiles are.
        var keyFile = Text(profile, "apiKeyFile", place) is { } path ? new FileInfo(Path.Combine(file.DirectoryName!, path)) : null;
        return new Profile(ServiceOptions.ReadUrl(server, $"{place}, server"), keyFile);
    }

    private static void CheckMembers(JsonObject found, string place, params string[] known)
    {
        if (found.FirstOrDefault(member => !known.Contains(member.Key)).Key is { } unknown)
            throw new CommandFailure($"{place}: unknown member '{ShownText.Cut(unknown)}'; expected {string.Join(" and ", known)}.");
    }

    private static string? Text(JsonObject members, string name, string place) => members[name] switch
    {
        null => null,
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        _ => throw new CommandFailure($"{place}: {name} is no string."),
    };
}

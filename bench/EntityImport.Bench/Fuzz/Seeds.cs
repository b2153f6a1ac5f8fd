using System.Reflection;

namespace EntityImport.Bench.Fuzz;

/// <summary>The inputs that fuzzing begins with: the files of a target's folder in <c>Corpus</c>, which are part of this program.</summary>
internal static class Seeds
{
    /// <summary>A target's inputs, by their files' names; one empty input where it has none.</summary>
    public static IReadOnlyList<(string Name, byte[] Input)> Of(FuzzTarget target)
    {
        var assembly = Assembly.GetExecutingAssembly();
        var folder = $"Corpus/{target.Name}/";
        (string Name, byte[] Input)[] inputs =
        [
            .. assembly.GetManifestResourceNames()
                .Select(name => (Resource: name, Path: name.Replace('\\', '/')))
                .Where(file => file.Path.StartsWith(folder, StringComparison.Ordinal))
                .OrderBy(file => file.Path, StringComparer.Ordinal)
                .Select(file => (file.Path[folder.Length..], Read(file.Resource))),
        ];
        return inputs.Length > 0 ? inputs : [("empty", [])];

        byte[] Read(string resource)
        {
            using var stream = assembly.GetManifestResourceStream(resource)!;
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }
    }
}

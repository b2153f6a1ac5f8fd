namespace EntityImport.Cli.Tests;

/// <summary>The files in the repository's folder <c>samples</c>.</summary>
internal static class Samples
{
    public static string PathOf(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "samples", name);
            if (File.Exists(path)) return path;
        }

        throw new FileNotFoundException($"There is no sample {name} above {AppContext.BaseDirectory}.");
    }
}

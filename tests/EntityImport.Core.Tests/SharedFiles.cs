namespace EntityImport.Core.Tests;

/// <summary>Files that lie beside the repository, in a folder <c>shared</c>, and are not part of it.</summary>
internal static class SharedFiles
{
    /// <summary>The path of such a file, looked for beside each folder above the tests; null where it is absent.</summary>
    public static string? Find(string relativePath)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "shared", relativePath);
            if (File.Exists(path)) return path;
        }

        return null;
    }
}

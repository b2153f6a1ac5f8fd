namespace EntityImport.Core.Tests.Docs;

/// <summary>The repository that the tests were built from.</summary>
internal static class Repository
{
    /// <summary>A file of it.</summary>
    public static string File(params ReadOnlySpan<string> path)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!System.IO.File.Exists(Path.Combine(folder!.FullName, "EntityImport.slnx"))) folder = folder.Parent;
        return Path.Combine([folder.FullName, .. path]);
    }
}

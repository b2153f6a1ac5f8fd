using System.Text.RegularExpressions;

namespace EntityImport.ObjectStore.Objects;

/// <summary>What all keys begin with: nothing, or a folder and its slash.</summary>
internal static partial class KeyPrefix
{
    /// <summary>Reads it from the folders behind a bucket or container; what cannot be is added to the faults.</summary>
    public static string Read(IEnumerable<string> folders, List<string> faults)
    {
        var parts = folders.Where(folder => folder.Length > 0).ToList();
        if (parts.Any(part => part is "." or ".." || !Part().IsMatch(part))) faults.Add("its prefix has other characters than letters, digits and -_.=+~, or parts that are dots alone");
        return string.Concat(parts.Select(part => part + "/"));
    }

    [GeneratedRegex("^[A-Za-z0-9_.=+~-]+$")]
    private static partial Regex Part();
}

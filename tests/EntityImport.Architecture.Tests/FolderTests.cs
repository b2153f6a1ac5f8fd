using Xunit;

namespace EntityImport.Architecture.Tests;

/// <summary>Which folder may refer to which. A folder knows those before it in its library's list and none behind it: what is common lies below, what decides lies above.</summary>
public sealed class FolderTests
{
    /// <summary>The folders of each library, bottom up, each with those in it unless they are listed themselves; "" is the library's own. What a new folder may know is said by its place here.</summary>
    private static readonly Dictionary<string, string[]> Orders = new()
    {
        ["EntityImport.Core"] =
        [
            "", "Testing", "Options", "Entities", "Rows", "Csv", "Encodings", "Conversion", "Changes", "Guards", "Catalog", "Mappings", "Records", "Files", "Inputs", "Inference", "Storage", "Testing.Breaking",
            "Notices", "Imports", "Imports.Rejections", "Imports.Running", "Imports.Repairs", "Imports.Scheduling", "Access", "Upkeep", "Engine",
        ],
        ["EntityImport.DuckDb"] = ["Connections", "Catalog", "Rows", "Merging", "Loading", "Records", ""],
        ["EntityImport.SqlStores"] = [""],
        ["EntityImport.Postgres"] = ["Connections", "Leases", "Migrations", "Catalog", "Rows", "Merging", "Loading", "Records", ""],
        ["EntityImport.ObjectStore"] = ["Objects", "S3", "Blobs", ""],
        ["EntityImport.Server"] = ["Options", "Hosting", "Access", "Http", "OpenApi", "Mappings", "Uploads", "Changes", "Imports", "Plans", "Repairs", "Entities", "Records", "Keys", "Sessions", "Audit", "Operations", "Callers", "Notices", ""],
        ["EntityImport.Web"] = ["Calls", "Assets", "Shared", "Desk", "Reading", "Columns", "Plans", "Imports", "Repairs", "Entities", "Operations", "Access", "SignIn", ""],
    };

    public static TheoryData<string> Libraries => [.. Orders.Keys];

    [Theory]
    [MemberData(nameof(Libraries))]
    public void A_folder_refers_only_to_those_below_it(string library)
    {
        var upward = Library.ReferencesWithin(library)
            .Where(reference => PlaceOf(library, reference.Key.To) > PlaceOf(library, reference.Key.From))
            .Select(reference => $"{reference.Key.From} -> {reference.Key.To}: {reference.Value}")
            .Order(StringComparer.Ordinal)
            .ToList();

        Assert.True(upward.Count == 0, "These look upward:\n" + string.Join('\n', upward));
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public void Each_folder_has_its_place(string library)
    {
        Assert.All(Library.NamespacesOf(library), space => Assert.InRange(PlaceOf(library, space), 0, int.MaxValue));
        Assert.All(Orders[library], folder => Assert.Contains(NamespaceOf(library, folder), Library.NamespacesOf(library)));
    }

    [Theory]
    [InlineData("EntityImport.Core")]
    [InlineData("EntityImport.SqlStores", "EntityImport.Core")]
    [InlineData("EntityImport.DuckDb", "EntityImport.Core", "EntityImport.SqlStores")]
    [InlineData("EntityImport.Postgres", "EntityImport.Core", "EntityImport.SqlStores")]
    [InlineData("EntityImport.Api")]
    [InlineData("EntityImport.Client", "EntityImport.Api")]
    [InlineData("EntityImport.ObjectStore", "EntityImport.Core")]
    [InlineData("EntityImport.Web", "EntityImport.Api")]
    [InlineData("EntityImport.Server", "EntityImport.Api", "EntityImport.Core", "EntityImport.DuckDb", "EntityImport.ObjectStore", "EntityImport.Postgres", "EntityImport.SqlStores", "EntityImport.Web")]
    [InlineData("eis", "EntityImport.Api", "EntityImport.Client", "EntityImport.Core", "EntityImport.Server")]
    public void A_library_refers_only_to_those_below_it(string library, params string[] below) => Assert.Equal(below, Library.AssembliesOf(library));

    /// <summary>Where a namespace stands: a folder that is not listed is part of the one that it is in.</summary>
    private static int PlaceOf(string library, string space)
    {
        for (var found = space; found.Length > 0; found = found[..Math.Max(0, found.LastIndexOf('.'))])
        {
            var place = Array.FindIndex(Orders[library], folder => folder.Length > 0 && NamespaceOf(library, folder) == found);
            if (place >= 0) return place;
        }

        return space == NamespaceOf(library, "") ? Array.IndexOf(Orders[library], "") : -1;
    }

    private static string NamespaceOf(string library, string folder)
    {
        var root = library == "EntityImport.Core" ? "EntityImport" : library;
        return folder.Length == 0 ? root : $"{root}.{folder}";
    }
}

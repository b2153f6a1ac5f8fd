using System.Globalization;

namespace EntityImport.Bench.Hostile.Attacks;

/// <summary>Files and entities of many columns.</summary>
internal static class WideAttacks
{
    public static IReadOnlyList<Attack> All { get; } =
    [
        new("100k-columns", ManyColumnsAsync),
        new("surplus-commas", SurplusAsync),
        new("wide-entity", WideEntityAsync),
        new("same-names", SameNamesAsync),
        new("missing-columns", MissingColumnsAsync),
    ];

    private static async Task ManyColumnsAsync(Target target)
    {
        await target.DeclareAsync("few", "c1:STRING");
        var mapping = (await target.MapAsync("few"))!;
        var names = string.Join(',', Enumerable.Range(0, 100_000).Select(i => string.Create(CultureInfo.InvariantCulture, $"c{i}")));
        await target.ImportAsync(mapping, new RepeatedStream(names + "\n", "x" + new string(',', 99_999) + "\n", target.Scaled(500)));
    }

    private static async Task SurplusAsync(Target target)
    {
        await target.DeclareAsync("few", "a:STRING", "b:STRING");
        var mapping = (await target.MapAsync("few", """{"raggedRows":"FIT"}"""))!;
        await target.ImportAsync(mapping, new RepeatedStream("a,b\n", "1,2" + new string(',', 1_000_000) + "\n", target.Scaled(50)));
    }

    private static async Task WideEntityAsync(Target target)
    {
        await target.DeclareAsync("wide", Enumerable.Range(1, 999).Select(i => string.Create(CultureInfo.InvariantCulture, $"f{i}:STRING")).Prepend("id:INTEGER!"));
        var mapping = (await target.MapAsync("wide"))!;
        var rows = target.Scaled(10_000);
        foreach (var value in (string[])["ab", "ab", "cd"])
        {
            var state = await target.ImportAsync(mapping, Rows(rows, value));
            target.Expect(state == "SUCCEEDED", "a wide entity cannot be imported into");
        }

        foreach (var query in (string[])["", "?$top=200", "?$orderby=f500%20desc&$skip=100", "?$filter=contains(f7,'c')&$count=true"])
        {
            var (status, _) = await target.GetAsync("/v1/LogicalEntityData/wide" + query);
            target.Expect(status == 200, "a wide entity cannot be read");
        }
    }

    private static async Task SameNamesAsync(Target target)
    {
        await target.DeclareAsync("few", "a:STRING");
        var mapping = (await target.MapAsync("few"))!;
        await target.ImportAsync(mapping, new RepeatedStream("a", ",a", target.Scaled(500_000)));
        await target.GetAsync($"/v1/EntityImport/imports/{target.LastImport}");
    }

    /// <summary>Each missing column could repeat the long names of all that are there.</summary>
    private static async Task MissingColumnsAsync(Target target)
    {
        var fields = Enumerable.Range(0, 180).Select(i => string.Create(CultureInfo.InvariantCulture, $"f{i}")).ToList();
        await target.DeclareAsync("few", fields.Select(name => name + ":STRING").Prepend("k:INTEGER!"));
        var mapped = string.Join(',', fields.Select(name => $$"""{"systemName":"{{name}}","csvColumnName":"q{{name}}"}""").Prepend("""{"systemName":"k","csvColumnName":"k"}"""));
        var mapping = (await target.MapAsync("few", $$"""{"fields":[{{mapped}}]}"""))!;
        var header = string.Join(',', Enumerable.Range(0, 19).Select(i => new string((char)('a' + i), target.Scaled(50_000))).Prepend("k"));
        await target.ImportAsync(mapping, new RepeatedStream(header + "\n1\n", "x", 0));
        var (status, bytes) = await target.GetAsync($"/v1/EntityImport/imports/{target.LastImport}");
        target.Expect(status == 200 && bytes < 100_000, "the message of an import is long");
    }

    private static MemoryStream Rows(int rows, string value)
    {
        var content = new MemoryStream();
        using var text = new StreamWriter(content, leaveOpen: true);
        text.Write("id");
        for (var i = 1; i < 1000; i++) text.Write(string.Create(CultureInfo.InvariantCulture, $",f{i}"));
        var rest = string.Concat(Enumerable.Repeat("," + value, 999)) + "\n";
        text.Write('\n');
        for (var row = 0; row < rows; row++)
        {
            text.Write(row);
            text.Write(rest);
        }

        text.Flush();
        content.Position = 0;
        return content;
    }
}

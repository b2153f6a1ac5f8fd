using System.Globalization;

namespace EntityImport.Bench.Hostile.Attacks;

/// <summary>JSON documents with more faults, words or members than anybody means.</summary>
internal static class DocumentAttacks
{
    public static IReadOnlyList<Attack> All { get; } =
    [
        new("many-faults", ManyFaultsAsync),
        new("unknown-members", UnknownMembersAsync),
        new("long-default", LongDefaultAsync),
        new("many-null-values", ManyNullValuesAsync),
    ];

    private static async Task ManyFaultsAsync(Target target)
    {
        var fields = string.Join(',', Enumerable.Repeat("1", target.Scaled(500_000)));
        var body = """{"entitySystemName":"p","definition":{"fields":[FIELDS]}}""".Replace("FIELDS", fields, StringComparison.Ordinal);
        await target.SendJsonAsync(HttpMethod.Post, "/v1/EntityImport", body);
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => target.SendJsonAsync(HttpMethod.Post, "/v1/EntityImport", body)));
        var entity = $$"""{"fields":[{{string.Join(',', Enumerable.Repeat("{}", target.Scaled(300_000)))}}]}""";
        await target.SendJsonAsync(HttpMethod.Put, "/v1/LogicalEntity/p", entity);
    }

    private static async Task UnknownMembersAsync(Target target)
    {
        var members = string.Join(',', Enumerable.Range(0, target.Scaled(60_000)).Select(i => string.Create(CultureInfo.InvariantCulture, $"\"member{i}\":1")));
        await target.SendJsonAsync(HttpMethod.Post, "/v1/EntityImport", """{"entitySystemName":"p","definition":{MEMBERS}}""".Replace("MEMBERS", members, StringComparison.Ordinal));
    }

    private static async Task LongDefaultAsync(Target target)
    {
        await target.DeclareAsync("d", "a:INTEGER");
        var text = new string('x', target.Scaled(1_000_000));
        await target.SendJsonAsync(HttpMethod.Post, "/v1/EntityImport", """{"entitySystemName":"d","definition":{"fields":[{"systemName":"a","csvColumnName":"a","defaultValue":"TEXT"}]}}""".Replace("TEXT", text, StringComparison.Ordinal));
    }

    /// <summary>A list of words for each of a thousand fields.</summary>
    private static async Task ManyNullValuesAsync(Target target)
    {
        var fields = Enumerable.Range(0, 1000).Select(i => string.Create(CultureInfo.InvariantCulture, $"f{i}")).ToList();
        await target.DeclareAsync("wide", fields.Select(name => name + ":STRING"));
        foreach (var words in (int[])[1_000, target.Scaled(95_000)])
        {
            if (await target.MapAsync("wide", $$"""{"nullValues":{{RejectionAttacks.Words(words)}}}""", isCounted: true) is { } mapping)
                await target.ImportAsync(mapping, new RepeatedStream(string.Join(',', fields) + "\n", string.Join(',', Enumerable.Repeat("x", 1000)) + "\n", 1));
        }
    }
}

namespace EntityImport.Bench.Hostile.Attacks;

/// <summary>Reading what takes much room.</summary>
internal static class ReadAttacks
{
    public static IReadOnlyList<Attack> All { get; } =
    [
        new("pages-of-long-texts", PagesAsync),
        new("unread-pages", UnreadPagesAsync),
        new("files-never-read", FilesAsync),
    ];

    /// <summary>A page has as many records as were asked for, however long they are.</summary>
    private static async Task PagesAsync(Target target)
    {
        var rows = await FillAsync(target, 200);
        foreach (var query in (string[])["", "?$orderby=a%20desc", "?$filter=contains(a,'0')&$count=true", "?$skip=50&$orderby=version"])
        {
            var (status, bytes) = await target.GetAsync("/v1/LogicalEntityData/long" + query);
            target.Expect(status == 200, "long texts cannot be read");
            target.Expect(status != 200 || query.Contains("skip", StringComparison.Ordinal) || bytes > rows * 1_000_000L, "a page ends short");
        }
    }

    /// <summary>Several at once, none of which is read on.</summary>
    private static async Task UnreadPagesAsync(Target target)
    {
        await FillAsync(target, 100);
        using var open = new CancellationTokenSource();
        var pages = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.WhenAny(target.OpenAsync("/v1/LogicalEntityData/long"), Task.Delay(TimeSpan.FromSeconds(20), target.Token))));
        foreach (var page in pages.OfType<Task<HttpResponseMessage>>()) (await page).Dispose();
    }

    private static async Task FilesAsync(Target target)
    {
        await target.DeclareAsync("text", "a:STRING");
        var upload = (await target.UploadAsync((await target.MapAsync("text"))!, new RepeatedStream("a\n", "some text\n", target.Scaled(20_000_000))))!;
        foreach (var response in await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => target.OpenAsync($"/v1/EntityImport/{upload}/file")))) response.Dispose();
    }

    /// <summary>Imports so many records of 1 MB; answers how many.</summary>
    private static async Task<int> FillAsync(Target target, int records)
    {
        await target.DeclareAsync("long", "id:INTEGER!", "version:INTEGER", "a:STRING");
        var rows = target.Scaled(records);
        await target.ImportAsync((await target.MapAsync("long"))!, new Torture.Large.LongRows(0, rows, 1, 1_000_000, "id,version,a"));
        return rows;
    }
}

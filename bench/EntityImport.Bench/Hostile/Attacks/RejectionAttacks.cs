namespace EntityImport.Bench.Hostile.Attacks;

/// <summary>Rows that must be rejected, each of which is kept with its reasons.</summary>
internal static class RejectionAttacks
{
    private const long Mega = 1_000_000;

    public static IReadOnlyList<Attack> All { get; } =
    [
        new("bad-numbers", target => RejectAsync(target, "INTEGER", "{}", new RepeatedStream("a\n1\n", "x\n", target.ScaledBytes(5 * Mega)))),
        new("broken-quotes", target => RejectAsync(target, "STRING", "{}", new RepeatedStream("a\nx\n", "\"a\n", target.ScaledBytes(9 * Mega)))),
        new("text-after-quotes", target => RejectAsync(target, "STRING", "{}", new RepeatedStream("a\nx\n", "\"a\"b\n", target.ScaledBytes(5 * Mega)))),
        new("many-words", target => RejectAsync(target, "BOOLEAN", $$"""{"trueValues":{{Words(60_000)}}}""", new RepeatedStream("a\n1\n", "x\n", target.Scaled(1_500)))),
        new("long-pattern", target => RejectAsync(target, "DATE", $$"""{"dateFormat":"yyyy-MM-dd'{{new string('x', 400_000)}}'"}""", new RepeatedStream("a\n", "x\n", target.Scaled(10_000)))),
        new("long-rejected-rows", LongRejectedRowsAsync),
    ];

    /// <summary>A JSON array of so many words.</summary>
    public static string Words(int count) => $"[{string.Join(',', Enumerable.Range(0, count).Select(i => $"\"word{i:D6}\""))}]";

    private static async Task RejectAsync(Target target, string type, string definition, Stream content)
    {
        await target.DeclareAsync("bad", $"a:{type}");
        if (await target.MapAsync("bad", definition, isCounted: true) is not { } mapping) return;
        await target.ImportAsync(mapping, content);
        await ReadErrorsAsync(target, target.LastImport);
    }

    private static async Task LongRejectedRowsAsync(Target target)
    {
        await target.DeclareAsync("bad", "a:STRING", "b:INTEGER");
        var mapping = (await target.MapAsync("bad"))!;
        await target.ImportAsync(mapping, new RepeatedStream("a,b\nx,1\n", new string('x', 1_000_000) + ",bad\n", target.Scaled(300)));
        await ReadErrorsAsync(target, target.LastImport);
    }

    private static async Task ReadErrorsAsync(Target target, string import)
    {
        var (status, bytes) = await target.GetAsync($"/v1/EntityImport/imports/{import}/errors?limit=1000");
        target.Expect(status == 200 && bytes <= 20 << 20, "a page of rejected rows is long");
        (status, _) = await target.GetAsync($"/v1/EntityImport/{import}/errorFile");
        target.Expect(status == 200, "the error file cannot be read");
    }
}

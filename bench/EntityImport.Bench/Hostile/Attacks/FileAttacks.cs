namespace EntityImport.Bench.Hostile.Attacks;

/// <summary>Files that are long where files are short.</summary>
internal static class FileAttacks
{
    private const long Giga = 1_000_000_000;
    private const long Mega = 1_000_000;

    public static IReadOnlyList<Attack> All { get; } =
    [
        new("one-field", target => ImportTextAsync(target, new RepeatedStream("a\n", "x", target.ScaledBytes(Giga)))),
        new("open-quote", target => ImportTextAsync(target, new RepeatedStream("a\n\"", "xxxxxxx\n", target.ScaledBytes(Giga / 8)))),
        new("one-byte-rows", target => ImportTextAsync(target, new RepeatedStream("a\n", "x\n", target.ScaledBytes(20 * Mega)))),
        new("blank-lines", target => ImportTextAsync(target, new RepeatedStream("a,b\n1,2\n", "\n", target.ScaledBytes(20 * Mega)))),
        new("quotes", target => ImportTextAsync(target, new RepeatedStream("a\n", "\"", target.ScaledBytes(200 * Mega)))),
        new("one-key", OneKeyAsync),
        new("long-rows", target => LongRowsAsync(target, rows: 2_500, length: 100_000)),
        new("longest-rows", target => LongRowsAsync(target, rows: 300, length: 1_000_000)),
    ];

    private static async Task ImportTextAsync(Target target, Stream content)
    {
        await target.DeclareAsync("text", "a:STRING");
        await target.ImportAsync((await target.MapAsync("text"))!, content);
    }

    private static async Task OneKeyAsync(Target target)
    {
        await target.DeclareAsync("key", "id:INTEGER!", "a:STRING");
        var mapping = (await target.MapAsync("key"))!;
        await target.ImportAsync(mapping, new RepeatedStream("id,a\n1,first\n", "1,x\n2,y\n", target.ScaledBytes(5 * Mega / 2)));
    }

    /// <summary>What is imported must be readable, and the store must be of use afterwards.</summary>
    private static async Task LongRowsAsync(Target target, int rows, int length)
    {
        await target.DeclareAsync("long", "id:INTEGER!", "a:STRING");
        var mapping = (await target.MapAsync("long"))!;
        var state = await target.ImportAsync(mapping, new Torture.Large.LongRows(0, target.Scaled(rows), 1, length, "id,version,a"));
        target.Expect(state == "SUCCEEDED", "long rows are not imported");
        await target.ImportAsync(mapping, new Torture.Large.LongRows(0, target.Scaled(rows), 2, length, "id,version,a"));
        var (status, _) = await target.GetAsync("/v1/LogicalEntityData/long?$top=1");
        target.Expect(status == 200, "long rows cannot be read one by one");
    }
}

using System.Text;
using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Guards;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>Of each mapping it is known which import brought rows in by it last, and for which columns.</summary>
public sealed class MappingUseTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_last_import_that_brought_rows_in_is_a_mappings_last_use()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", """[{"systemName":"k","dataType":"INTEGER","primaryKey":true},{"systemName":"v","dataType":"STRING"}]""");
        var mapping = await engine.MapAsync("e", "{}");
        var other = await engine.MapAsync("e", "{}");
        Assert.Null((await UsesAsync(engine))[mapping]);

        var first = await engine.ImportAsync(mapping, "k,v\n1,a\n"u8.ToArray());
        Assert.Equal((first.Id, first.Header!.Sha256), Told((await UsesAsync(engine))[mapping]));
        var second = await engine.ImportAsync(mapping, "v,k\nb,2\n"u8.ToArray());
        var failed = await engine.ImportAsync(mapping, "x,y\n1,2\n"u8.ToArray());
        Assert.Equal(ImportState.Failed, failed.State);
        // What is written of an import later makes it no later one.
        await engine.Catalog.CommitAsync(new CatalogCommit { ChangedImport = first with { RejectedExpiredAt = DateTimeOffset.UtcNow } }, Token);
        using var patch = System.Text.Json.JsonDocument.Parse("""{"definition":{"fieldDelimiter":";"}}""");
        Assert.Equal(2, (await engine.Import.Mappings.PatchAsync(Request.Anonymous, mapping, patch.RootElement, Token))!.Revision);

        var uses = await UsesAsync(engine);
        Assert.Equal((second.Id, FileHeader.Of(["v", "k"]).Sha256), Told(uses[mapping]));
        Assert.Equal(second.StoppedAt!.Value.ToUnixTimeMilliseconds(), uses[mapping]!.At.ToUnixTimeMilliseconds());
        Assert.Null(uses[other]);
        Assert.Equal([mapping], (await UsesAsync(engine, second.Header!.Sha256)).Keys);
        Assert.Empty(await UsesAsync(engine, first.Header!.Sha256));
        Assert.Equal(1, uses[mapping]!.Revision);
    }

    [Fact]
    public async Task What_was_undone_or_went_into_another_entity_is_no_use()
    {
        await using var engine = await Engine.StartAsync();
        foreach (var entity in new[] { "e", "moved" }) await engine.DeclareAsync(entity, """[{"systemName":"k","dataType":"INTEGER","primaryKey":true}]""");
        var (one, two) = (await engine.MapAsync("e", "{}"), await engine.MapAsync("e", "{}"));
        var header = (await engine.ImportAsync(one, "k\n1\n"u8.ToArray())).Header!.Sha256;
        await engine.ImportAsync(two, "k\n2\n"u8.ToArray());
        var last = await engine.ImportAsync(one, "k\n3\n"u8.ToArray());
        Assert.Equal([one, two], await IdsAsync(engine, header));

        using (var patch = System.Text.Json.JsonDocument.Parse("""{"entitySystemName":"moved"}""")) await engine.Import.Mappings.PatchAsync(Request.Anonymous, two, patch.RootElement, Token);
        Assert.Equal([one], await IdsAsync(engine, header));
        var moved = await engine.ImportAsync(two, "k\n4\n"u8.ToArray());
        Assert.Equal([two, one], await IdsAsync(engine, header));
        var uses = await UsesAsync(engine);
        Assert.Equal((moved.Id, 2), (uses[two]!.ImportId, uses[two]!.Revision));

        await engine.EndOfAsync((await engine.Import.Undos.InvokeAsync(Request.Anonymous, last.Id, Token))!);
        Assert.Null((await UsesAsync(engine))[one]);
    }

    [Fact]
    public async Task A_store_from_before_learns_it_of_its_imports()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", """[{"systemName":"k","dataType":"INTEGER","primaryKey":true},{"systemName":"v","dataType":"STRING"}]""");
        var (one, two, none) = (await engine.MapAsync("e", "{}"), await engine.MapAsync("e", "{}"), await engine.MapAsync("e", "{}"));
        foreach (var (mapping, file) in new[] { (one, "k\n1\n"), (two, "k,v\n2,a\n"), (one, "v,k\nb,3\n"), (one, "nothing\nof it\n") })
            await engine.ImportAsync(mapping, Encoding.UTF8.GetBytes(file));
        var before = await UsesAsync(engine);

        await engine.Import.DisposeAsync();
        await TestStore.ForgetMappingUsesAsync(engine.DataDirectory);
        await engine.ReopenAsync(() => { });

        Assert.Equal(FileHeader.Of(["v", "k"]).Sha256, before[one]!.HeaderSha256);
        Assert.Null(before[none]);
        Assert.Equal(before.OrderBy(use => use.Key), (await UsesAsync(engine)).OrderBy(use => use.Key));
    }

    private static (Guid ImportId, string HeaderSha256) Told(MappingUse? use) => (use!.ImportId, use.HeaderSha256);

    /// <summary>The mappings that were used for a file with such columns, as they are listed.</summary>
    private static async Task<IEnumerable<Guid>> IdsAsync(Engine engine, string header) =>
        (await engine.Import.Mappings.ListAsync(Request.Anonymous, new MappingQuery(null, null, 100) { HeaderSha256 = header }, Token)).Select(found => found.Mapping.Id);

    private static async Task<Dictionary<Guid, MappingUse?>> UsesAsync(Engine engine, string? header = null) =>
        (await engine.Import.Mappings.ListAsync(Request.Anonymous, new MappingQuery(null, null, 100) { HeaderSha256 = header }, Token)).ToDictionary(found => found.Mapping.Id, found => found.LastUse);
}

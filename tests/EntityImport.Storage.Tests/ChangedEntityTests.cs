using EntityImport.Access;
using EntityImport.Entities;
using EntityImport.Records;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>Who reads an entity that is deleted or changed between the look for it and the read is told so, and to ask again.</summary>
public sealed class ChangedEntityTests
{
    private const string Fields = """[{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "v", "dataType": "STRING"}]""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null, "deleted")]
    [InlineData("""[{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "w", "dataType": "STRING"}]""", "changed")]
    public async Task Reads_of_it_are_refused_for_the_moment(string? newFields, string what)
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", Fields);
        var import = await engine.ImportAsync("e", "id,v\n1,a\n");
        var entity = (await engine.Import.Entities.FindAsync(Request.Anonymous, "e", Token))!;
        var changes = (await engine.Import.History.FindChangesAsync(Request.Anonymous, import.Id, Token))!;

        await engine.Import.Entities.DeleteAsync(Request.Anonymous, "e", force: true, Token);
        if (newFields is not null) await engine.DeclareAsync("e", newFields);

        var key = new Comparison(ComparisonOperator.Equal, new FieldOperand(entity.Fields[0]), new Constant(DataType.Integer, 1L));
        await AssertRefusedAsync(() => engine.Import.Records.ReadAsync(Request.Anonymous, new RecordQuery { Entity = entity, Select = entity.Fields, Filter = key, Top = 1 }, Token));
        await AssertRefusedAsync(() => engine.Import.Records.ReadAsync(Request.Anonymous, new RecordQuery { Entity = entity, Select = entity.Fields, OrderBy = [(new FieldOperand(entity.Fields[1]), false)], Top = 10, Count = true }, Token));
        await AssertRefusedAsync(() => engine.Import.History.ReadAsync(Request.Anonymous, entity, key, Token));

        var gone = await Assert.ThrowsAsync<RequestException>(() => engine.Import.History.ReadChangesAsync(Request.Anonymous, changes, new Storage.ChangeQuery(10), Token));
        Assert.Equal((FaultKind.Gone, "before-images-expired"), (gone.Kind, gone.Type));

        async Task AssertRefusedAsync(Func<Task> read)
        {
            var refused = await Assert.ThrowsAsync<RequestException>(read);
            Assert.Equal((FaultKind.Busy, "store-busy", $"The entity e was {what} while it was read.", TimeSpan.FromSeconds(1)), (refused.Kind, refused.Type, refused.Message, refused.RetryAfter));
        }
    }

    [Fact]
    public async Task What_fails_for_another_reason_is_no_change()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", Fields);
        await engine.ImportAsync("e", "id,v\n1,a\n");
        var entity = (await engine.Import.Entities.FindAsync(Request.Anonymous, "e", Token))!;
        await engine.DeclareAsync("e", Fields[..^1] + """, {"systemName": "w", "dataType": "STRING"}]""");

        // The read goes well, whatever the entity is by now, and what takes the records does not.
        await Assert.ThrowsAsync<NotSupportedException>(() => engine.Import.Records.ReadAsync(Request.Anonymous, new RecordQuery { Entity = entity, Select = entity.Fields, Top = 1 }, _ => throw new NotSupportedException(), Token));
    }
}

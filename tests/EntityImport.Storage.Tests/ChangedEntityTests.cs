using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Entities;
using EntityImport.Imports.Running;
using EntityImport.Records;
using EntityImport.Storage.Tests.Durability;
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

    [Fact]
    public async Task A_plan_is_told_that_its_entity_was_deleted_while_it_was_made()
    {
        await using var engine = await StartDeletingAsync(out var deletion);
        await engine.DeclareAsync("e", Fields);
        deletion.At = nameof(ICatalog.FindGuardsAsync);

        var plan = await PlanTests.PlanAsync(engine, "{}", "id,v\n1,a\n");

        Assert.Equal((ImportState.Failed, true, EndCode.MappingOutdated), (plan.Run.State, plan.Run.ClientError, plan.Run.Code));
        Assert.Contains("The entity e was deleted in the meantime.", plan.Run.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plan_is_not_valid_where_its_entity_is_deleted_while_that_is_asked()
    {
        await using var engine = await StartDeletingAsync(out var deletion);
        await engine.DeclareAsync("e", Fields);
        var plan = await PlanTests.PlanAsync(engine, "{}", "id,v\n1,a\n");
        Assert.Null((await engine.Import.Plans.FindSnapshotAsync(Request.Anonymous, plan.Id, Token))!.Move);
        deletion.At = nameof(ICatalog.ListImportsAsync);

        Assert.Equal(PlanMove.Entity, (await engine.Import.Plans.FindSnapshotAsync(Request.Anonymous, plan.Id, Token))!.Move?.What);
    }

    [Fact]
    public async Task Rows_that_are_brought_in_are_refused_for_the_moment_where_the_entity_is_deleted_while_they_are_chosen()
    {
        await using var engine = await StartDeletingAsync(out var deletion);
        await engine.DeclareAsync("e", Fields);
        var import = await engine.ImportAsync("e", "id,v\nx1,a\n2,b\n");
        await RepairTests.ChangeAsync(engine, import.Id, """{"edits": [{"row": 1, "fields": {"id": "1"} }]}""");
        deletion.At = nameof(ICatalog.ListImportsAsync);

        var refused = await Assert.ThrowsAsync<RequestException>(() => engine.Import.Repairs.PlanAsync(Request.Anonymous, import.Id, overwrite: false, Token));

        Assert.Equal((FaultKind.Busy, "store-busy", "The entity e was deleted while it was read."), (refused.Kind, refused.Type, refused.Message));
    }

    private static Task<Engine> StartDeletingAsync(out Deletion deletion)
    {
        var wanted = deletion = new Deletion();
        return Engine.StartAsync(new EngineSetup { Catalog = inner => InterceptedCatalog.Create(inner, (name, _) => wanted.Delete(inner, name)) });
    }

    /// <summary>Somebody else, who deletes the entity before a call of the catalog.</summary>
    private sealed class Deletion
    {
        /// <summary>The method before which that happens, once; null where it does not.</summary>
        public string? At { get; set; }

        public Exception? Delete(ICatalog catalog, string name)
        {
            if (name != At) return null;
            At = null;
            catalog.CommitAsync(new CatalogCommit { DeletedEntity = "e" }, Token).GetAwaiter().GetResult();
            return null;
        }
    }
}

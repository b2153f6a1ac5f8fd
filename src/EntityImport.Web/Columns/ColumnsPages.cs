using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using EntityImport.Api;
using EntityImport.Web.Calls;
using EntityImport.Web.Reading;
using EntityImport.Web.Shared;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Primitives;

namespace EntityImport.Web.Columns;

/// <summary>Where the columns of a file go, and what is made of that: an entity, a mapping and a plan.</summary>
internal static class ColumnsPages
{
    private const int Rows = 100;

    public static void Map(IEndpointRouteBuilder pages)
    {
        pages.Page("GET", "/uploads/{uploadId}/columns", page => ShowAsync(page, [.. page.QueryAll], problem: null));
        pages.Page("POST", "/uploads/{uploadId}/plan", async page =>
        {
            var said = (await page.ReadFormAsync()).ToList();
            try
            {
                await page.GoAsync(await PlanAsync(page, said));
            }
            catch (ApiRefusedException refused)
            {
                await ShowAsync(page, said, refused.Problem);
            }
        });
    }

    private static async Task ShowAsync(Page page, IReadOnlyList<KeyValuePair<string, StringValues>> said, Problem? problem)
    {
        var id = page.Segment("uploadId");
        var upload = await page.Api.GetAsync<UploadDetails>($"/v1/EntityImport/uploads/{id}");
        var stated = StatedReading.Of(said);
        var (choices, entity) = await ChooseAsync(page, id, stated, said);
        FilePreview? preview = null;
        if (choices.NameFault is null && choices.Columns.All(column => column.Fault is null))
        {
            try
            {
                var request = new JsonObject { ["definition"] = choices.ToDefinition(), ["fields"] = ToJson(choices.ToFields()), ["rows"] = Rows };
                preview = await page.Api.AskAsync<FilePreview>($"/v1/EntityImport/uploads/{id}/preview", request);
            }
            catch (ApiRefusedException refused)
            {
                problem ??= refused.Problem;
            }
        }

        await page.ShowAsync<ColumnsScreen>(
            new()
            {
                [nameof(ColumnsScreen.Upload)] = upload,
                [nameof(ColumnsScreen.Stated)] = stated,
                [nameof(ColumnsScreen.Choices)] = choices,
                [nameof(ColumnsScreen.Entity)] = entity,
                [nameof(ColumnsScreen.Preview)] = preview,
                [nameof(ColumnsScreen.Problem)] = problem,
            },
            problem?.Status ?? StatusCodes.Status200OK);
    }

    private static async Task<(ColumnChoices Choices, Entity? Entity)> ChooseAsync(Page page, string id, StatedReading stated, IReadOnlyList<KeyValuePair<string, StringValues>> said)
    {
        var entity = stated.Entity is { } name ? await page.Api.GetAsync<Entity>(AddressOf(name)) : null;
        var schema = await ReadingPages.InferAsync(page, id, stated);
        if (said.All(pair => pair.Key != ColumnChoices.FirstField))
        {
            // Back from a plan all is as it was said for it.
            if (await FindMadeAsync(page, id, stated) is var (made, before)) said = [.. ColumnChoices.SaidBy(schema, made, before.Definition), .. said];
            else if (entity is not null && await FindMappingAsync(page, id, entity.SystemName) is { } mapping) said = [.. ColumnChoices.SaidBy(schema, entity, mapping.Definition), .. said];
        }

        if (entity is null && said.All(pair => pair.Key != ColumnChoices.EntityName || pair.Value.ToString().Length == 0)) said = [.. said, new(ColumnChoices.EntityName, await FindFreeNameAsync(page, schema.Entity.SystemName))];
        return (ColumnChoices.Of(schema, entity, said), entity);
    }

    /// <summary>A name that no entity has: the one that was found for the file, or that with a number behind it.</summary>
    private static async Task<string> FindFreeNameAsync(Page page, string found)
    {
        HashSet<string> taken;
        try
        {
            taken = (await page.Api.GetAsync<Entity[]>("/v1/LogicalEntity")).Select(known => known.SystemName).ToHashSet(StringComparer.OrdinalIgnoreCase);
        }
        catch (ApiRefusedException refused) when (refused.Problem.Status == StatusCodes.Status403Forbidden)
        {
            return found;
        }

        var name = found;
        for (var number = 2; taken.Contains(name); number++)
        {
            var end = string.Create(CultureInfo.InvariantCulture, $"_{number}");
            name = found[..Math.Min(found.Length, ColumnChoices.MaxName - end.Length)] + end;
        }

        return name;
    }

    /// <summary>The entity that an earlier plan for the file has made, with the mapping of that, as long as nothing went into it; null where there is none, or not any more. An address can name any entity: it is the file's mapping that tells.</summary>
    private static async Task<(Entity Entity, StoredMapping Mapping)?> FindMadeAsync(Page page, string uploadId, StatedReading stated)
    {
        if (stated.Made is not { } name || await FindMappingAsync(page, uploadId, name) is not { } mapping) return null;
        var made = (await page.Api.GetAsync<Entity[]>("/v1/LogicalEntity")).FirstOrDefault(known => known.SystemName == name);
        return made is not null && !await IsUsedAsync(page, made.SystemName) ? (made, mapping) : null;
    }

    /// <summary>The mapping that the file is bound to; null where it is bound to none, or to one for another entity.</summary>
    private static async Task<StoredMapping?> FindMappingAsync(Page page, string uploadId, string entity)
    {
        if ((await page.Api.GetAsync<UploadDetails>($"/v1/EntityImport/uploads/{uploadId}")).MappingId is not { } mappingId) return null;
        var mapping = await page.Api.GetAsync<StoredMapping>($"/v1/EntityImport/{mappingId}");
        return mapping.EntitySystemName == entity ? mapping : null;
    }

    /// <summary>Makes what the choices say, and asks for the plan; answers its address. Each step can be done again, so that a failure on the way leaves nothing that a second try would trip over.</summary>
    private static async Task<string> PlanAsync(Page page, IReadOnlyList<KeyValuePair<string, StringValues>> said)
    {
        var id = page.Segment("uploadId");
        var stated = StatedReading.Of(said);
        var (choices, entity) = await ChooseAsync(page, id, stated, said);
        if (choices.Open(stated) is [var open, ..]) throw Refuse("open-question", $"The page Reading asks what has to be stated first: {open.Message}");
        if (choices.Columns.FirstOrDefault(column => column.Fault is not null) is { } fault) throw Refuse("invalid-columns", $"{fault.Found.CsvColumnName}: {fault.Fault}");
        if (choices.NameFault is { } nameFault) throw Refuse("invalid-name", nameFault);
        if (choices.Columns.All(column => column.Field.Length == 0)) throw Refuse("invalid-columns", "No column goes into a field, so that there is nothing to import.");
        // It is made anew, so that nothing stays of what was said before.
        if (await FindMadeAsync(page, id, stated) is var (made, _)) await page.Api.DoAsync<object>(HttpMethods.Delete, AddressOf(made.SystemName));
        if (choices.IsNew || choices.AddsFields) await DeclareAsync(page, choices, entity);
        var mapping = await page.Api.DoAsync<MappingCreated>(
            HttpMethods.Post, "/v1/EntityImport", new JsonObject { ["entitySystemName"] = choices.Name, ["definition"] = choices.ToDefinition() });
        await page.Api.DoAsync<UploadDetails>(HttpMethods.Put, $"/v1/EntityImport/uploads/{id}/mapping", new UploadBinding(mapping.MappingId));
        var plan = await page.Api.DoAsync<PlanCreated>(HttpMethods.Post, $"/v1/EntityImport/{id}/plan");
        return Address.With($"/plans/{plan.PlanId}", stated.Query, (StatedReading.MadeKey, choices.IsNew ? choices.Name : null));
    }

    private static async Task DeclareAsync(Page page, ColumnChoices choices, Entity? entity)
    {
        var address = AddressOf(choices.Name);
        var declaration = new EntityDeclaration { DisplayName = entity?.DisplayName, Fields = choices.ToFields(), KeepBefore = entity?.KeepBefore };
        if (choices.IsNew && (await page.Api.DoAsync<Entity[]>(HttpMethods.Get, "/v1/LogicalEntity")).FirstOrDefault(known => known.SystemName.Equals(choices.Name, StringComparison.OrdinalIgnoreCase)) is { } there)
        {
            // An earlier try of this page may have made it and failed then; what somebody else has made is not made otherwise.
            if (!IsSame(there.Fields, declaration.Fields) || await IsUsedAsync(page, choices.Name))
                throw Refuse("entity-exists", $"There is an entity {choices.Name} already. Choose another name, or, on the page Reading, that the file goes into it.");
            return;
        }

        await page.Api.DoAsync<Entity>(HttpMethods.Put, address, declaration);
    }

    private static bool IsSame(IReadOnlyList<EntityField> there, IReadOnlyList<EntityField> declared) =>
        there.Select(field => (field.SystemName, field.DataType, field.PrimaryKey)).SequenceEqual(declared.Select(field => (field.SystemName, field.DataType, field.PrimaryKey)));

    private static string AddressOf(string entity) => $"/v1/LogicalEntity/{Uri.EscapeDataString(entity)}";

    private static async Task<bool> IsUsedAsync(Page page, string entity) =>
        (await page.Api.DoAsync<ImportPage>(HttpMethods.Get, Address.Of("/v1/EntityImport/imports", ("entity", entity), ("limit", "1")))).Imports.Count > 0;

    private static JsonArray ToJson(IReadOnlyList<EntityField> fields) => new([.. fields.Select(field => JsonSerializer.SerializeToNode(field, ApiJson.Requests))]);

    private static ApiRefusedException Refuse(string type, string detail) => new(
        new Problem { Type = $"urn:eis:problem:{type}", Title = "This cannot be planned", Status = StatusCodes.Status409Conflict, Detail = detail, Instance = "" }, retryAfter: null);
}

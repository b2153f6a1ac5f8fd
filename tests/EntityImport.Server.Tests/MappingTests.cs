using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EntityImport.Api;

namespace EntityImport.Server.Tests;

public sealed class MappingTests(TestServer server)
{
    private static readonly Guid Unknown = Guid.Parse("0b1c2d3e-4f50-4172-8394-a5b6c7d8e9f0");

    [Theory]
    [InlineData("/v1/EntityImport")]
    [InlineData("/v1/EntityImport/")]
    public async Task A_mapping_is_created_with_and_without_a_slash_at_the_end(string path)
    {
        var entity = await server.DeclareProductAsync();
        var body = await server.SendAsync(HttpMethod.Post, path, HttpStatusCode.Created, TestServer.Json($$"""{"entitySystemName":"{{entity}}"}"""));
        Assert.Equal(["mappingId"], TestServer.Members(body));
        var id = body.GetProperty("mappingId").GetString()!;
        Assert.Equal(Guid.Parse(id).ToString("D"), id);
    }

    [Fact]
    public async Task All_faults_of_a_mapping_are_listed_at_once_by_their_path()
    {
        var entity = await server.DeclareProductAsync();
        var problem = await server.RefusedAsync(HttpMethod.Post, "/v1/EntityImport", HttpStatusCode.BadRequest, "validation", TestServer.Json($$$"""
            {
              "entitySystemName": "{{{entity}}}",
              "typo": 1,
              "definition": {
                "importMode": "MERGE",
                "fields": [ { "systemName": "Sku", "csvColumnName": "SKU" }, { "systemName": "Nope", "csvColumnName": "N" } ]
              }
            }
            """));
        var paths = TestServer.Members(problem.GetProperty("errors"));
        Assert.Contains("typo", paths);
        Assert.Contains("definition.importMode", paths);
        Assert.Contains("definition.fields[1].systemName", paths);
    }

    [Fact]
    public async Task Faults_of_patterns_are_listed_beside_others()
    {
        var entity = await server.DeclareProductAsync();
        var problem = await server.RefusedAsync(
            HttpMethod.Post, "/v1/EntityImport", HttpStatusCode.BadRequest, "validation", TestServer.Json($$$"""{"entitySystemName":"{{{entity}}}","definition":{"importMode":"MERGE","dateFormat":"yyyy-qq"}}"""));
        Assert.Equal(["definition.dateFormat", "definition.importMode"], TestServer.Members(problem.GetProperty("errors")).Order());
    }

    [Theory]
    [InlineData("""{"entitySystemName":"x",,}""", "line 1, byte 25")]
    [InlineData("", "empty")]
    [InlineData("""{"entitySystemName":"a","definition":{"dryRun":true,"dryRun":false}}""", "Duplicate property 'dryRun'")]
    [InlineData("""{"entitySystemName":"\ud800"}""", "Unicode")]
    public async Task A_body_that_is_no_json_is_refused_with_its_place(string json, string detail)
    {
        var problem = await server.RefusedAsync(HttpMethod.Post, "/v1/EntityImport", HttpStatusCode.BadRequest, "malformed-json", TestServer.Json(json));
        Assert.Contains(detail, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_is_no_object_is_refused() =>
        Assert.Contains("$", TestServer.Members((await server.RefusedAsync(
            HttpMethod.Post, "/v1/EntityImport", HttpStatusCode.BadRequest, "validation", TestServer.Json("[]"))).GetProperty("errors")));

    [Fact]
    public async Task A_body_over_one_mebibyte_is_refused() =>
        await server.RefusedAsync(HttpMethod.Post, "/v1/EntityImport", HttpStatusCode.RequestEntityTooLarge, "body-too-large", TestServer.Json($"\"{new string('x', 1 << 20)}\""));

    [Fact]
    public async Task A_body_of_another_type_is_refused() =>
        await server.RefusedAsync(HttpMethod.Post, "/v1/EntityImport", HttpStatusCode.UnsupportedMediaType, "unsupported-media-type", new StringContent("x"));

    [Fact]
    public async Task A_patch_merges_objects_removes_what_is_null_and_replaces_fields_whole()
    {
        var entity = await server.DeclareProductAsync();
        var created = await server.SendAsync(HttpMethod.Post, "/v1/EntityImport", HttpStatusCode.Created, TestServer.Json($$$"""
            {
              "entitySystemName": "{{{entity}}}",
              "definition": {
                "locale": "de-DE", "fieldDelimiter": ";", "dateFormat": "dd.MM.yyyy",
                "fields": [ { "systemName": "Sku", "csvColumnName": "A" }, { "systemName": "Name", "csvColumnName": "B" } ]
              }
            }
            """));
        var id = created.GetProperty("mappingId").GetString();

        var patched = await server.SendAsync(HttpMethod.Patch, $"/v1/EntityImport/{id}", HttpStatusCode.OK, TestServer.Json("""
            { "definition": { "fieldDelimiter": "|", "dateFormat": null, "fields": [ { "systemName": "Sku", "csvColumnName": "C" } ] } }
            """));

        Assert.Equal(id, patched.GetProperty("mappingId").GetString());
        Assert.Equal(2, patched.GetProperty("revision").GetInt32());
        Assert.Equal(entity, patched.GetProperty("entitySystemName").GetString());
        var expected = JsonElement.Parse("""{ "locale": "de-DE", "fieldDelimiter": "|", "fields": [ { "systemName": "Sku", "csvColumnName": "C" } ] }""");
        Assert.True(JsonElement.DeepEquals(expected, patched.GetProperty("definition")), patched.ToString());
        Assert.True(JsonElement.DeepEquals(patched, await server.SendAsync(HttpMethod.Get, $"/v1/EntityImport/{id}", HttpStatusCode.OK)));

        // What it was before is told, too, page by page.
        await server.SendAsync(HttpMethod.Patch, $"/v1/EntityImport/{id}", HttpStatusCode.OK, TestServer.Json("""{ "definition": { "fieldDelimiter": "," } }"""));
        var mapping = Guid.Parse(id!);
        var revisions = (await server.Client.ListMappingRevisionsAsync(mapping, cancellationToken: TestContext.Current.CancellationToken)).Mappings;
        Assert.Equal([(3, ","), (2, "|"), (1, ";")], revisions.Select(revision => (revision.Revision, revision.Definition.GetProperty("fieldDelimiter").GetString())));
        Assert.True(JsonElement.DeepEquals(expected, revisions[1].Definition));
        Assert.Equal("dd.MM.yyyy", revisions[2].Definition.GetProperty("dateFormat").GetString());
        var first = await server.SendAsync(HttpMethod.Get, $"/v1/EntityImport/{id}/revisions?limit=2", HttpStatusCode.OK);
        Assert.Equal(2, first.GetProperty("mappings").GetArrayLength());
        var rest = await server.Client.ListMappingRevisionsAsync(mapping, first.GetProperty("nextCursor").GetString(), TestContext.Current.CancellationToken);
        Assert.Equal((1, null), (Assert.Single(rest.Mappings).Revision, rest.NextCursor));
        var listed = await server.Client.ListMappingsAsync(entity, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((mapping, 3), (Assert.Single(listed.Mappings).MappingId, listed.Mappings[0].Revision));
        await server.RefusedAsync(HttpMethod.Get, $"/v1/EntityImport/{Unknown}/revisions", HttpStatusCode.NotFound, "mapping-not-found");
    }

    [Fact]
    public async Task The_mapping_that_was_used_for_such_a_file_is_found_by_its_columns()
    {
        var cancel = TestContext.Current.CancellationToken;
        var (entity, id) = await server.MapProductAsync();
        var (_, unused) = await server.MapProductAsync();
        const string File = "Sku,Name,Quantity,only_here\na,b,1,x\n";
        var schema = await InferAsync(File);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData("Sku\0Name\0Quantity\0only_here\0"u8)), schema.HeaderSha256);
        Assert.Empty((await server.Client.ListMappingsAsync(headerSha256: schema.HeaderSha256, cancellationToken: cancel)).Mappings);

        var import = await server.ImportAsync(id, File);
        // An error file has the columns of the file whose rows it is of.
        Assert.Equal(schema.HeaderSha256, (await InferAsync("Sku,Name,Quantity,only_here,errorRow,errorLine,errorReasons\na,b,1,x,1,2,no\n")).HeaderSha256);

        var found = Assert.Single((await server.Client.ListMappingsAsync(headerSha256: schema.HeaderSha256, cancellationToken: cancel)).Mappings);
        Assert.Equal((id, entity, new MappingUse(import.Status.EntityImportId, 1, found.LastUse!.Date, schema.HeaderSha256!)), (found.MappingId, found.EntitySystemName, found.LastUse));
        Assert.True(found.LastUse.Date > found.CreatedDate);
        var cursor = (await server.SendAsync(HttpMethod.Get, "/v1/EntityImport/mappings?limit=1", HttpStatusCode.OK)).GetProperty("nextCursor").GetString();
        await server.RefusedAsync(HttpMethod.Get, $"/v1/EntityImport/mappings?headerSha256={schema.HeaderSha256}&cursor={cursor}", HttpStatusCode.BadRequest, "invalid-parameter");
        var never = Assert.Single((await server.Client.ListMappingsAsync(cancellationToken: cancel)).Mappings, mapping => mapping.MappingId == unused);
        Assert.Null(never.LastUse);
        Assert.False((await server.SendAsync(HttpMethod.Get, $"/v1/EntityImport/{id}", HttpStatusCode.OK)).TryGetProperty("lastUse", out _));

        async Task<InferredSchema> InferAsync(string csv) =>
            await server.Client.InferAsync(await server.Client.UploadAsync(new MemoryStream(Encoding.UTF8.GetBytes(csv)), "f.csv", cancellationToken: cancel), cancellationToken: cancel);
    }

    [Fact]
    public async Task A_refused_patch_changes_nothing()
    {
        var (_, id) = await server.MapProductAsync();
        var problem = await server.RefusedAsync(
            HttpMethod.Patch, $"/v1/EntityImport/{id}", HttpStatusCode.BadRequest, "validation", TestServer.Json("""{"definition":{"importMode":"X","nope":1}}"""));
        Assert.Equal(["definition.importMode", "definition.nope"], TestServer.Members(problem.GetProperty("errors")).Order());
        Assert.Equal(1, (await server.Client.GetMappingAsync(id, TestContext.Current.CancellationToken)).Revision);
    }

    [Fact]
    public async Task Malformed_ids_are_400_for_a_patch_and_404_for_reading_unknown_ones_404()
    {
        await server.RefusedAsync(HttpMethod.Patch, "/v1/EntityImport/abc", HttpStatusCode.BadRequest, "malformed-id", TestServer.Json("{}"));
        await server.RefusedAsync(HttpMethod.Patch, $"/v1/EntityImport/{Unknown}", HttpStatusCode.NotFound, "mapping-not-found", TestServer.Json("{}"));
        await server.RefusedAsync(HttpMethod.Get, "/v1/EntityImport/abc", HttpStatusCode.NotFound, "mapping-not-found");
        await server.RefusedAsync(HttpMethod.Get, $"/v1/EntityImport/{Unknown}", HttpStatusCode.NotFound, "mapping-not-found");
    }

    [Fact]
    public async Task Every_member_that_the_api_document_describes_is_taken_and_returned()
    {
        var entity = await server.DeclareProductAsync();
        var definition = JsonElement.Parse("""
            {
              "importMode": "REPLACE", "locale": "de_DE", "fieldDelimiter": "||", "dateFormat": "dd.MM.yyyy", "dateTimeFormat": ["dd.MM.yyyy HH:mm", "ISO_8601"], "twoDigitYearStart": 1950, "endOfDay": "24:00",
              "decimalSeparator": ",", "groupingSeparator": ".", "currencySymbol": "€", "percentSymbol": "%", "ignoreSurroundingSpaces": false,
              "encoding": "windows-1252", "quoteCharacter": "'", "escapeCharacter": "\\", "header": true, "skipLines": 1, "nullValues": ["-"],
              "trueValues": ["ja"], "falseValues": ["nein"], "raggedRows": "FIT", "emptyValues": "KEEP", "maxFailedRows": "5%", "dryRun": true,
              "skipFooterLines": 1, "maxRecordBytes": 65536, "multilineFields": false, "emptyRows": "SKIP", "zeroValues": ["nil"], "trailingMinus": true, "spreadsheetText": "UNWRAP",
              "fields": [
                { "systemName": "Sku", "csvColumnName": "A", "nullValues": [], "normalize": ["TRIM", "UPPER"] },
                { "systemName": "Price", "csvColumnName": "C", "zeroValues": ["-"], "nullValues": ["n/a"] },
                { "systemName": "ValidFrom", "csvColumnName": "B", "defaultValue": "2024-01-31", "format": "yyyy-MM-dd", "valueMap": { "heute": "2024-12-31", "nie": null } }
              ]
            }
            """);
        var created = await server.SendAsync(
            HttpMethod.Post, "/v1/EntityImport", HttpStatusCode.Created, TestServer.Json($$"""{"entitySystemName":"{{entity}}","definition":{{definition}}}"""));
        var stored = await server.SendAsync(HttpMethod.Get, $"/v1/EntityImport/{created.GetProperty("mappingId")}", HttpStatusCode.OK);
        Assert.True(JsonElement.DeepEquals(definition, stored.GetProperty("definition")), stored.ToString());

        var document = await server.SendAsync(HttpMethod.Get, "/openapi/v1.json", HttpStatusCode.OK);
        var described = document.GetProperty("components").GetProperty("schemas").GetProperty("ImportDefinition").GetProperty("properties");
        Assert.Equal(TestServer.Members(definition).Append("columnCount").Order(), TestServer.Members(described).Order());
    }

    [Fact]
    public async Task A_problem_reaches_callers_of_the_client_with_its_faults()
    {
        var refused = await Assert.ThrowsAsync<Client.EntityImportProblemException>(
            () => server.Client.CreateMappingAsync("NoSuchEntity", null, TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal("urn:eis:problem:validation", refused.Problem.Type);
        Assert.Contains("entitySystemName", refused.Problem.Errors!.Keys);
        Assert.Contains("NoSuchEntity", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_client_writes_a_definition_that_the_service_takes()
    {
        var (_, id) = await server.MapProductAsync(new Api.ImportDefinition
        {
            ImportMode = Api.ImportMode.Insert,
            FieldDelimiter = "\\t",
            DateFormat = "dd.MM.yyyy",
            DateTimeFormat = ["dd.MM.yyyy HH:mm", "ISO_8601"],
            Fields = [new Api.FieldMapping("Sku", "A"), new Api.FieldMapping("Name", null, DefaultValue: "none"), new Api.FieldMapping("ValidFrom", "B", Format: ["EXCEL_DAYS", "yyyy-MM-dd"])],
        });
        var stored = await server.Client.GetMappingAsync(id, TestContext.Current.CancellationToken);
        Assert.Equal("INSERT", stored.Definition.GetProperty("importMode").GetString());
        Assert.Equal(JsonValueKind.Array, stored.Definition.GetProperty("fields").ValueKind);
        Assert.Equal("dd.MM.yyyy", stored.Definition.GetProperty("dateFormat").GetString());
        var read = stored.Definition.Deserialize<Api.ImportDefinition>(Api.ApiJson.Options)!;
        Assert.Equal(("dd.MM.yyyy", Api.TextOrTexts.Create(["dd.MM.yyyy HH:mm", "ISO_8601"])), (read.DateFormat, read.DateTimeFormat));
        Assert.Equal(["EXCEL_DAYS", "yyyy-MM-dd"], read.Fields![2].Format!);
    }
}

using System.Net;
using System.Text;
using EntityImport.Access;
using EntityImport.Server.Options;

namespace EntityImport.Server.Tests.Access;

/// <summary>Nothing of a credential or a body comes back in a problem. That the logs have nothing of them is looked for at the end of the suite, in <see cref="SuiteLog"/>.</summary>
public sealed class SecretTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("X-Api-Key", SuiteLog.Canary)]
    [InlineData("Authorization", "Bearer " + SuiteLog.Canary)]
    [InlineData("Authorization", "Bearer eis_" + SuiteLog.Canary)]
    [InlineData("Authorization", "OAuth " + SuiteLog.Canary)]
    [InlineData("Authorization", "Basic " + SuiteLog.Canary)]
    [InlineData("Authorization", SuiteLog.Canary)]
    public async Task A_refused_credential_is_not_repeated(string header, string value)
    {
        await using var own = new TestServer { Access = new AccessOptions { ApiKeys = true, AdminKey = ApiKeyText.Create() } };
        await own.InitializeAsync();
        using var plain = new HttpClient { BaseAddress = own.Http.BaseAddress };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/me");
        request.Headers.TryAddWithoutValidation(header, value);

        using var answer = await plain.SendAsync(request, Cancel);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.DoesNotContain(SuiteLog.Canary, $"{answer.Headers} {await answer.Content.ReadAsStringAsync(Cancel)}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bodies_go_where_they_belong()
    {
        await using var own = new TestServer { Access = new AccessOptions { ApiKeys = true, AdminKey = ApiKeyText.Create() } };
        await own.InitializeAsync();
        var (entity, mapping) = await own.MapProductAsync();
        var run = await own.ImportAsync(mapping, $"Sku,Quantity\n{SuiteLog.Canary},1\nb,{SuiteLog.Canary}\n");
        using var broken = new StringContent($$"""{ "entitySystemName": "{{SuiteLog.Canary}}", """, Encoding.UTF8, "application/json");
        await own.SendAsync(HttpMethod.Post, "/v1/EntityImport", HttpStatusCode.BadRequest, broken);
        await own.SendAsync(HttpMethod.Post, "/v1/EntityImport", HttpStatusCode.BadRequest, TestServer.Json($$"""{ "entitySystemName": "{{entity}}", "definition": { "dateFormat": "{{SuiteLog.Canary}}'" } }"""));
        await own.SendAsync(HttpMethod.Get, $"/v1/LogicalEntityData/{entity}?$filter=Quantity eq '{SuiteLog.Canary}'", HttpStatusCode.BadRequest);

        var records = await own.SendAsync(HttpMethod.Get, $"/v1/LogicalEntityData/{entity}?$filter=Sku eq '{SuiteLog.Canary}'", HttpStatusCode.OK);
        Assert.Equal(1, records.GetArrayLength());
        var errors = await own.SendAsync(HttpMethod.Get, $"/v1/EntityImport/imports/{run.Status.EntityImportId}/errors", HttpStatusCode.OK);
        Assert.Contains(SuiteLog.Canary, errors.GetRawText(), StringComparison.Ordinal);
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using EntityImport.Access;
using EntityImport.Server.Tests.Access;

namespace EntityImport.Cli.Tests.Networks;

/// <summary><c>eis serve</c> on an address that is not loopback, in a network of the test's own: nothing reaches it from outside, and nothing in it gets out.</summary>
public sealed class NamespaceTests
{
    private const string Environment = "eis.example.com";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Runs the test below again, in a process that has a network of its own.</summary>
    [Fact]
    public async Task The_documented_client_calls_a_service_of_the_network()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && await RunAsync("unshare", ["--net", "true"]) is (0, _), "Networks of one's own cannot be made here (unshare --net).");
        var set = $"ip link set lo up && ip addr add {TestAuthority.OtherAddress}/32 dev lo && exec \"$0\" -noColor -explicit only -method {typeof(NamespaceTests).FullName}.{nameof(Documented_calls_with_both_headers_over_tls)}";

        var (code, output) = await RunAsync("unshare", ["--net", "sh", "-c", set, System.Environment.ProcessPath!]);

        Assert.True(code == 0, output);
        Assert.Contains("Total: 1, Errors: 0, Failed: 0, Skipped: 0", output, StringComparison.Ordinal);
    }

    /// <summary>The client's calls as they are documented; its headers are all that it knows of who it is.</summary>
    [Fact(Explicit = true)]
    public async Task Documented_calls_with_both_headers_over_tls()
    {
        using var eis = new Eis();
        using var authority = new TestAuthority();
        await using var salesforce = await FakeSalesforce.StartAsync(authority);
        var admin = ApiKeyText.Create();
        var tls = eis.WriteSecret("tls.pem", authority.PemOf(authority.Server));
        var config = eis.Write("eis.json", $$"""
            { "tls": { "certificate": "{{tls}}" },
              "access": { "salesforce": { "environments": { "{{Environment}}": {
                "loginHost": "{{salesforce.Address}}", "organisations": ["{{FakeSalesforce.Organisation}}"], "secrets": ["{{FakeSalesforce.Secret}}"], "trustedRootsFile": "{{authority.RootsFile}}" } } } } }
            """);
        await RefusedAsync(eis, $"http://{TestAuthority.OtherAddress}:0", [], "does not ask callers who they are");
        await RefusedAsync(eis, $"http://{TestAuthority.OtherAddress}:0", ["--config", config], "overheard");

        using var service = Start(eis, $"https://{TestAuthority.OtherAddress}:0", ["--config", config], ("EIS__ACCESS__ADMINKEY", admin));
        try
        {
            string? line;
            do line = await service.StandardOutput.ReadLineAsync(Token);
            while (line?.StartsWith("Listening on ", StringComparison.Ordinal) == false);
            Assert.StartsWith($"Listening on https://{TestAuthority.OtherAddress}:", line, StringComparison.Ordinal);
            _ = service.StandardOutput.ReadToEndAsync(CancellationToken.None);
            var address = new Uri(line!.Split(' ')[2]);

            using var administrator = Connect(authority, address, ("X-Api-Key", admin));
            using var put = await administrator.PutAsync("/v1/LogicalEntity/Product", Json("""{ "fields": [{ "systemName": "Sku", "dataType": "STRING", "length": 10, "primaryKey": true }, { "systemName": "Price", "dataType": "CURRENCY", "precision": 18, "scale": 2 }] }"""), Token);
            Assert.Equal(HttpStatusCode.Created, put.StatusCode);
            using var stranger = Connect(authority, address);
            using var unknown = await stranger.GetAsync("/v1/LogicalEntity", Token);
            Assert.Equal(HttpStatusCode.Unauthorized, unknown.StatusCode);
            Assert.Contains("OAuth", unknown.Headers.WwwAuthenticate.Select(challenge => challenge.Scheme));

            var token = salesforce.LogIn(DateTimeOffset.UtcNow);
            using var client = Connect(authority, address, ("Authorization", $"OAuth {token.Base64()}"), ("X-Forwarded-Host", Environment));
            await CallAsDocumentedAsync(client);
            using var forbidden = await client.DeleteAsync("/v1/LogicalEntity/Product", Token);
            Assert.Equal(HttpStatusCode.Forbidden, forbidden.StatusCode);
        }
        finally
        {
            service.Kill(entireProcessTree: true);
            await service.WaitForExitAsync(CancellationToken.None);
        }
    }

    private static async Task CallAsDocumentedAsync(HttpClient client)
    {
        var mapping = await AnswerAsync(await client.PostAsync("/v1/EntityImport/", Json("""
            { "entitySystemName": "Product", "definition": { "importMode": "UPSERT", "locale": "de-DE", "fieldDelimiter": ";", "fields": [{ "systemName": "Sku", "csvColumnName": "No" }, { "systemName": "Price", "csvColumnName": "EUR" }] } }
            """), Token), HttpStatusCode.Created);
        var mappingId = mapping.GetProperty("mappingId").GetGuid();
        var patched = await AnswerAsync(await client.PatchAsync($"/v1/EntityImport/{mappingId}", Json("""{ "definition": { "ignoreSurroundingSpaces": true } }"""), Token), HttpStatusCode.OK);
        Assert.Equal(mappingId, patched.GetProperty("mappingId").GetGuid());
        const string Csv = "No;EUR\nA-1;1.234,50 €\nA-2;zwölf\n";
        using var form = new MultipartFormDataContent { { new StringContent(Csv), "file", "products.csv" } };
        var upload = (await AnswerAsync(await client.PostAsync($"/v1/EntityImport/{mappingId}/upload", form, Token), HttpStatusCode.Created)).GetProperty("uploadId").GetGuid();
        var import = (await AnswerAsync(await client.PostAsync($"/v1/EntityImport/{upload}/import", content: null, Token), HttpStatusCode.Created)).GetProperty("importId").GetGuid();

        JsonElement status;
        do status = await AnswerAsync(await client.GetAsync($"/v1/EntityImport/{import}/status", Token), HttpStatusCode.OK);
        while (status.GetProperty("status").GetString() == "RUNNING");
        Assert.Equal("SUCCEEDED", status.GetProperty("status").GetString());
        Assert.Equal(["clientErrorCallingService", "entityImportId", "startDate", "status", "stopDate"], status.EnumerateObject().Select(member => member.Name).Order());
        var report = await AnswerAsync(await client.GetAsync($"/v1/EntityImport/{import}/report", Token), HttpStatusCode.OK);
        Assert.Equal(("PARTIAL_SUCCESS", 1, 1), (report.GetProperty("status").GetString(), report.GetProperty("processedRows").GetInt32(), report.GetProperty("failedRows").GetInt32()));
        Assert.Equal($"entity-import/{upload}/data into Product: 1 of 2 rows could not be imported.", report.GetProperty("message").GetString());
        Assert.StartsWith("No;EUR;errorRow;errorLine;errorReasons\nA-2;zwölf;2;3;", (await client.GetStringAsync($"/v1/EntityImport/{import}/errorFile", Token)).Replace("\r", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal(Csv, await client.GetStringAsync($"/v1/EntityImport/{upload}/file", Token));
        Assert.Equal("""[{"Sku":"A-1","Price":1234.50}]""", await client.GetStringAsync("/v1/LogicalEntityData/Product", Token));
    }

    private static async Task<JsonElement> AnswerAsync(HttpResponseMessage answer, HttpStatusCode expected)
    {
        using (answer)
        {
            var body = await answer.Content.ReadAsStringAsync(Token);
            Assert.True(answer.StatusCode == expected, $"{answer.StatusCode} {body}");
            return JsonElement.Parse(body);
        }
    }

    private static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");

    private static HttpClient Connect(TestAuthority authority, Uri address, params ReadOnlySpan<(string Name, string Value)> headers)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { X509CertificateLoader.LoadCertificateFromFile(authority.RootsFile) },
                    RevocationMode = X509RevocationMode.NoCheck,
                },
            },
        };
        var client = new HttpClient(handler) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(60) };
        foreach (var (name, value) in headers) client.DefaultRequestHeaders.TryAddWithoutValidation(name, value);
        return client;
    }

    private static async Task RefusedAsync(Eis eis, string url, string[] options, string reason)
    {
        using var service = Start(eis, url, options);
        var error = await service.StandardError.ReadToEndAsync(Token);
        await service.WaitForExitAsync(Token);
        Assert.NotEqual(0, service.ExitCode);
        Assert.Contains(reason, error, StringComparison.Ordinal);
    }

    private static Process Start(Eis eis, string url, string[] options, params ReadOnlySpan<(string Name, string Value)> variables)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "eis.dll"), "serve", "--urls", url, "--data", eis.Data, .. options]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in variables) start.Environment[name] = value;
        return Process.Start(start)!;
    }

    private static async Task<(int Code, string Output)> RunAsync(string program, string[] arguments, params (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in variables) start.Environment[name] = value;
        try
        {
            using var process = Process.Start(start)!;
            var error = process.StandardError.ReadToEndAsync(Token);
            var output = await process.StandardOutput.ReadToEndAsync(Token);
            await process.WaitForExitAsync(Token);
            return (process.ExitCode, output + await error);
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            return (-1, string.Create(CultureInfo.InvariantCulture, $"{program}: {exception.Message}"));
        }
    }
}

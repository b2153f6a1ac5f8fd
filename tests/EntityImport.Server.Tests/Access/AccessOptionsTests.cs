using System.Text;
using System.Text.Json;
using EntityImport.Options;
using EntityImport.Server.Options;
using Microsoft.Extensions.Configuration;

namespace EntityImport.Server.Tests.Access;

/// <summary>The options of Salesforce's environments and of issuers: read as they are written, refused where they cannot be, and never shown with their secrets.</summary>
public sealed class AccessOptionsTests
{
    private const string Written = """
        {
          "access": {
            "salesforce": {
              "defaultEnvironment": "eis.example.com",
              "environments": {
                "eis.example.com": {
                  "loginHost": "https://test.salesforce.com",
                  "organisations": ["00Dxx0000001gPLEAY"],
                  "secrets": ["a-secret", "another-secret"],
                  "mode": "Signature",
                  "maxAgeHours": 2.5,
                  "scopes": ["read"],
                  "users": [{ "id": "005xx000001SwiUAAS", "scopes": ["admin:Product"] }]
                }
              }
            },
            "jwt": {
              "issuers": {
                "entra": {
                  "issuer": "https://login.microsoftonline.com/t/v2.0",
                  "audience": "api://eis",
                  "scopeClaim": "roles",
                  "grants": [{ "value": "read:products", "scopes": ["read:Product"] }]
                }
              }
            }
          }
        }
        """;

    [Fact]
    public void Options_are_read_as_they_are_written_and_nothing_is_added_to_them()
    {
        var access = Read(Written);
        var environment = access.Salesforce!.Environments["eis.example.com"];
        Assert.Equal(("eis.example.com", new Uri("https://test.salesforce.com"), SalesforceMode.Signature, 2.5), (access.Salesforce.DefaultEnvironment, environment.LoginHost, environment.Mode, environment.MaxAgeHours));
        Assert.Equal(["00Dxx0000001gPLEAY"], environment.Organisations);
        Assert.Equal(["a-secret", "another-secret"], environment.Secrets);
        Assert.Equal(["read"], environment.Scopes);
        Assert.Equal(("005xx000001SwiUAAS", "admin:Product"), (Assert.Single(environment.Users).Id, Assert.Single(environment.Users[0].Scopes)));
        var issuer = access.Jwt!.Issuers["entra"];
        Assert.Equal(("https://login.microsoftonline.com/t/v2.0", "api://eis", "roles"), (issuer.Issuer, issuer.Audience, issuer.ScopeClaim));
        Assert.Equal(("read:products", "read:Product"), (Assert.Single(issuer.Grants).Value, Assert.Single(issuer.Grants[0].Scopes)));
        Assert.True(access.IsOn);
        Assert.Empty(access.Salesforce.Faults("access.salesforce"));
        Assert.Empty(access.Jwt.Faults("access.jwt"));
    }

    [Fact]
    public void How_people_sign_in_is_read_as_it_is_written_and_its_secret_is_shown_nowhere()
    {
        var access = Read("""
            { "access": { "signIn": { "address": "https://eis.example.com", "sessionHours": 0.5, "oidc": {
              "issuer": "https://id.example.com/realms/main", "clientId": "eis", "clientSecret": "a-secret", "scopes": ["profile", "groups"], "hosts": ["tokens.example.com"],
              "grants": [{ "value": "importers", "scopes": ["import"] }] } } } }
            """);

        var (signIn, oidc) = (access.SignIn, access.SignIn.Oidc!);
        Assert.True(access.IsOn);
        Assert.Empty(signIn.Faults("access.signIn"));
        Assert.Equal((new Uri("https://eis.example.com"), TimeSpan.FromMinutes(30)), (signIn.Address, signIn.SessionLifetime));
        Assert.Equal(("https://id.example.com/realms/main", "eis", "a-secret", "roles"), (oidc.Issuer, oidc.ClientId, oidc.ClientSecret, oidc.ScopeClaim));
        Assert.Equal(["openid", "profile", "groups"], oidc.AskedFor);
        Assert.Equal(["openid", "profile"], new OidcOptions().AskedFor);
        foreach (var (address, may) in new[]
        {
            ("https://id.example.com/token", true), ("https://tokens.example.com/token", true), ("https://id.example.com:8443/token", false), ("http://id.example.com/token", false), ("https://evil.example/token", false),
            ("https://id.example.com.evil.example/token", false), ("http://127.0.0.1/token", false),
        })
            Assert.Equal((address, may), (address, oidc.MayCall(new Uri(address))));
        foreach (var shown in new[] { $"{access}", $"{signIn}", $"{oidc}", JsonSerializer.Serialize(access) }) Assert.DoesNotContain("a-secret", shown, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "sessionHours": 0 }""", "access.signIn.sessionHours cannot be 0; expected is a number from 0.1 to 720.")]
    [InlineData("""{ "sessionHours": 721 }""", "access.signIn.sessionHours cannot be 721; expected is a number from 0.1 to 720.")]
    [InlineData("""{ "address": "http://eis.example.com" }""", "access.signIn.address is no address of the service; expected is one like https://eis.example.com, without a path. Without https it can only be on this machine.")]
    [InlineData("""{ "address": "https://eis.example.com/eis" }""", "access.signIn.address is no address of the service; expected is one like https://eis.example.com, without a path. Without https it can only be on this machine.")]
    [InlineData("""{ "oidc": { "issuer": "http://127.0.0.1:1/", "clientId": "eis", "grants": [{ "value": "x", "scopes": ["read"] }] } }""", "access.signIn.oidc.metadata is not https; expected is an address that cannot be tampered with on the way.")]
    [InlineData("""{ "oidc": { "issuer": "https://id.example.com", "grants": [{ "value": "x", "scopes": ["read"] }] } }""", "access.signIn.oidc.clientId is missing; expected is what the service is called at the provider.")]
    [InlineData("""{ "oidc": { "issuer": "https://id.example.com", "clientId": "eis" } }""", "access.signIn.oidc.grants is empty; expected is what the values of roles allow.")]
    public void How_people_cannot_sign_in_is_told(string signIn, string fault) => Assert.Equal([fault], Read($$"""{ "access": { "signIn": {{signIn}} } }""").SignIn.Faults("access.signIn"));

    [Fact]
    public void Who_is_given_no_scopes_has_none()
    {
        var written = Written.Replace("[\"read\"]", "[]", StringComparison.Ordinal);
        // Nobody may do anything but the one user who is named: that can be meant.
        Assert.Empty(Read(written).Salesforce!.Faults("access.salesforce"));
        var nobody = Read(written.Replace("[\"admin:Product\"]", "[]", StringComparison.Ordinal));
        Assert.Empty(nobody.Salesforce!.Environments["eis.example.com"].Scopes);
        Assert.Empty(Assert.Single(nobody.Salesforce.Environments["eis.example.com"].Users).Scopes);
    }

    [Fact]
    public void Secrets_are_shown_nowhere()
    {
        var access = Read(Written);
        foreach (var shown in new[] { $"{access}", $"{access.Salesforce}", $"{access.Salesforce!.Environments["eis.example.com"]}", JsonSerializer.Serialize(access) })
        {
            Assert.DoesNotContain("a-secret", shown, StringComparison.Ordinal);
            Assert.DoesNotContain("another-secret", shown, StringComparison.Ordinal);
        }
    }

    public static TheoryData<Func<SalesforceEnvironmentOptions, SalesforceEnvironmentOptions>, string> SalesforceFaults => new()
    {
        { options => options with { LoginHost = new Uri("http://login.salesforce.com") }, "loginHost is not" },
        { options => options with { LoginHost = new Uri("https://login.salesforce.com/path") }, "loginHost is not" },
        { options => options with { LoginHost = new Uri("https://user@login.salesforce.com") }, "loginHost is not" },
        { options => options with { LoginHost = new Uri("/relative", UriKind.Relative) }, "loginHost is not" },
        { options => options with { Organisations = [] }, "organisations is empty" },
        { options => options with { Organisations = ["00D"] }, "organisations: '00D' is no id" },
        { options => options with { Secrets = [] }, "secrets is empty" },
        { options => options with { Secrets = [" "] }, "secrets has an empty one" },
        { options => options with { SecretsFile = "/nowhere/at/all" }, "secretsFile: the file cannot be read" },
        { options => options with { TrustedRootsFile = "/nowhere/at/all" }, "trustedRootsFile: the file cannot be read" },
        { options => options with { Mode = (SalesforceMode)9 }, "mode is none of SignatureAndUserinfo, Signature, Userinfo" },
        { options => options with { MaxAgeHours = 0 }, "maxAgeHours cannot be 0" },
        { options => options with { MaxAgeHours = double.NaN }, "maxAgeHours cannot be NaN" },
        { options => options with { TimeoutSeconds = 61 }, "timeoutSeconds cannot be 61" },
        { options => options with { GoodMinutes = -1 }, "goodMinutes cannot be -1" },
        { options => options with { BadSeconds = 3_601 }, "badSeconds cannot be 3601" },
        { options => options with { RememberedTokens = 0 }, "rememberedTokens cannot be 0" },
        { options => options with { CallsAtOnce = 0 }, "callsAtOnce cannot be 0" },
        { options => options with { CallsPerSecond = 0 }, "callsPerSecond cannot be 0" },
        { options => options with { Scopes = ["write"] }, "scopes: 'write' is no scope" },
        { options => options with { Users = [new() { Id = "me", Scopes = [] }] }, "users: 'me' is no id" },
        { options => options with { Users = [new() { Id = "005xx000001SwiU", Scopes = ["write"] }] }, "users, 005xx000001SwiU: 'write' is no scope" },
        { options => options with { Users = [new() { Id = "005xx000001SwiU" }, new() { Id = "005xx000001SwiUAAS" }] }, "users has 005xx000001SwiU twice" },
    };

    [Theory]
    [MemberData(nameof(SalesforceFaults))]
    public void What_cannot_be_of_an_environment_is_told_with_its_name(Func<SalesforceEnvironmentOptions, SalesforceEnvironmentOptions> change, string expected)
    {
        var options = new SalesforceOptions
        {
            Environments = new Dictionary<string, SalesforceEnvironmentOptions> { ["eis.example.com"] = change(new() { Organisations = ["00Dxx0000001gPL"], Secrets = ["a-secret"], Scopes = ["read"] }) },
        };
        var fault = Assert.Single(options.Faults("access.salesforce"));
        Assert.StartsWith($"access.salesforce.environments.eis.example.com.{expected}", fault, StringComparison.Ordinal);
        Assert.DoesNotContain("a-secret", fault, StringComparison.Ordinal);
        // The server does not start with it.
        Assert.Contains(fault, Assert.Throws<OptionsException>(() => EntityImportServer.Build(new ServerOptions { Urls = ["http://127.0.0.1:0"], Access = new AccessOptions { Salesforce = options } })).Faults);
    }

    [Theory]
    [InlineData("")]
    [InlineData("EIS.example.com")]
    [InlineData("eis.example.com:443")]
    [InlineData("https://eis.example.com")]
    [InlineData("eis example")]
    public void A_name_of_an_environment_is_a_host_in_lower_case_without_port(string host) =>
        Assert.Single(new SalesforceOptions { Environments = new Dictionary<string, SalesforceEnvironmentOptions> { [host] = new() { Organisations = ["00Dxx0000001gPL"], Secrets = ["a"], Scopes = ["read"] } } }.Faults("access.salesforce"));

    [Fact]
    public void The_default_environment_must_be_one() =>
        Assert.Equal(2, new SalesforceOptions { DefaultEnvironment = "eis.example.com" }.Faults("access.salesforce").Count());

    public static TheoryData<Func<JwtIssuerOptions, JwtIssuerOptions>, string> JwtFaults => new()
    {
        { options => options with { Issuer = "" }, "issuer is missing" },
        { options => options with { Issuer = "accounts" }, "metadata is missing" },
        { options => options with { Issuer = "http://issuer.example.com" }, "metadata is not https" },
        { options => options with { Issuer = "http://127.0.0.1:8080" }, "metadata is not https" },
        { options => options with { Metadata = new Uri("http://issuer.example.com/m"), AllowLoopbackHttp = true }, "metadata is not https" },
        { options => options with { Audience = "" }, "audience is missing" },
        { options => options with { ScopeClaim = "" }, "scopeClaim is empty" },
        { options => options with { SubjectClaim = "" }, "subjectClaim is empty" },
        { options => options with { NameClaim = "" }, "nameClaim is empty" },
        { options => options with { Grants = [] }, "grants is empty" },
        { options => options with { Grants = [new() { Value = "a b", Scopes = ["read"] }] }, "grants: 'a b' can be no value of scope" },
        { options => options with { Grants = [new() { Value = "a", Scopes = ["write"] }] }, "grants, a: 'write' is no scope" },
        { options => options with { TrustedRootsFile = "/nowhere/at/all" }, "trustedRootsFile: the file cannot be read" },
    };

    [Theory]
    [MemberData(nameof(JwtFaults))]
    public void What_cannot_be_of_an_issuer_is_told_with_its_name(Func<JwtIssuerOptions, JwtIssuerOptions> change, string expected)
    {
        var options = new JwtOptions { Issuers = new Dictionary<string, JwtIssuerOptions> { ["entra"] = change(Issuer) } };
        Assert.StartsWith($"access.jwt.issuers.entra.{expected}", Assert.Single(options.Faults("access.jwt")), StringComparison.Ordinal);
    }

    [Fact]
    public void Issuers_have_plain_names_and_each_stands_once()
    {
        Assert.Single(new JwtOptions { Issuers = new Dictionary<string, JwtIssuerOptions> { ["Entra:x"] = Issuer } }.Faults("access.jwt"));
        Assert.Single(new JwtOptions { Issuers = new Dictionary<string, JwtIssuerOptions> { ["a"] = Issuer, ["b"] = Issuer } }.Faults("access.jwt"));
        Assert.Empty(new JwtOptions { Issuers = new Dictionary<string, JwtIssuerOptions> { ["a"] = Issuer with { Issuer = "http://127.0.0.1:8080", AllowLoopbackHttp = true } } }.Faults("access.jwt"));
    }

    private static JwtIssuerOptions Issuer => new() { Issuer = "https://issuer.example.com", Audience = "api://eis", Grants = [new() { Value = "eis.read", Scopes = ["read"] }] };

    private static AccessOptions Read(string json) =>
        new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build().GetSection("access").Get<AccessOptions>()!;
}

using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace EntityImport.Server.Tests.Access;

/// <summary>A Salesforce on this machine, over https: gives out tokens, answers whose they are, and counts how often it was asked.</summary>
internal sealed class FakeSalesforce : IAsyncDisposable
{
    public const string Organisation = "00Dxx0000001gPLEAY";
    public const string User = "005xx000001SwiUAAS";
    public const string OtherUser = "005xx000001Sx2bAAC";
    public const string Secret = "3MVG9-consumer-secret-of-the-test";

    private readonly ConcurrentDictionary<string, (string Organisation, string User)> _tokens = new();
    private readonly WebApplication _app;
    private int _questions;

    private FakeSalesforce(TestAuthority authority)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(authority.Server)));
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    /// <summary>Where it is.</summary>
    public Uri Address => new(_app.Urls.Single());

    /// <summary>How often it was asked whose a token is.</summary>
    public int Questions => Volatile.Read(ref _questions);

    /// <summary>What it does when it is asked, in place of what Salesforce does; null means that.</summary>
    public Func<HttpContext, Task>? Instead { get; set; }

    public static async Task<FakeSalesforce> StartAsync(TestAuthority authority)
    {
        var salesforce = new FakeSalesforce(authority);
        await salesforce._app.StartAsync();
        return salesforce;
    }

    /// <summary>Gives out a token, and the response that tells of it.</summary>
    public TokenJson LogIn(DateTimeOffset now, string user = User, string organisation = Organisation, string secret = Secret)
    {
        var response = new TokenJson(now, organisation, user).Sign(secret);
        _tokens[response["access_token"]] = (organisation, user);
        return response;
    }

    /// <summary>Ends a token.</summary>
    public void Revoke(TokenJson response) => _tokens.TryRemove(response["access_token"], out _);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        Interlocked.Increment(ref _questions);
        if (Instead is { } instead)
        {
            await instead(context);
            return;
        }

        Assert.Equal("GET /services/oauth2/userinfo", $"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}");
        var token = Assert.Single(context.Request.Headers.Authorization)!["Bearer ".Length..];
        if (!_tokens.TryGetValue(token, out var holder))
        {
            context.Response.StatusCode = 403;
            await context.Response.WriteAsync("Bad_OAuth_Token");
            return;
        }

        await context.Response.WriteAsJsonAsync(new { user_id = holder.User, organization_id = holder.Organisation, preferred_username = $"{holder.User}@example.com", email_verified = true });
    }
}

/// <summary>Salesforce's answer to who asks for a token, which a test may change as nobody should.</summary>
internal sealed class TokenJson
{
    private readonly Dictionary<string, string> _members;

    public TokenJson(DateTimeOffset issuedAt, string organisation = FakeSalesforce.Organisation, string user = FakeSalesforce.User) => _members = new Dictionary<string, string>
    {
        ["access_token"] = $"{organisation[..15]}!AQ.{Convert.ToHexString(RandomNumberGenerator.GetBytes(24))}",
        ["instance_url"] = "https://example.my.salesforce.com",
        ["id"] = $"https://login.salesforce.com/id/{organisation}/{user}",
        ["token_type"] = "Bearer",
        ["issued_at"] = issuedAt.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture),
        ["signature"] = "",
    };

    private TokenJson(Dictionary<string, string> members) => _members = members;

    public string this[string member] => _members[member];

    /// <summary>The same with another text in a member.</summary>
    public TokenJson With(string member, string text) => new(new Dictionary<string, string>(_members) { [member] = text });

    /// <summary>The same, signed.</summary>
    public TokenJson Sign(string secret) =>
        With("signature", Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(_members["id"] + _members["issued_at"]))));

    public override string ToString() => JsonSerializer.Serialize(_members);

    /// <summary>What callers send behind <c>OAuth</c>.</summary>
    public string Base64() => Base64Of(ToString());

    public static string Base64Of(string json) => Convert.ToBase64String(Encoding.UTF8.GetBytes(json));
}

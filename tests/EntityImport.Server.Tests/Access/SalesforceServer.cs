using System.Net;
using System.Net.Sockets;
using EntityImport.Server.Options;
using Microsoft.Extensions.Time.Testing;

namespace EntityImport.Server.Tests.Access;

/// <summary>A server that takes Salesforce's token responses, the Salesforce that it asks, a clock that stands still, and a listener that nobody has a reason to call.</summary>
internal sealed class SalesforceServer : IAsyncDisposable
{
    public const string Environment = "eis.example.com";

    private readonly TestAuthority _authority = new();

    private SalesforceServer()
    {
    }

    public FakeSalesforce Salesforce { get; private set; } = null!;

    public TestServer Server { get; private set; } = null!;

    public FakeTimeProvider Clock { get; } = new(DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()));

    /// <summary>A host that would answer everybody, and that is configured nowhere.</summary>
    public Decoy Decoy { get; } = new();

    public LogLines Log { get; } = new();

    /// <param name="environment">Changes the environment's options.</param>
    /// <param name="defaultEnvironment">The environment of requests that name none.</param>
    public static async Task<SalesforceServer> StartAsync(Func<SalesforceEnvironmentOptions, SalesforceEnvironmentOptions>? environment = null, string? defaultEnvironment = null)
    {
        var started = new SalesforceServer();
        started.Salesforce = await FakeSalesforce.StartAsync(started._authority);
        var options = new SalesforceEnvironmentOptions
        {
            LoginHost = started.Salesforce.Address,
            Organisations = [FakeSalesforce.Organisation],
            Secrets = [FakeSalesforce.Secret],
            TrustedRootsFile = started._authority.RootsFile,
            Scopes = ["admin"],
        };
        started.Server = new TestServer(engine => engine)
        {
            Access = new AccessOptions
            {
                Salesforce = new SalesforceOptions
                {
                    DefaultEnvironment = defaultEnvironment,
                    Environments = new Dictionary<string, SalesforceEnvironmentOptions> { [Environment] = environment?.Invoke(options) ?? options },
                },
            },
            Clock = started.Clock,
            Log = started.Log,
        };
        await started.Server.InitializeAsync();
        return started;
    }

    /// <summary>A token response of now.</summary>
    public TokenJson LogIn(string user = FakeSalesforce.User, string organisation = FakeSalesforce.Organisation, string secret = FakeSalesforce.Secret) =>
        Salesforce.LogIn(Clock.GetUtcNow(), user, organisation, secret);

    /// <summary>Calls the service with a token response, and answers with the status and the problem, if there is one.</summary>
    public Task<Answer> CallAsync(TokenJson response, params string[] hosts) => CallAsync($"OAuth {response.Base64()}", hosts.Length == 0 ? [Environment] : hosts);

    public async Task<Answer> CallAsync(string authorization, IEnumerable<string> hosts)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/LogicalEntity");
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
        foreach (var host in hosts) request.Headers.TryAddWithoutValidation("X-Forwarded-Host", host);
        using var response = await Server.Http.SendAsync(request, TestContext.Current.CancellationToken);
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        if (response.StatusCode == HttpStatusCode.Unauthorized) Assert.Equal("OAuth realm=\"eis\"", response.Headers.WwwAuthenticate.ToString());
        return new Answer((int)response.StatusCode, body, response.Headers.RetryAfter?.Delta);
    }

    /// <summary>Asserts that a call is refused for its credential, and that nothing of the credential is told to caller or log.</summary>
    public async Task RefusedAsync(TokenJson response, string reason)
    {
        var answer = await CallAsync(response);
        Assert.Equal((401, true), (answer.Status, answer.Body.Contains("urn:eis:problem:credentials-bad", StringComparison.Ordinal)));
        Assert.Contains("The credential is unknown, malformed, expired or revoked.", answer.Body, StringComparison.Ordinal);
        Assert.Contains(Log.ToArray(), line => line.EndsWith($": {reason}", StringComparison.Ordinal) && line.Contains(Environment, StringComparison.Ordinal));
        Assert.DoesNotContain(Log.ToArray(), line => (response["access_token"] is { Length: > 0 } token && line.Contains(token, StringComparison.Ordinal)) || line.Contains(FakeSalesforce.Secret, StringComparison.Ordinal));
    }

    /// <summary>Asserts that nobody can tell whether a credential is good.</summary>
    public async Task UncheckedAsync(TokenJson response, string reason)
    {
        var answer = await CallAsync(response);
        Assert.True(answer is { Status: 503, RetryAfter.TotalSeconds: > 0 } && answer.Body.Contains("urn:eis:problem:credentials-unchecked", StringComparison.Ordinal), $"{answer}");
        Assert.Contains(Log.ToArray(), line => line.EndsWith($"was not checked: {reason}", StringComparison.Ordinal));
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await Salesforce.DisposeAsync();
        _authority.Dispose();
        Decoy.Dispose();
    }
}

/// <summary>What came back.</summary>
internal sealed record Answer(int Status, string Body, TimeSpan? RetryAfter);

/// <summary>Listens on loopback, and counts who connects.</summary>
internal sealed class Decoy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public Decoy() => _listener.Start();

    public string Host => _listener.LocalEndpoint.ToString()!;

    /// <summary>Whether somebody has connected, or wants to.</summary>
    public bool WasCalled => _listener.Pending();

    public void Dispose() => _listener.Dispose();
}

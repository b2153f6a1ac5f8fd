using System.Globalization;
using System.Net;
using EntityImport.Access;

namespace EntityImport.Server.Options;

/// <summary>
/// How the server finds out who calls. Where nothing of it is configured nobody is asked, everybody may do everything, and the server listens on loopback addresses alone. Several ways
/// may be configured at once; a request uses one of them.
/// </summary>
public sealed record AccessOptions
{
    /// <summary>Whether API keys let callers in.</summary>
    public bool ApiKeys { get; init; }

    /// <summary>An API key for everything that the store does not know, so that the first keys can be made; null means none. A secret.</summary>
    public string? AdminKey { get; init; }

    /// <summary>Callers with a token response of Salesforce; null means none.</summary>
    public SalesforceOptions? Salesforce { get; init; }

    /// <summary>Callers with a token (JWT) of an OpenID Connect issuer; null means none.</summary>
    public JwtOptions? Jwt { get; init; }

    /// <summary>How people sign in with a browser.</summary>
    public SignInOptions SignIn { get; init; } = new();

    /// <summary>Whether addresses that other machines reach may be listened on without TLS, because something in front of the server has it.</summary>
    public bool PlainHttp { get; init; }

    /// <summary>The addresses of proxies in front of the server, whose <c>X-Forwarded-For</c> says where a call came from.</summary>
    public IReadOnlyList<string> Proxies { get; init; } = [];

    /// <summary>How much one caller may do.</summary>
    public CallerLimitOptions Limits { get; init; } = new();

    /// <summary>Whether callers are asked who they are.</summary>
    public bool IsOn => ApiKeys || AdminKey is not null || Salesforce is not null || Jwt is not null || SignIn.Oidc is not null;

    /// <summary>Tells of secrets only that they are there.</summary>
    public override string ToString() => $"AccessOptions {{ ApiKeys = {ApiKeys}, AdminKey = {(AdminKey is null ? "none" : "…")} }}";

    /// <summary>What is wrong, a sentence for each fault.</summary>
    internal IEnumerable<string> Faults()
    {
        if (AdminKey is not null && !ApiKeyText.IsValid(AdminKey)) yield return "access.adminKey is no API key: its form or its checksum is wrong. eis keys create makes one.";
        foreach (var proxy in Proxies.Where(proxy => !IPAddress.TryParse(proxy, out _))) yield return $"access.proxies has '{ShownText.Cut(proxy)}', which is no IP address.";
        foreach (var fault in Salesforce?.Faults("access.salesforce") ?? []) yield return fault;
        foreach (var fault in Jwt?.Faults("access.jwt") ?? []) yield return fault;
        foreach (var fault in SignIn.Faults("access.signIn")) yield return fault;
        foreach (var fault in Limits.Faults()) yield return fault;
    }
}

/// <summary>How much one caller may do, beside what all of them may. Callers that are not told apart have no limits of their own.</summary>
public sealed record CallerLimitOptions
{
    /// <summary>Requests a second in the long run: 1 to 1,000,000; null means any number. Default 1,000.</summary>
    public int? RequestsPerSecond { get; init; } = 1_000;

    /// <summary>Requests at once after a pause, before <see cref="RequestsPerSecond"/> holds: 1 to 1,000,000. Default 2,000.</summary>
    public int RequestBurst { get; init; } = 2_000;

    /// <summary>Files that are sent at the same time: 1 to 10,000. Default 16.</summary>
    public int Uploads { get; init; } = 16;

    /// <summary>Event streams that are open at the same time: 1 to 10,000. Default 32.</summary>
    public int EventStreams { get; init; } = 32;

    /// <summary>Queries for records that run or wait at the same time: 1 to 10,000. Default 64.</summary>
    public int Queries { get; init; } = 64;

    /// <summary>Inferences that run or wait at the same time: 1 to 10,000. Default 4.</summary>
    public int Inferences { get; init; } = 4;

    /// <summary>Bytes of files a day (UTC), after decompression, from 1; null, the default, means any number.</summary>
    public long? BytesPerDay { get; init; }

    /// <summary>What is out of range, a sentence for each.</summary>
    internal IEnumerable<string> Faults()
    {
        (string Name, long? Value, long Most)[] ranges =
        [
            ("requestsPerSecond", RequestsPerSecond, 1_000_000), ("requestBurst", RequestBurst, 1_000_000), ("uploads", Uploads, 10_000), ("eventStreams", EventStreams, 10_000),
            ("queries", Queries, 10_000), ("inferences", Inferences, 10_000), ("bytesPerDay", BytesPerDay, long.MaxValue),
        ];
        return from range in ranges
               where range.Value < 1 || range.Value > range.Most
               select string.Create(CultureInfo.InvariantCulture, $"access.limits.{range.Name} cannot be {range.Value}; expected is a whole number from 1 to {range.Most}.");
    }
}

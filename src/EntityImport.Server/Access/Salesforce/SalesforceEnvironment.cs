using EntityImport.Access;
using EntityImport.Server.Options;

namespace EntityImport.Server.Access.Salesforce;

/// <summary>An environment: decides whether a token response is believed, and what its user may do. Everything that can be told here is told before Salesforce is asked. Thread-safe.</summary>
internal sealed class SalesforceEnvironment : IDisposable
{
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(2);

    private readonly SalesforceEnvironmentOptions _options;
    private readonly TimeProvider _time;
    private readonly HashSet<string> _organisations;
    private readonly Dictionary<string, ScopeSet> _users;
    private readonly ScopeSet _scopes;
    private readonly ConsumerSecrets _secrets;
    private readonly Userinfo _userinfo;
    private readonly UserinfoAnswers _answers;

    public SalesforceEnvironment(string name, SalesforceEnvironmentOptions options, TimeProvider time, ILogger log)
    {
        Name = name;
        _options = options;
        _time = time;
        _organisations = [.. options.Organisations.Select(SalesforceId.Short)];
        _users = options.Users.ToDictionary(user => SalesforceId.Short(user.Id), user => Parse(user.Scopes));
        _scopes = options.Scopes.Count == 0 ? Scope.Read | Scope.Import : Parse(options.Scopes);
        _secrets = new ConsumerSecrets(options.Secrets, options.SecretsFile, time, log);
        _userinfo = new Userinfo(options, time);
        _answers = new UserinfoAnswers(options, _userinfo, time);
    }

    /// <summary>The host that callers name.</summary>
    public string Name { get; }

    /// <summary>Decides on a token response.</summary>
    /// <param name="response">The token response.</param>
    /// <param name="cancellationToken">Ends the waiting for Salesforce's answer.</param>
    public async Task<SalesforceVerdict> JudgeAsync(TokenResponse response, CancellationToken cancellationToken)
    {
        if (LocalFault(response) is { } fault) return new SalesforceVerdict(null, fault, IsCertain: true);
        var answer = _options.Mode == SalesforceMode.Signature ? UserinfoAnswer.Good(name: null) : await _answers.FindAsync(response).WaitAsync(cancellationToken);
        return answer.IsGood ? new SalesforceVerdict(CallerOf(response, answer.Name), null, IsCertain: true) : new SalesforceVerdict(null, answer.Reason, answer.IsCertain);
    }

    public void Dispose() => _userinfo.Dispose();

    /// <summary>Faulty scopes are found at the start; where nobody has looked, they allow nothing.</summary>
    private static ScopeSet Parse(IReadOnlyList<string> texts) => ScopeSet.TryParse(texts, out var scopes, out _) ? scopes : ScopeSet.None;

    private string? LocalFault(TokenResponse response)
    {
        var age = _time.GetUtcNow() - response.IssuedAt;
        if (age < -Skew) return "issued-in-future";
        if (age > TimeSpan.FromHours(_options.MaxAgeHours)) return "too-old";
        if (!_organisations.Contains(SalesforceId.Short(response.OrganisationId))) return "organisation-unknown";
        return _options.Mode != SalesforceMode.Userinfo && !_secrets.HaveSigned(response) ? "signature-wrong" : null;
    }

    private Caller CallerOf(TokenResponse response, string? name)
    {
        var organisation = SalesforceId.Short(response.OrganisationId);
        var user = SalesforceId.Short(response.UserId);
        return new Caller
        {
            Id = $"salesforce:{organisation}:{user}",
            Scheme = "salesforce",
            Subject = user,
            Name = ShownText.Cut(name ?? response.UserId),
            Organisation = organisation,
            Scopes = _users.GetValueOrDefault(user, _scopes),
        };
    }
}

/// <summary>What came of looking at a token response.</summary>
/// <param name="Caller">Whose it is; null where it is not believed.</param>
/// <param name="Reason">Why it is not believed, as a stable word; null where it is.</param>
/// <param name="IsCertain">Whether it is bad, where it is not believed; false where nobody can tell at the moment.</param>
internal readonly record struct SalesforceVerdict(Caller? Caller, string? Reason, bool IsCertain);

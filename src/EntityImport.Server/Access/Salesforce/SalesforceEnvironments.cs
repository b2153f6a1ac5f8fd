using EntityImport.Server.Options;
using Microsoft.Extensions.Primitives;

namespace EntityImport.Server.Access.Salesforce;

/// <summary>The environments that are configured, by the host that callers name.</summary>
internal sealed class SalesforceEnvironments(SalesforceOptions options, TimeProvider time, ILogger<SalesforceEnvironments> log) : IDisposable
{
    /// <summary>The header that names the environment. It is a key to what is configured, and never a destination.</summary>
    public const string Header = "X-Forwarded-Host";

    private readonly Dictionary<string, SalesforceEnvironment> _environments =
        options.Environments.ToDictionary(pair => pair.Key, pair => new SalesforceEnvironment(pair.Key, pair.Value, time, log), StringComparer.Ordinal);

    /// <summary>The environment that a request names.</summary>
    /// <param name="header">What it says.</param>
    /// <param name="fault">Why there is none, as a stable word.</param>
    public SalesforceEnvironment? Find(StringValues header, out string fault)
    {
        var name = header.Count == 0 ? options.DefaultEnvironment : header[0];
        fault = header.Count > 1 ? "environment-repeated" : name is null ? "environment-missing" : "environment-unknown";
        return header.Count <= 1 && name is not null ? _environments.GetValueOrDefault(name) : null;
    }

    public void Dispose()
    {
        foreach (var environment in _environments.Values) environment.Dispose();
    }
}

namespace EntityImport.Api;

/// <summary>The caller, as the service sees it.</summary>
/// <param name="Scheme">How it was found out who it is: <c>none</c>, <c>key</c>, <c>jwt</c>, <c>salesforce</c>, <c>oidc</c> or <c>link</c>.</param>
/// <param name="Subject">Who it is to the scheme; null where that is not known.</param>
/// <param name="Name">Its name; null where that is not known.</param>
/// <param name="Organisation">Who vouches for it; null where nobody does.</param>
/// <param name="Scopes">What it may do, for all entities: <c>read</c>, <c>import</c>, <c>admin</c>.</param>
/// <param name="Entities">What it may do with single entities, beside that, as <c>read:Product</c>.</param>
/// <param name="Limits">How much it may do; null where it has no limits of its own.</param>
/// <param name="Version">The version of the service.</param>
public sealed record Me(string Scheme, string? Subject, string? Name, string? Organisation, IReadOnlyList<string> Scopes, IReadOnlyList<string> Entities, CallerLimits? Limits, string Version);

/// <summary>How much one caller may do.</summary>
/// <param name="RequestsPerSecond">Requests a second in the long run; null means any number.</param>
/// <param name="RequestBurst">Requests at once after a pause.</param>
/// <param name="Uploads">Files that are sent at the same time.</param>
/// <param name="EventStreams">Event streams that are open at the same time.</param>
/// <param name="Queries">Queries for records at the same time.</param>
/// <param name="Inferences">Inferences at the same time.</param>
/// <param name="BytesPerDay">Bytes of files a day (UTC); null means any number.</param>
public sealed record CallerLimits(int? RequestsPerSecond, int RequestBurst, int Uploads, int EventStreams, int Queries, int Inferences, long? BytesPerDay);

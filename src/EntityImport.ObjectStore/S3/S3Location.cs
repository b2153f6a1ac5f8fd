using System.Text.RegularExpressions;
using EntityImport.ObjectStore.Objects;

namespace EntityImport.ObjectStore.S3;

/// <summary>A bucket.</summary>
internal sealed partial record S3Location
{
    /// <summary>Its name.</summary>
    public required string Bucket { get; init; }

    /// <summary>What keys begin with.</summary>
    public required string Prefix { get; init; }

    /// <summary>The server; null means Amazon's, of the region.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>The region; null means what the environment says, and us-east-1 for servers that are named.</summary>
    public string? Region { get; init; }

    /// <summary>Whether the bucket stands in the path of requests, and not in the host's name; null means where the server is named.</summary>
    public bool? PathStyle { get; init; }

    /// <summary>Reads <c>s3://bucket/prefix?endpoint=URL&amp;region=NAME&amp;pathStyle=true</c>.</summary>
    public static S3Location? Read(string text, List<string> faults)
    {
        var query = text.IndexOf('?', StringComparison.Ordinal);
        var path = text["s3://".Length..(query < 0 ? text.Length : query)];
        if (path.Contains('@', StringComparison.Ordinal)) faults.Add("keys do not belong into it: they come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, or the machine's role");
        var parts = path.Split('/');
        if (!BucketName().IsMatch(parts[0])) faults.Add("it has no name of a bucket: 3 to 63 small letters, digits, dots and hyphens");
        var prefix = KeyPrefix.Read(parts.Skip(1), faults);
        Uri? endpoint = null;
        string? region = null;
        bool? pathStyle = null;
        foreach (var pair in query < 0 ? [] : text[(query + 1)..].Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = pair.Split('=', 2) is [var left, var right] ? (left, Uri.UnescapeDataString(right)) : (pair, "");
            switch (name)
            {
                case "endpoint":
                    if (Uri.TryCreate(value, UriKind.Absolute, out endpoint) && endpoint is { Scheme: "http" or "https", AbsolutePath: "/", Query: "", Fragment: "", UserInfo: "" }) break;
                    faults.Add("endpoint has to be the address of a server and nothing else, as https://minio:9000");
                    break;
                case "region":
                    if (RegionName().IsMatch(value)) region = value;
                    else faults.Add("region has to be a region's name, as eu-central-1");
                    break;
                case "pathStyle":
                    if (bool.TryParse(value, out var style)) pathStyle = style;
                    else faults.Add("pathStyle has to be true or false");
                    break;
                default:
                    // The rest of it may be a secret.
                    faults.Add($"'{ShownText.Cut(name)}' is no setting of it; there are endpoint, region and pathStyle");
                    break;
            }
        }

        return faults.Count > 0 ? null : new S3Location { Bucket = parts[0], Prefix = prefix, Endpoint = endpoint, Region = region, PathStyle = pathStyle };
    }

    [GeneratedRegex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")]
    private static partial Regex BucketName();

    [GeneratedRegex("^[a-z0-9-]{1,40}$")]
    private static partial Regex RegionName();
}

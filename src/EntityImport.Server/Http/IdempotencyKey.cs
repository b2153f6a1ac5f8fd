using System.Text;
using EntityImport.Access;

namespace EntityImport.Server.Http;

/// <summary>The header Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): a request that comes again with the same key is not carried out again.</summary>
internal static class IdempotencyKey
{
    public const string Header = "Idempotency-Key";

    /// <summary>The request's key; null where it has none. The draft's form is a quoted string; what is not quoted is taken as it is, as most services do.</summary>
    /// <exception cref="RequestException">The header is malformed.</exception>
    public static RequestKey? Read(HttpRequest request)
    {
        if (!request.Headers.TryGetValue(Header, out var values) || values.Count == 0) return null;
        if (values.Count > 1) throw Refusal.MalformedKey("it is given more than once");
        var text = Unquote((values[0] ?? "").Trim());
        if (!RequestKey.IsValid(text)) throw Refusal.MalformedKey($"expected 1 to {RequestKey.MaxLength} printable ASCII characters");
        return new RequestKey(text, $"{request.Method} {Target(request)}{request.QueryString}");
    }

    /// <summary>The path as its route spells it: with a slash at the end, or in other letters, it is the same call.</summary>
    private static string Target(HttpRequest request)
    {
        var path = request.Path.ToString().TrimEnd('/');
        if ((request.HttpContext.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText is not { } route) return path;
        string[] sent = path.Split('/');
        string[] known = [.. route.Split('/')];
        return sent.Length != known.Length ? path : string.Join('/', sent.Zip(known, (segment, name) => name.StartsWith('{') ? segment : name));
    }

    /// <summary>A string of RFC 9651, section 4.2.5: in double quotes, with backslashes before double quotes and backslashes.</summary>
    private static string Unquote(string text)
    {
        if (!text.StartsWith('"')) return text;
        var result = new StringBuilder();
        for (var i = 1; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '"') return i == text.Length - 1 ? result.ToString() : throw Refusal.MalformedKey("something follows its closing quote");
            if (c == '\\' && (++i == text.Length || (c = text[i]) is not ('"' or '\\'))) throw Refusal.MalformedKey("a backslash stands before neither a quote nor a backslash");
            result.Append(c);
        }

        throw Refusal.MalformedKey("its quote is not closed");
    }
}

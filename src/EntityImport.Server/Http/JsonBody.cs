using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace EntityImport.Server.Http;

/// <summary>Reads a request's JSON body: bounded, with each member once, and with every string decodable.</summary>
internal static class JsonBody
{
    /// <summary>The largest body in bytes, after decompression.</summary>
    public const int MaxBytes = 1 << 20;

    private static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false };

    /// <summary>The body. Dispose it after use.</summary>
    /// <exception cref="RequestException">It is too large, malformed, or not JSON.</exception>
    public static async Task<JsonDocument> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        CheckMediaType(request);
        if (request.ContentLength > MaxBytes) throw TooLarge();
        await using var content = ContentDecoder.For(request).Decode(request.Body, request.Headers.ContentEncoding);
        using var buffer = new MemoryStream();
        var block = new byte[16 * 1024];
        while (await content.ReadAsync(block, cancellationToken) is > 0 and var read)
        {
            if (buffer.Length + read > MaxBytes) throw TooLarge();
            buffer.Write(block, 0, read);
        }

        return Parse(buffer.GetBuffer().AsMemory(0, (int)buffer.Length));
    }

    /// <summary>Parses JSON strictly; whatever the bytes are, they are a document or a fault of the caller's. Dispose the result after use.</summary>
    /// <param name="bytes">The JSON as UTF-8, with or without a byte order mark; it must stay as it is while the document is used.</param>
    /// <param name="subject">What it is, as the beginning of a sentence.</param>
    /// <exception cref="RequestException">It is no well-formed JSON, has a member twice, or has a string that is no Unicode text.</exception>
    internal static JsonDocument Parse(ReadOnlyMemory<byte> bytes, string subject = "The body")
    {
        if (bytes.Span.StartsWith("\uFEFF"u8)) bytes = bytes[3..];
        if (bytes.IsEmpty) throw Malformed($"{subject} is empty; expected a JSON object.");
        JsonDocument? document = null;
        try
        {
            document = JsonDocument.Parse(bytes, Options);
            Decode(document.RootElement);
            return document;
        }
        catch (JsonException e)
        {
            throw Malformed(Describe(e, subject));
        }
        catch (InvalidOperationException)
        {
            // Names are decoded by the parser already, which looks for doubled ones.
            document?.Dispose();
            throw Malformed($"{subject} has a string that is no Unicode text: bytes that are not UTF-8, or half of a surrogate pair.");
        }
    }

    /// <summary>Decodes every string once; the parser leaves that to the first reader.</summary>
    private static void Decode(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject())
                {
                    _ = member.Name;
                    Decode(member.Value);
                }

                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray()) Decode(item);
                break;
            case JsonValueKind.String:
                _ = element.GetString();
                break;
        }
    }

    /// <summary>The fault with its place; the parser counts lines and bytes from 0, people from 1.</summary>
    private static string Describe(JsonException fault, string subject)
    {
        var message = fault.Message;
        var end = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        if (end >= 0) message = message[..end];
        return fault.LineNumber is { } line && fault.BytePositionInLine is { } position
            ? string.Create(CultureInfo.InvariantCulture, $"{subject} is not well-formed JSON at line {line + 1}, byte {position + 1}: {message}")
            : $"{subject} is not well-formed JSON: {message}";
    }

    /// <summary>A type that a web form could send, or none, would let pages of other sites send a body without asking first.</summary>
    private static void CheckMediaType(HttpRequest request)
    {
        var contentType = request.ContentType;
        // No body at all is told as such.
        if (string.IsNullOrEmpty(contentType) && request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false }) return;
        if (MediaTypeHeaderValue.TryParse(contentType, out var type)
            && (type.MatchesMediaType("application/json") || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase))
            && (!type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase))) return;
        throw Refusal.MediaType(string.IsNullOrEmpty(contentType)
            ? "The body has no Content-Type; expected application/json."
            : $"Expected a body of the type application/json, in UTF-8, not '{Refusal.Cut(contentType)}'.");
    }

    private static RequestException Malformed(string message) => Refusal.Body("malformed-json", message);

    private static RequestException TooLarge() =>
        new(FaultKind.TooLarge, "body-too-large", string.Create(CultureInfo.InvariantCulture, $"The body is larger than {MaxBytes} bytes."));
}

using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EntityImport.Inputs;
using EntityImport.Server.Http;
using EntityImport.Server.Uploads;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace EntityImport.Server.Entities;

/// <summary>What a request to infer a schema holds: the beginning of a file, and what is known of it.</summary>
/// <param name="Sample">The file's first bytes, decompressed.</param>
/// <param name="IsWholeFile">Whether that is all of it.</param>
/// <param name="FileName">The client's name for the file; null where it gave none.</param>
/// <param name="Definition">The stated part of the import definition; null where there is none.</param>
/// <param name="EntitySystemName">The name of the proposed entity, from the form; null where it has none.</param>
internal sealed record InferenceBody(ReadOnlyMemory<byte> Sample, bool IsWholeFile, string? FileName, JsonElement? Definition, string? EntitySystemName)
{
    /// <summary>Bytes of the file that are read; what follows is passed over: 16 MiB.</summary>
    public const int MaxSampleBytes = 16 << 20;

    /// <summary>The largest form, decompressed, in bytes: what comes behind the sample has to be passed over to find the parts after it.</summary>
    private const long MaxFormBytes = MaxSampleBytes + (256L << 20);

    private const int MaxTextBytes = 1 << 20;
    private const int MaxBoundaryLength = 256;
    private const string Hint = "Send multipart/form-data with the part 'file', or a body of the type text/csv.";

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a request.</summary>
    /// <exception cref="RequestException">It has no file, or a part is malformed.</exception>
    public static async Task<InferenceBody> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)) throw Refusal.MediaType($"The request has no valid Content-Type. {Hint}");
        var decoder = ContentDecoder.For(request);
        await using var body = decoder.Decode(request.Body, request.Headers.ContentEncoding);
        if (type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)) return await ReadFormAsync(body, decoder, type, cancellationToken);
        if (!type.MediaType.Equals("text/csv", StringComparison.OrdinalIgnoreCase))
            throw Refusal.MediaType($"The Content-Type '{Refusal.Cut(type.MediaType)}' is none that files come in. {Hint}");
        var (sample, isWhole) = await ReadSampleAsync(body, cancellationToken);
        return new InferenceBody(sample, isWhole, FileName: null, State(null, type.Charset, sample), EntitySystemName: null);
    }

    /// <summary>What makes two requests the same.</summary>
    public byte[] ToFingerprint() =>
        SHA256.HashData(Encoding.UTF8.GetBytes($"{Convert.ToHexStringLower(SHA256.HashData(Sample.Span))}\n{FileName}\n{Definition?.GetRawText()}\n{EntitySystemName}"));

    private static async Task<InferenceBody> ReadFormAsync(Stream body, ContentDecoder decoder, MediaTypeHeaderValue type, CancellationToken cancellationToken)
    {
        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).ToString();
        if (boundary.Length is 0 or > MaxBoundaryLength) throw Refusal.Body("malformed-form", "The Content-Type multipart/form-data has no valid boundary.");
        InferenceBody? found = null;
        JsonElement? definition = null;
        string? entity = null;
        StringSegment charset = default;
        try
        {
            var reader = new MultipartReader(boundary, new CountedStream(body, CheckFormSize));
            while (await reader.ReadNextSectionAsync(cancellationToken) is { } part)
            {
                if (!ContentDispositionHeaderValue.TryParse(part.ContentDisposition, out var header)) continue;
                switch (HeaderUtilities.RemoveQuotes(header.Name).ToString())
                {
                    case "file" when found is not null:
                        throw Refusal.Body("several-files", "The form has more than one part named 'file'.");
                    case "file":
                        var (sample, isWhole) = await ReadSampleAsync(decoder.Decode(part.Body, part.Headers?.GetValueOrDefault("Content-Encoding") ?? default), cancellationToken);
                        charset = MediaTypeHeaderValue.TryParse(part.ContentType, out var fileType) ? fileType.Charset : default;
                        found = new InferenceBody(sample, isWhole, UploadBody.NameIn(part.ContentDisposition), null, null);
                        break;
                    case "definition":
                        definition = Parse(await ReadTextAsync(part.Body, "definition", cancellationToken));
                        break;
                    case "entitySystemName":
                        entity = DecodeName((await ReadTextAsync(part.Body, "entitySystemName", cancellationToken)).Span);
                        break;
                }
            }
        }
        catch (Exception fault) when (fault is InvalidDataException or IOException and not BadHttpRequestException)
        {
            throw Refusal.Body("malformed-form", "The form is malformed or was cut off.");
        }

        return found is null
            ? throw Refusal.Body("no-file-part", $"The form has no part named 'file'. {Hint}")
            : found with { Definition = State(definition, charset, found.Sample), EntitySystemName = entity };
    }

    /// <summary>The stated part of the definition, of which the request's charset is one where it does not state an encoding itself.</summary>
    internal static JsonElement? State(JsonElement? definition, StringSegment charset, ReadOnlyMemory<byte> sample)
    {
        if (definition is { ValueKind: not JsonValueKind.Object } || definition?.TryGetProperty("encoding", out _) == true) return definition;
        if (new StatedCharset(charset, mapping: null).Find(sample.Span[..Math.Min(4, sample.Length)]) is not { } name) return definition;
        var stated = definition is { } given ? JsonObject.Create(given)! : [];
        stated["encoding"] = name;
        return JsonSerializer.SerializeToElement(stated);
    }

    private static async Task<(ReadOnlyMemory<byte> Sample, bool IsWhole)> ReadSampleAsync(Stream content, CancellationToken cancellationToken)
    {
        var (bytes, isWhole) = await ReadBeginningAsync(content, MaxSampleBytes, cancellationToken);
        return ForeignFormats.Describe(bytes.Span) is { } what ? throw Refusal.NotAFile(what) : (bytes, isWhole);
    }

    private static async Task<ReadOnlyMemory<byte>> ReadTextAsync(Stream content, string part, CancellationToken cancellationToken)
    {
        var (bytes, isWhole) = await ReadBeginningAsync(content, MaxTextBytes, cancellationToken);
        return isWhole ? bytes : throw new RequestException(FaultKind.TooLarge, "part-too-large", $"The part '{part}' is larger than 1 MiB.");
    }

    /// <summary>Reads up to so many bytes, into memory that grows with what is there.</summary>
    private static async Task<(ReadOnlyMemory<byte> Bytes, bool IsWhole)> ReadBeginningAsync(Stream content, int max, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        var block = new byte[64 << 10];
        while (buffer.Length <= max && await content.ReadAsync(block, cancellationToken) is > 0 and var read) buffer.Write(block, 0, read);
        var length = (int)Math.Min(buffer.Length, max);
        return (buffer.GetBuffer().AsMemory(0, length), buffer.Length <= max);
    }

    private static JsonElement Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonBody.Parse(json, "The part");
            return document.RootElement.Clone();
        }
        catch (RequestException malformed)
        {
            throw RequestException.Invalid([new RequestFault("definition", malformed.Message)]);
        }
    }

    private static string DecodeName(ReadOnlySpan<byte> text)
    {
        try
        {
            return Utf8.GetString(text);
        }
        catch (DecoderFallbackException)
        {
            throw Refusal.Parameter("entitySystemName", "The part is not UTF-8.");
        }
    }

    private static void CheckFormSize(long bytes)
    {
        if (bytes > MaxFormBytes) throw new RequestException(FaultKind.TooLarge, "sample-too-large", "More than 256 MiB follow the part of the file that is looked at. Send its first 16 MiB only.");
    }
}

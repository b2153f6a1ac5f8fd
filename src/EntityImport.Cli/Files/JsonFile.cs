using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using EntityImport.Cli.Output;
using EntityImport.Server.Http;

namespace EntityImport.Cli.Files;

/// <summary>JSON documents that the user wrote, or has written.</summary>
internal static class JsonFile
{
    private const int MaxBytes = 16 << 20;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The object that the file holds.</summary>
    /// <exception cref="CommandFailure">It cannot be read, or holds something else.</exception>
    public static JsonObject Read(FileInfo file)
    {
        try
        {
            var bytes = ReadBytes(file);
            var read = JsonNode.Parse(bytes.AsSpan().TrimStart("\uFEFF"u8), documentOptions: Strict) as JsonObject;
            // Nodes leave texts as they are; here each is decoded once.
            JsonBody.Parse(bytes, file.ToString()).Dispose();
            return read ?? throw new CommandFailure($"{file} holds no JSON object.");
        }
        catch (JsonException exception)
        {
            var place = string.Create(CultureInfo.InvariantCulture, $"line {exception.LineNumber + 1}, column {exception.BytePositionInLine + 1}");
            throw new CommandFailure($"{file} is no valid JSON ({place}): {exception.Message.Split(". Path:", 2)[0].Split(" LineNumber:", 2)[0].TrimEnd('.')}.", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure($"{file} cannot be read: {exception.Message}", exception);
        }
        catch (InvalidOperationException exception)
        {
            // Names are decoded when they are compared.
            throw new CommandFailure($"{file} has a string that is no Unicode text: bytes that are not UTF-8, or half of a surrogate pair.", exception);
        }
    }

    /// <summary>Writes a document for people, and for <see cref="Read"/>.</summary>
    /// <exception cref="CommandFailure">It cannot be written.</exception>
    public static void Write(FileInfo file, JsonObject document)
    {
        try
        {
            File.WriteAllText(file.FullName, document.ToJsonString(Readable) + "\n");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure($"{file} cannot be written: {exception.Message}", exception);
        }
    }

    private static byte[] ReadBytes(FileInfo file)
    {
        if (!RegularFile.Is(file)) throw new CommandFailure($"{file} is a pipe or a device; expected a file with a JSON object.");
        using var stream = File.OpenRead(file.FullName);
        if (stream.Length > MaxBytes) throw new CommandFailure($"{file} is larger than {Amounts.Bytes(MaxBytes)}; expected a JSON object.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}

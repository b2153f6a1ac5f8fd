using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EntityImport.Cli.Imports;

/// <summary>Reads JSON documents that the user wrote.</summary>
internal static class JsonFile
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>The object that the file holds.</summary>
    /// <exception cref="CommandFailure">It cannot be read, or holds something else.</exception>
    public static JsonObject Read(FileInfo file)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllBytes(file.FullName).AsSpan().TrimStart("\uFEFF"u8), documentOptions: Strict) as JsonObject
                ?? throw new CommandFailure($"{file} holds no JSON object.");
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
    }
}

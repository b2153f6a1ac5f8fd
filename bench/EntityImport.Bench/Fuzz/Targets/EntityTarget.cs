using System.Text.Json;
using EntityImport.Api;
using EntityImport.Entities;
using EntityImport.Server.Entities;
using EntityImport.Server.Http;

namespace EntityImport.Bench.Fuzz.Targets;

/// <summary>Any bytes as the JSON of an entity: refused with faults, or an entity that keeps the rules, and that is the same once it is written as the API does and read again.</summary>
internal sealed class EntityTarget : FuzzTarget
{
    private const string EntityName = "product";

    public override string Name => "entity";

    public override IReadOnlyList<string> Tokens { get; } =
    [
        "{", "}", "[", "]", ":", ",", "\"", "null", "true", "false", "1", "38", "39", "0", "-1", "1.0", "1e1", "1048576", "\"systemName\"", "\"displayName\"", "\"fields\"", "\"dataType\"", "\"required\"", "\"primaryKey\"", "\"length\"",
        "\"precision\"", "\"scale\"", "\"STRING\"", "\"INTEGER\"", "\"DECIMAL\"", "\"DOUBLE\"", "\"BOOLEAN\"", "\"DATE\"", "\"DATETIME\"", "\"currency\"", "\"PERCENT\"", "\"product\"", "\"Name\"", "\\u0041", "\\ud800", "\\u0000",
        "\uFEFF", "\u0130", "{\"systemName\":\"A\",\"dataType\":\"STRING\"}",
    ];

    public override void Run(byte[] input)
    {
        JsonDocument document;
        try
        {
            document = JsonBody.Parse(input);
        }
        catch (RequestException refusal)
        {
            QueryTarget.CheckRefusal(refusal);
            return;
        }

        using (document)
        {
            if (Read(document.RootElement) is not { } entity) return;
            CheckRules(entity);
            using var written = JsonDocument.Parse(JsonSerializer.SerializeToUtf8Bytes(Entity.Of(entity), ApiJson.Options));
            var again = Read(written.RootElement);
            DisagreementException.ThrowUnless(again is not null, $"It is read, but not once it is written as {written.RootElement.GetRawText()}");
            DisagreementException.ThrowIfDifferent((entity.SystemName, entity.DisplayName), (again!.SystemName, again.DisplayName), "names, written and read again");
            DisagreementException.ThrowUnless(entity.Fields.SequenceEqual(again.Fields), $"Fields differ once they are written as {written.RootElement.GetRawText()}");
        }
    }

    private static EntityDefinition? Read(JsonElement document)
    {
        var faults = new RequestFaults();
        var entity = EntityReader.Read(document, EntityName, faults);
        DisagreementException.ThrowIfDifferent(faults.Count == 0, entity is not null, "an entity without faults");
        CheckFaults(faults);
        return entity;
    }

    /// <summary>Whether faults say what is wrong where.</summary>
    internal static void CheckFaults(RequestFaults faults)
    {
        DisagreementException.ThrowUnless(faults.Told.Count <= faults.Count && (faults.Told.Count > 0) == (faults.Count > 0), $"{faults.Told.Count} of {faults.Count} faults are told");
        foreach (var fault in faults.Told)
            DisagreementException.ThrowUnless(fault.Message.Length is > 0 and <= Limits.MessageCharacters && fault.Path.Length < Limits.MessageCharacters, $"A fault at '{fault.Path}': '{fault.Message}'");
    }

    private static void CheckRules(EntityDefinition entity)
    {
        DisagreementException.ThrowUnless(entity.Fields.Count is >= 1 and <= 1000, $"{entity.Fields.Count} fields");
        DisagreementException.ThrowIfDifferent(entity.Fields.Count, entity.Fields.DistinctBy(field => field.SystemName.ToUpperInvariant()).Count(), "names of fields");
        foreach (var field in entity.Fields)
        {
            var isName = field.SystemName.Length is >= 1 and <= 63 && !char.IsAsciiDigit(field.SystemName[0]) && field.SystemName.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
            DisagreementException.ThrowUnless(isName, $"'{field.SystemName}' is taken for a name");
            DisagreementException.ThrowUnless(
                field.IsDecimal ? field is { Precision: >= 1 and <= 38, Scale: >= 0 } && field.Scale <= field.Precision : field is { Precision: 0, Scale: 0 }, $"{field} has a wrong size");
            DisagreementException.ThrowUnless(field.Length is null || (field.DataType == DataType.String && field.Length > 0), $"{field} has a wrong length");
            DisagreementException.ThrowUnless(!field.PrimaryKey || (field.Required && field.DataType != DataType.Double), $"{field} cannot be a key");
        }
    }
}

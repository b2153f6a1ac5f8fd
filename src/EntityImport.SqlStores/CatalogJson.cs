using System.Text.Json;
using System.Text.Json.Serialization;
using EntityImport.Catalog;
using EntityImport.Entities;
using EntityImport.Guards;

namespace EntityImport.SqlStores;

/// <summary>How the catalog's documents are written. Compiled, because what reflection would find out takes a good part of a small import's time after a start.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web, IgnoreReadOnlyProperties = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(EntityDefinition))]
[JsonSerializable(typeof(EntityGuards))]
[JsonSerializable(typeof(Mapping))]
[JsonSerializable(typeof(Upload))]
[JsonSerializable(typeof(RequestReceipt))]
[JsonSerializable(typeof(Import))]
[JsonSerializable(typeof(Plan))]
[JsonSerializable(typeof(RepairDraft))]
[JsonSerializable(typeof(RowEdit))]
[JsonSerializable(typeof(ApiKey))]
[JsonSerializable(typeof(UserSession))]
[JsonSerializable(typeof(ProtectionKey))]
[JsonSerializable(typeof(AuditEntry))]
[JsonSerializable(typeof(Webhook))]
[JsonSerializable(typeof(Notice))]
[JsonSerializable(typeof(Delivery))]
[JsonSerializable(typeof(ImportProgress))]
internal sealed partial class CatalogJson : JsonSerializerContext
{
    /// <summary>The thing that a document is of.</summary>
    public static T Parse<T>(string document) => JsonSerializer.Deserialize<T>(document, Default.Options)!;

    /// <summary>A thing as a document.</summary>
    public static string Write<T>(T value) => JsonSerializer.Serialize(value, Default.Options);
}

namespace EntityImport.Server.Mappings;

/// <summary>Examples of mappings in the API document.</summary>
internal static class MappingExamples
{
    public const string Document = """
        {
          "entitySystemName": "Product",
          "definition": {
            "importMode": "UPSERT",
            "locale": "en-US",
            "fieldDelimiter": ",",
            "dateFormat": "dd-MM-yyyy",
            "fields": [
              { "systemName": "Sku", "csvColumnName": "SKU" },
              { "systemName": "Price", "csvColumnName": "List Price" }
            ]
          }
        }
        """;

    public const string Patch = """{ "definition": { "fieldDelimiter": ";", "dateFormat": null } }""";
}

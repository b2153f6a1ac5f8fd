using System.Text.Json;
using EntityImport.Catalog;
using EntityImport.SqlStores;
using Xunit;

namespace EntityImport.Storage.Tests;

public sealed class CatalogJsonTests
{
    [Fact]
    public void What_the_document_of_an_earlier_version_lacks_is_empty_and_not_null()
    {
        var import = JsonSerializer.Deserialize<Import>(
            """
            {
              "id": "01a214e4-ec5e-713e-8c3b-6649c7dc656f", "uploadId": "01a214e4-ec5e-713e-8c3b-6649c7dc6570", "mappingId": "01a214e4-ec5e-713e-8c3b-6649c7dc6571",
              "mappingRevision": 1, "entitySystemName": "e", "state": "Succeeded", "startedAt": "2026-01-02T03:04:05Z"
            }
            """,
            CatalogJson.Default.Options)!;

        Assert.Equal(new Ledger(), import.Ledger);
        Assert.Empty(import.Warnings);
        Assert.Empty(import.StageMilliseconds);
        Assert.Equal((ImportState.Succeeded, "e", 1), (import.State, import.EntitySystemName, import.MappingRevision));
    }
}

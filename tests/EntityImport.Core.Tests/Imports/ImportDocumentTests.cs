using System.Text.Json;
using EntityImport.Catalog;
using Xunit;

namespace EntityImport.Core.Tests.Imports;

public sealed class ImportDocumentTests
{
    [Fact]
    public void An_import_that_was_kept_before_there_were_warnings_has_none()
    {
        var import = new Import
        {
            Id = Guid.NewGuid(),
            UploadId = Guid.NewGuid(),
            MappingId = Guid.NewGuid(),
            MappingRevision = 1,
            EntitySystemName = "t",
            StartedAt = DateTimeOffset.UnixEpoch,
        };
        var document = JsonSerializer.SerializeToNode(import, JsonSerializerOptions.Web)!.AsObject();
        Assert.True(document.Remove("warnings"));

        Assert.Empty(document.Deserialize<Import>(JsonSerializerOptions.Web)!.Warnings);
    }
}

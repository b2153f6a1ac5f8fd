using System.Text.Json;
using EntityImport.Entities;
using Xunit;

namespace EntityImport.Core.Tests.Entities;

public sealed class EntityReaderTests
{
    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("1a")]
    [InlineData("a-b")]
    [InlineData("a\n")]
    [InlineData("é")]
    [InlineData("a123456789012345678901234567890123456789012345678901234567890123")]
    public void What_is_no_system_name_names_no_field(string name)
    {
        using var document = JsonDocument.Parse(JsonSerializer.Serialize(new { fields = new[] { new { systemName = name, dataType = "STRING" } } }));
        var faults = new RequestFaults();

        Assert.Null(EntityReader.Read(document.RootElement, "product", faults));

        var fault = Assert.Single(faults.Told);
        Assert.Equal("fields[0].systemName", fault.Path);
        Assert.Contains("is no system name", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_is_shown_has_no_character_that_databases_cannot_hold()
    {
        using var document = JsonDocument.Parse("""{"displayName": "a\u0000", "fields": [{"systemName": "n", "displayName": "\u0000", "dataType": "STRING"}, {"systemName": "m", "displayName": "a\nb", "dataType": "STRING"}]}""");
        var faults = new RequestFaults();

        Assert.Null(EntityReader.Read(document.RootElement, "product", faults));

        Assert.Equal(["displayName", "fields[0].displayName"], faults.Told.Select(fault => fault.Path));
    }
}

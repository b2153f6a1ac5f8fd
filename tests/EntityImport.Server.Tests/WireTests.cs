using System.Text.Json;
using EntityImport.Catalog;
using EntityImport.Mappings;

namespace EntityImport.Server.Tests;

/// <summary>The wire's types tell all that the engine's do.</summary>
public sealed class WireTests(TestServer server)
{
    [Fact]
    public void The_wire_has_the_members_of_a_definition_and_no_others()
    {
        Assert.Equal(DefinitionMembers.OfDefinition.Select(member => member.Name).Order(), MembersOf<Api.ImportDefinition>());
        Assert.Equal(DefinitionMembers.OfField.Select(member => member.Name).Order(), MembersOf<Api.FieldMapping>());
    }

    [Fact]
    public void Words_are_the_same_on_the_wire_and_in_the_engine()
    {
        Assert.Equal(Enum.GetNames<ImportState>(), Enum.GetNames<Api.ImportState>());
        Assert.Equal(Enum.GetNames<ImportPhase>(), Enum.GetNames<Api.ImportPhase>());
        Assert.Equal(Words("importMode"), WordsOf<Api.ImportMode>());
        Assert.Equal(Words("raggedRows"), WordsOf<Api.RaggedRows>());
        Assert.Equal(Words("emptyValues"), WordsOf<Api.EmptyValues>());
        Assert.Equal(Words("spreadsheetText"), WordsOf<Api.SpreadsheetText>());
        Assert.Equal(DefinitionMembers.OfField.Single(line => line.Name == "normalize").Words, WordsOf<Api.TextNormalization>());
    }

    [Fact]
    public void A_member_that_is_one_text_or_several_is_written_as_it_is_read()
    {
        foreach (var json in (string[])["""{"currencySymbol":"€"}""", """{"currencySymbol":["€","EUR"]}"""])
        {
            var definition = JsonSerializer.Deserialize<Api.ImportDefinition>(json, Api.ApiJson.Options)!;
            string[] symbols = json.Contains("EUR", StringComparison.Ordinal) ? ["€", "EUR"] : ["€"];
            Assert.Equal(symbols, definition.CurrencySymbol!);
            Assert.True(JsonElement.DeepEquals(JsonElement.Parse(json).GetProperty("currencySymbol"), JsonSerializer.SerializeToElement(definition, Api.ApiJson.Options).GetProperty("currencySymbol")));
        }

        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Api.ImportDefinition>("""{"currencySymbol":["€",1]}""", Api.ApiJson.Options));
    }

    [Fact]
    public async Task The_example_of_an_import_has_its_stages()
    {
        var document = await server.SendAsync(HttpMethod.Get, "/openapi/v1.json", System.Net.HttpStatusCode.OK);
        var example = document.GetProperty("paths").GetProperty("/v1/EntityImport/imports/{importId}").GetProperty("get").GetProperty("responses").GetProperty("200")
            .GetProperty("content").GetProperty("application/json").GetProperty("example");
        Assert.Equal(ImportStage.All, TestServer.Members(example.GetProperty("stageMilliseconds")));
        var details = example.Deserialize<Api.ImportDetails>(Api.ApiJson.Options)!;
        Assert.Equal("orders.csv", details.File.Name);
    }

    private static IReadOnlyList<string> Words(string member) => DefinitionMembers.OfDefinition.Single(line => line.Name == member).Words;

    private static IEnumerable<string> WordsOf<T>() where T : struct, Enum => Enum.GetValues<T>().Select(value => JsonSerializer.SerializeToElement(value, Api.ApiJson.Options).GetString()!);

    private static IEnumerable<string> MembersOf<T>() => Api.ApiJson.Options.GetTypeInfo(typeof(T)).Properties.Select(property => property.Name).Order();
}

using System.Text.Json;
using System.Text.Json.Nodes;
using EntityImport.Entities;
using EntityImport.Mappings;
using Xunit;

namespace EntityImport.Core.Tests.Mappings;

/// <summary>Every member of the table is read and written, whatever it is.</summary>
public sealed class DefinitionMemberTests
{
    private static readonly EntityDefinition Entity = new()
    {
        SystemName = "orders",
        Fields = [new FieldDefinition { SystemName = "orderedOn", DataType = DataType.Date }],
    };

    public static TheoryData<string> Members => [.. DefinitionMembers.OfDefinition.Select(member => member.Name)];

    [Fact]
    public void A_definition_that_says_something_in_each_member_is_read_as_it_was_written()
    {
        var stated = new JsonObject();
        foreach (var member in DefinitionMembers.OfDefinition)
        {
            Assert.False(JsonNode.DeepEquals(member.Default, member.Example), $"The example of {member.Name} is its default.");
            stated[member.Name] = member.Example;
        }

        var written = Read(stated).ToJson();
        Assert.True(JsonNode.DeepEquals(stated, written), $"{stated.ToJsonString()}\nwas read and written as\n{written.ToJsonString()}");
        Assert.True(JsonNode.DeepEquals(written, Read(written).ToJson()));
    }

    [Theory]
    [MemberData(nameof(Members))]
    public void What_a_definition_says_in_a_member_comes_from_that_member(string name)
    {
        // A number of columns, and fields that are named by number, need a file without header; separators must differ from those of the locale.
        var stated = new JsonObject { ["header"] = false, ["locale"] = "de-DE" };
        if (name != "header") stated["columnCount"] = 2;
        foreach (var member in DefinitionMembers.OfDefinition.Where(member => member.Name == name || (member.Kind == MemberKind.Fields && name != member.Name))) stated[member.Name] = member.Example;

        var written = Read(stated).ToJson();
        Assert.True(JsonNode.DeepEquals(stated[name], written[name]), $"{stated[name]?.ToJsonString()} was written as {written[name]?.ToJsonString()}.");
        Assert.Empty(written.Select(member => member.Key).Except(stated.Select(member => member.Key).Append("columnCount")));
    }

    [Fact]
    public void What_is_default_is_left_out()
    {
        var stated = new JsonObject();
        foreach (var member in DefinitionMembers.OfDefinition.Where(member => member.Default is not null)) stated[member.Name] = member.Default;
        Assert.NotEmpty(stated);
        Assert.Empty(Read(stated).ToJson());
        Assert.Empty(new ImportDefinition().ToJson());
    }

    [Fact]
    public void Each_member_is_told_in_one_line()
    {
        Assert.Equal(DefinitionMembers.OfDefinition.DistinctBy(member => member.Name), DefinitionMembers.OfDefinition);
        Assert.All(DefinitionMembers.OfDefinition.Concat(DefinitionMembers.OfField), member => Assert.NotEmpty(member.Description));
        Assert.All(DefinitionMembers.OfDefinition.Where(member => member.Default is null), member => Assert.NotNull(member.AbsentMeans));
        Assert.All(DefinitionMembers.OfDefinition.Where(member => member.Default is not null), member => Assert.Null(member.AbsentMeans));
    }

    private static ImportDefinition Read(JsonObject definition)
    {
        using var document = JsonDocument.Parse(new JsonObject { ["entitySystemName"] = Entity.SystemName, ["definition"] = definition.DeepClone() }.ToJsonString());
        var faults = new RequestFaults();
        var read = ImportDefinitionReader.Read(document.RootElement, Entity, faults, new Limits());
        Assert.Empty(faults.Told);
        return read;
    }
}

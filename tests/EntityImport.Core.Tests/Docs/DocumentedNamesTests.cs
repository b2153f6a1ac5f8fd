using System.Text.Json;
using EntityImport.Catalog;
using EntityImport.Changes;
using EntityImport.Guards;
using EntityImport.Mappings;
using Xunit;

namespace EntityImport.Core.Tests.Docs;

/// <summary>What the code calls things is what the documentation calls them.</summary>
public sealed class DocumentedNamesTests
{
    [Fact]
    public void The_docs_have_each_member_of_a_definition_with_its_default_and_words()
    {
        var documented = Rows("file-format.md", "| member of `definition` |");
        Assert.Equal(
            DefinitionMembers.OfDefinition.Select(member => (member.Name, Default(member))).Order(),
            documented.Select(row => (row.Name, row.Default)).Order());
        foreach (var member in DefinitionMembers.OfDefinition)
            Assert.All(member.Words.Where(word => word != (string?)member.Default), word => Assert.Contains($"`{word}`", documented.Single(row => row.Name == member.Name).Meaning, StringComparison.Ordinal));
    }

    [Fact]
    public void The_docs_have_each_member_of_a_field()
    {
        var documented = Rows("file-format.md", "| member of each of `fields` |");
        Assert.Equal(DefinitionMembers.OfField.Select(member => (member.Name, Default(member))).Order(), documented.Select(row => (row.Name, row.Default)).Order());
    }

    [Fact]
    public void The_docs_have_each_stage_of_an_import()
    {
        var page = File.ReadAllText(Repository.File("docs", "operations.md"));
        Assert.All(ImportStage.All, stage => Assert.Contains($"`{stage}`", page, StringComparison.Ordinal));
    }

    [Fact]
    public void The_docs_have_each_signature_of_changes_and_each_guard()
    {
        var codes = typeof(ChangeFinding).GetFields().Where(field => field.IsLiteral).Select(field => (string)field.GetRawConstantValue()!);
        Assert.Equal(codes.Order(StringComparer.Ordinal), Rows("signatures.md", "| code |").Select(row => row.Name).Order(StringComparer.Ordinal));
        var guards = typeof(EntityGuards).GetProperties().Where(member => member.Name != nameof(EntityGuards.EntitySystemName)).Select(member => JsonNamingPolicy.CamelCase.ConvertName(member.Name));
        Assert.Equal(guards.Order(StringComparer.Ordinal), Rows("guards.md", "| guard |").Select(row => row.Name).Order(StringComparer.Ordinal));
    }

    private static string Default(DefinitionMember member) => member switch
    {
        { IsRequired: true } => "required",
        { Default: null } => member.AbsentMeans!,
        _ => $"`{(member.Default.GetValueKind() == JsonValueKind.String ? (string?)member.Default : member.Default.ToJsonString())}`",
    };

    /// <summary>The rows of a table; a row that begins with several names is one of each.</summary>
    private static List<(string Name, string Default, string Meaning)> Rows(string page, string header)
    {
        var lines = File.ReadAllLines(Repository.File("docs", page)).SkipWhile(line => !line.StartsWith(header, StringComparison.Ordinal)).Skip(2).TakeWhile(line => line.StartsWith('|'));
        return [.. lines.Select(line => line.Split('|', StringSplitOptions.TrimEntries)).SelectMany(cells => cells[1].Split(", ").Select(name => (name.Trim('`'), cells[2], cells[3])))];
    }
}

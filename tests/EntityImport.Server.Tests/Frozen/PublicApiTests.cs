using System.Reflection;
using PublicApiGenerator;

namespace EntityImport.Server.Tests.Frozen;

/// <summary>What programs are written against changes only on purpose: the file of a library is changed by hand, in the same commit as its public types, and each of its changes is a line of the changelog.</summary>
public sealed class PublicApiTests
{
    [Theory]
    [InlineData("EntityImport.Api")]
    [InlineData("EntityImport.Core")]
    [InlineData("EntityImport.DuckDb")]
    [InlineData("EntityImport.ObjectStore")]
    [InlineData("EntityImport.Postgres")]
    [InlineData("EntityImport.Server")]
    [InlineData("EntityImport.Client")]
    public async Task The_public_types_of_a_library_are_those_that_were_frozen(string library)
    {
        var file = Path.Combine(AppContext.BaseDirectory, "Frozen", $"{library}.PublicApi.txt");
        var api = Assembly.Load(library).GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false }).ReplaceLineEndings("\n") + "\n";
        var frozen = File.Exists(file) ? (await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).ReplaceLineEndings("\n") : "";

        if (api == frozen) return;
        var actual = Path.ChangeExtension(file, ".actual.txt");
        await File.WriteAllTextAsync(actual, api, TestContext.Current.CancellationToken);
        var (before, after) = (frozen.Split('\n'), api.Split('\n'));
        var line = before.Zip(after).TakeWhile(pair => pair.First == pair.Second).Count();
        Assert.Fail($"{library} has other public types than tests/EntityImport.Server.Tests/Frozen/{library}.PublicApi.txt, first in line {line + 1}: {after.ElementAtOrDefault(line)}. What they are now is in {actual}.");
    }
}

using EntityImport.Rows;
using Xunit;

namespace EntityImport.Core.Tests.Docs;

public sealed class DocumentedReasonsTests
{
    [Fact]
    public void Every_code_of_a_reason_stands_in_the_docs_and_is_stable()
    {
        var page = File.ReadAllText(Repository.File("docs", "file-format.md"));
        string[] names = [.. Enum.GetValues<FaultCode>().Where(code => code != FaultCode.None).Select(code => code.Name())];
        Assert.Equal(names.Distinct(), names);
        Assert.All(names, name => Assert.Contains($"| `{name}` |", page, StringComparison.Ordinal));
        var documented = page.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal) && line[..line.IndexOf("` |", StringComparison.Ordinal)].Contains('.', StringComparison.Ordinal));
        Assert.Equal(names.Length, documented.Count());
    }
}

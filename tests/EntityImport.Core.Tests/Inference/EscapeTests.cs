using Xunit;

namespace EntityImport.Core.Tests.Inference;

/// <summary>Whether quotes in quotes are doubled or escaped by a backslash is found out, not guessed.</summary>
public sealed class EscapeTests
{
    [Theory]
    [InlineData("id,size\n1,\"3/4\\\" bolt\"\n2,\"1\\\" nut\"\n", true)]
    [InlineData("id,text\n1,\"two\\\nlines\"\n2,\"one\"\n", true)]
    [InlineData("id,path\n1,\"C:\\temp\\\"\n2,\"D:\\\"\n", false)]
    [InlineData("id,text\n1,\"a \"\"quoted\"\" word\"\n2,\"C:\\x\"\n", false)]
    [InlineData("id,text\n1,\"two\\\nlines\"\n2,\"two\nmore\"\n", false)]
    [InlineData("id,text\n1,\\N\n2,b\n", false)]
    public void A_backslash_is_the_escape_only_where_the_file_cannot_be_read_otherwise_or_escapes_its_line_ends(string csv, bool isBackslash)
    {
        var schema = Inferring.From(csv);

        Assert.Equal(isBackslash ? "\\" : null, schema.Definition().TryGetProperty("escapeCharacter", out var escape) ? escape.GetString() : null);
        Assert.Equal(isBackslash, schema.Findings.Any(finding => finding.Code == "escape.backslash"));
    }
}

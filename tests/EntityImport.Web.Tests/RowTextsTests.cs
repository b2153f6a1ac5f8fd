using EntityImport.Web.Repairs;

namespace EntityImport.Web.Tests;

/// <summary>How a record without columns is proposed to be split.</summary>
public sealed class RowTextsTests
{
    [Theory]
    [InlineData("a,b", new[] { "a", "b" })]
    [InlineData("a;b,c;d", new[] { "a", "b,c", "d" })]
    [InlineData("\"a,b\",c", new[] { "a,b", "c" })]
    [InlineData("\"5\"\" pipe, long\",c", new[] { "5\" pipe, long", "c" })]
    [InlineData("a,\"\"", new[] { "a", "" })]
    [InlineData("1,\"Unclosed & Co,u@example.org", new[] { "1", "Unclosed & Co", "u@example.org" })]
    [InlineData("1,\"a\" b,c", new[] { "1", "\"a\" b", "c" })]
    [InlineData("1,5\" pipe,c", new[] { "1", "5\" pipe", "c" })]
    public void Quotes_count_that_close_and_one_that_does_not_is_left_out(string record, string[] pieces) => Assert.Equal(pieces, RowTexts.Split(record, delimiter: null));
}

using EntityImport.Inference;
using Xunit;

namespace EntityImport.Core.Tests.Inference;

/// <summary>Whether a quote encloses line ends is asked where the lines read like rows, and only there.</summary>
public sealed class LineQuestionTests
{
    private const string Swallowed = "sku,name,price\nM-1,\"24 inch, wide\",1.20\nM-6,\"never closed,7.00\nM-7,Plain,8.00\nM-8,20\",9.00\nM-9,Last,9.50\n";

    [Fact]
    public void Lines_between_two_quotes_that_read_like_rows_are_asked_for()
    {
        var question = Assert.Single(Inferring.From(Swallowed).Questions);

        Assert.Equal((QuestionKind.Lines, null), (question.Kind, question.Column));
        Assert.StartsWith("Does the quote in line 3 enclose the line ends up to line 5? Each of these 3 lines reads like a row, and the quote may have been meant for something else", question.Message, StringComparison.Ordinal);
        Assert.Equal(["""{"multilineFields":false}""", """{"multilineFields":true}"""], question.Answers.Select(answer => answer.Definition.ToJsonString()));
    }

    [Theory]
    [InlineData("""{"multilineFields":false}""", 5, 1)]
    [InlineData("""{"multilineFields":true}""", 3, 0)]
    public void The_answer_decides_how_the_file_is_read(string definition, int records, int unreadable)
    {
        var schema = Inferring.From(Swallowed, definition);

        Assert.Empty(schema.Questions);
        Assert.Equal((records, unreadable), (schema.Format.Records, schema.Format.UnreadableRecords));
    }

    [Fact]
    public void Rows_with_line_ends_of_Windows_below_a_title_are_asked_for_by_their_lines()
    {
        var question = Assert.Single(Inferring.From("Prices of May\r\n\r\n" + Swallowed.Replace("\n", "\r\n", StringComparison.Ordinal)).Questions);

        Assert.StartsWith("Does the quote in line 5 enclose the line ends up to line 7?", question.Message, StringComparison.Ordinal);
    }

    [Theory]
    // Another text of several lines shows that fields may have them.
    [InlineData("id,text,n\n1,\"two\nlines\",1\n2,\"TV 55,2\n3,Table,3\n4,Sofa 7\",5\n6,x,7\n")]
    // A line has no number where the others have one.
    [InlineData("id,text,n\n1,\"Doe,John\nRoe,Jane\",5.00\n2,x,6\n3,y,7\n")]
    // Prose has blanks behind its commas.
    [InlineData("id,text,n\n1,\"Table, 7\n2, a, 8\",5\n2,x,6\n3,y,7\n")]
    // Without numbers or dates nothing tells rows from prose.
    [InlineData("id,text,more\nA,\"one,two\nB,three,four\nC,five\",x\nD,y,z\nE,y,z\n")]
    public void Other_texts_of_several_lines_are_not(string csv) => Assert.DoesNotContain(Inferring.From(csv).Questions, question => question.Kind == QuestionKind.Lines);
}

using System.Text.Json.Nodes;
using EntityImport.Inference;
using Xunit;

namespace EntityImport.Core.Tests.Inference;

/// <summary>What a sample leaves open is asked; each answer, stated, closes it.</summary>
public sealed class QuestionTests
{
    [Theory]
    [InlineData("id,day\nA,01/02/2024\nB,03/03/2024\nC,03/04/2024\n")]
    [InlineData("id;day\nA;01-02-2024\nB;03-03-2024\nC;03-04-2024\n")]
    [InlineData("id,day,from,to\nA,01/02/2024,31/12/2024,12/31/2024\nB,03/04/2024,30/12/2024,12/30/2024\n")]
    public void Dates_that_nothing_decides_are_asked_for_with_both_readings(string csv)
    {
        var question = Assert.Single(Inferring.From(csv).Questions);

        Assert.Equal((QuestionKind.Reading, "day"), (question.Kind, question.Column));
        Assert.Equal(2, question.Answers.Count);
        Assert.Contains("is 2024-01-02", question.Answers[0].Meaning, StringComparison.Ordinal);
        Assert.Contains("is 2024-02-01", question.Answers[1].Meaning, StringComparison.Ordinal);
        Assert.Contains("is 2024-04-03", question.Answers[1].Meaning, StringComparison.Ordinal);
        Assert.DoesNotContain("2024-03-03", question.Answers[1].Meaning, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("id,day,seen\nA,01/02/2024,03/04/2024 10:00\n")]
    [InlineData("id;n\nA;1.234\n")]
    [InlineData("id;n\nA;1,234\n")]
    [InlineData("n\n1.234\n")]
    public void Each_answer_closes_its_question_and_is_what_is_read_then(string csv)
    {
        var question = Assert.Single(Inferring.From(csv).Questions, question => question.Kind == QuestionKind.Reading);

        foreach (var answer in question.Answers)
        {
            var schema = Inferring.From(csv, answer.Definition.ToJsonString());
            Assert.Empty(schema.Questions);
            foreach (var (member, value) in answer.Definition) Assert.True(JsonNode.DeepEquals(value, JsonNode.Parse(schema.Definition().GetProperty(member).GetRawText())));
        }
    }

    [Theory]
    [InlineData("id,day,to\nA,01/02/2024,31/12/2024\n", "dd/MM/yyyy")]
    [InlineData("id,day,to\nA,01/02/2024,12/31/2024\n", "MM/dd/yyyy")]
    [InlineData("id,day,to\nA,01/02/2024,31 Jan 2024\n", "dd/MM/yyyy")]
    [InlineData("id,day,to\nA,01/02/2024,\"Jan 31, 2024\"\n", "MM/dd/yyyy")]
    [InlineData("id;day;price\nA;01/02/2024;1,50\n", "dd/MM/yyyy")]
    [InlineData("id,day,price\nA,01/02/2024,£1.50\n", "dd/MM/yyyy")]
    [InlineData("id,day\nA,01.02.2024\n", "dd.MM.yyyy")]
    public void Dates_that_something_in_the_file_decides_are_not_asked_for(string csv, string pattern)
    {
        var schema = Inferring.From(csv);

        Assert.Empty(schema.Questions);
        Assert.Equal(pattern, schema.Definition().Text("dateFormat"));
        Assert.NotEmpty(schema.Warnings);
    }

    [Theory]
    [InlineData("id,n\nA,1.234\n")]
    [InlineData("id,n\nA,\"1,234\"\n")]
    [InlineData("id;n;m\nA;1.234;1,5\n")]
    [InlineData("id;n\nA;1.234\nB;1.234.567\n")]
    [InlineData("id;n\nA;1,234\nB;0,5\n")]
    public void Numbers_for_which_something_speaks_are_not_asked_for(string csv) => Assert.Empty(Inferring.From(csv).Questions);

    [Fact]
    public void The_locale_answers_what_was_open()
    {
        const string Csv = "id;n;day\nA;1.234;01/02/2024\n";

        Assert.Equal(2, Inferring.From(Csv).Questions.Count);
        Assert.Empty(Inferring.From(Csv, """{"locale":"de-DE"}""").Questions);
    }

    [Fact]
    public void Two_keys_of_which_no_convention_prefers_one_are_asked_for()
    {
        var schema = Inferring.From("name,taxNo,staffNo\nx,1,7\nx,2,8\n");

        var question = Assert.Single(schema.Questions);
        Assert.Equal(QuestionKind.Key, question.Kind);
        Assert.Equal([["taxNo"], ["staffNo"]], question.Answers.Select(answer => answer.Key));
        Assert.Contains("such as '7', '8'", question.Answers[1].Meaning, StringComparison.Ordinal);
        Assert.Empty(Inferring.From("name,taxNo,staffNo\nx,1,7\nx,2,8\n", definition: null, "staffNo").Questions);
    }

    [Theory]
    [InlineData("orderNo,customerNo\n1,7\n2,8\n", "orderNo")]
    [InlineData("name,customerNo,thing_no\nx,1,7\ny,2,8\n", "thing_no")]
    [InlineData("name,customerNo,id\nx,1,7\ny,2,8\n", "id")]
    [InlineData("name,customerNo\nx,1\ny,2\n", "customerNo")]
    public void A_convention_decides_between_keys(string csv, string key)
    {
        var schema = Inferring.From(csv);

        Assert.Empty(schema.Questions);
        Assert.Equal([key], schema.Entity.Key.Select(field => field.SystemName));
    }

    [Theory]
    [InlineData("id,name\nA-1,x\nA-2,y\nA-1,z\n", "'id': 'A-1' twice (rows 1 and 3).")]
    [InlineData("id,name\n,x\nA-2,y\n,z\n", "'id': 2 empty.")]
    [InlineData("id,code\n,x\nA,x\n", "'id': 1 empty. 'code': 'x' twice (rows 1 and 2).")]
    public void Why_no_key_is_proposed_is_told(string csv, string why)
    {
        var schema = Inferring.From(csv);

        Assert.Empty(schema.Entity.Key);
        Assert.Equal(("key.none", $"No key is proposed. {why}"), (Assert.Single(schema.Findings).Code, schema.Findings[0].Message));
    }

    [Fact]
    public void Keys_that_look_alike_are_counted()
    {
        var schema = Inferring.From("sku,name\nA-1,a\n\"A-1 \",b\nA-1\u200B,c\nA\u0308-1,d\n\u00C4-1,e\nÜ,f\n");

        var finding = Assert.Single(schema.Findings);
        Assert.Equal(("key.alike", "sku"), (finding.Code, finding.Column));
        Assert.Contains("3 values differ from another one only by spaces", finding.Message, StringComparison.Ordinal);
        Assert.Contains("'A-1 ' (row 2, line 3)", finding.Message, StringComparison.Ordinal);
    }
}

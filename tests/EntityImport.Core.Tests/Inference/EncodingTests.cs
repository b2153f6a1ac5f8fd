using System.Text;
using EntityImport.Csv;
using EntityImport.Inference;
using Xunit;

namespace EntityImport.Core.Tests.Inference;

/// <summary>Files that do not say their encoding: what is guessed is said, what is open is asked, and nothing else is taken.</summary>
public sealed class EncodingTests
{
    [Fact]
    public void A_file_in_UTF8_with_some_bad_bytes_stays_UTF8_and_says_where_they_are()
    {
        var schema = Inferring.From([.. Encoding.UTF8.GetBytes("id,site\n1,1° N\n2,2° N\n3,3° N\n4,4° N\n5,5"), 0xB0, .. " N\n"u8]);

        Assert.Equal("UTF-8", schema.Format.Encoding);
        Assert.Null(schema.Definition().Text("encoding"));
        var finding = Assert.Single(schema.Findings);
        Assert.Equal("encoding.badBytes", finding.Code);
        Assert.Equal("The file is UTF-8, as 4 characters beside ASCII show, but for 1 byte: 0xB0 in line 6. The row that it is in is rejected.", finding.Message);
        Assert.Empty(schema.Questions);
    }

    [Theory]
    [InlineData("windows-1250", "kod;nazwa\nA-1;Łódź żółta\nA-2;Świeca\nA-3;Zażółć gęślą jaźń\n", "Łódź żółta")]
    [InlineData("macintosh", "code,titre\nA-1,Déjà vu\nA-2,Crème brûlée\nA-3,Noël à l’été\n", "Déjà vu")]
    [InlineData("Shift_JIS", "コード,商品名\nA-1,塩\nA-2,消しゴム\nA-3,表計算ソフト\n", "塩")]
    [InlineData("windows-1252", "id,name\n1,Müller\n", "Müller")]
    public void A_clear_encoding_is_taken_and_said_to_be_a_guess(string encoding, string csv, string example)
    {
        var schema = Inferring.From(FileEncoding.Find(encoding)!.GetBytes(csv));

        Assert.Equal(encoding, schema.Definition().Text("encoding"));
        Assert.Contains(example, schema.Columns[1].Examples);
        var finding = Assert.Single(schema.Findings);
        Assert.Equal("encoding.guessed", finding.Code);
        Assert.Contains($"It is read as {encoding}, a guess by the words that this makes: '", finding.Message, StringComparison.Ordinal);
        Assert.Contains("' in line ", finding.Message, StringComparison.Ordinal);
        Assert.Contains("--encoding", finding.Message, StringComparison.Ordinal);
        Assert.Empty(schema.Questions);
    }

    [Theory]
    [InlineData(0xE9, "windows-1252: 'é' in line 2")]
    [InlineData(0xE8, "windows-1250: 'č' in line 2")]
    [InlineData(0x8E, "macintosh: 'é' in line 2")]
    public void A_letter_that_fits_several_encodings_is_asked(byte letter, string meaning)
    {
        var schema = Inferring.From([.. "id,grade\n1,"u8, letter, .. "\n"u8]);

        var question = Assert.Single(schema.Questions);
        Assert.Equal((QuestionKind.Encoding, null), (question.Kind, question.Column));
        var answer = Assert.Single(question.Answers, answer => answer.Meaning == meaning);
        Assert.Equal(meaning.Split(':')[0], answer.Definition["encoding"]!.GetValue<string>());
        Assert.Contains("--encoding", question.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_file_leaves_open_is_read_as_the_file_before()
    {
        byte[] csv = [.. "id,name\n1,caff"u8, 0xE8, .. "\n"u8];
        Assert.Single(Inferring.From(csv).Questions);

        var schema = SchemaInference.Infer(Inferring.Request(csv) with { UsualEncoding = "windows-1252" }, TestContext.Current.CancellationToken);

        Assert.Empty(schema.Questions);
        Assert.Equal("windows-1252", schema.Definition().Text("encoding"));
        Assert.Contains("as in the last import: 'caffè' in line 2", Assert.Single(schema.Findings).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_clear_encoding_is_not_read_as_the_file_before()
    {
        var csv = FileEncoding.Find("windows-1251")!.GetBytes("код;название\n1;Отвёртка\n2;Подшипник\n");

        var schema = SchemaInference.Infer(Inferring.Request(csv) with { UsualEncoding = "windows-1252" }, TestContext.Current.CancellationToken);

        Assert.Equal("windows-1251", schema.Definition().Text("encoding"));
    }

    [Theory]
    [InlineData("UTF-16LE")]
    [InlineData("UTF-16BE")]
    public void UTF16_without_a_mark_is_known_by_its_zero_bytes(string encoding)
    {
        var schema = Inferring.From(FileEncoding.Find(encoding)!.GetBytes("id,name\r\n1,Ελένη\r\n2,山田\r\n"));

        Assert.Equal(encoding, schema.Definition().Text("encoding"));
        Assert.Equal(["Ελένη", "山田"], schema.Columns[1].Examples);
        Assert.Contains("a zero byte beside each ASCII character", Assert.Single(schema.Findings).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stated_encoding_is_neither_judged_nor_mentioned()
    {
        var schema = Inferring.From([.. "id,grade\n1,"u8, 0xE8, .. "\n"u8], """{"encoding": "windows-1250"}""");

        Assert.Equal(["č"], schema.Columns[1].Examples);
        Assert.Empty(schema.Findings);
        Assert.Empty(schema.Questions);
    }

    [Theory]
    [InlineData("03-mixed-encoding", "input.csv", "UTF-8", "reading")]
    [InlineData("52-other-code-pages", "input.csv", "Shift_JIS", "価格")]
    [InlineData("52-other-code-pages", "input-cp1250.csv", "windows-1250", "cena")]
    [InlineData("52-other-code-pages", "input-macroman.csv", "macintosh", "prix")]
    public void Files_from_the_field_are_read_in_their_encoding(string folder, string file, string encoding, string lastColumn)
    {
        var path = SharedFiles.Find($"data/field/{folder}/{file}");
        Assert.SkipWhen(path is null, "The files from the field are not there.");

        var schema = Inferring.From(File.ReadAllBytes(path));

        Assert.Equal(encoding, schema.Format.Encoding, ignoreCase: true);
        Assert.Equal(lastColumn, schema.Columns[^1].CsvColumnName);
        Assert.Single(schema.Findings);
        Assert.Empty(schema.Questions);
    }
}

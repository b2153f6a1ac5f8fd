using System.Globalization;
using System.Text;
using EntityImport.Csv;
using EntityImport.Encodings;
using Xunit;

namespace EntityImport.Core.Tests.Encodings;

public sealed class EncodingJudgeTests
{
    private const int Seed = 52;

    public static TheoryData<string, string> Languages =>
        [.. LanguageTexts.All.SelectMany(language => language.Encodings.Select(encoding => new TheoryDataRow<string, string>(language.Language, encoding)))];

    /// <summary>Files of 1 to 100 rows in each language and encoding: what is taken is what was written, without exception; and where there is enough of it, nobody is asked.</summary>
    [Theory]
    [MemberData(nameof(Languages))]
    public void What_is_taken_is_what_was_written_and_long_texts_are_taken(string language, string encoding)
    {
        var random = new Random(Seed);
        var (wrong, asked, enough) = (new List<string>(), 0, 0);
        foreach (var rows in (int[])[1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 5, 5, 8, 8, 12, 20, 30, 30, 50, 50, 100, 100])
        {
            var text = Table(language, encoding, rows, random);
            var verdict = EncodingJudge.Judge(FileEncoding.Find(encoding)!.GetBytes(text), isWholeFile: true);
            var isTaken = verdict.Evidence is not EncodingEvidence.Unclear;
            if (isTaken && Read(verdict, FileEncoding.Find(encoding)!.GetBytes(text)) != text) wrong.Add($"{verdict.Name}: {text}");
            if (text.Count(letter => letter >= 0x80 && char.IsLetter(letter)) < 30) continue;
            enough++;
            if (!isTaken) asked++;
        }

        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture, $"RESULT {language} {encoding}: wrong {wrong.Count}, asked {asked} of {enough}"));
        Assert.Empty(wrong);
        Assert.InRange(asked, 0, enough / 4);
    }

    /// <summary>A list of places and people of half of Europe, as a Western company has it, is read by what they have in common.</summary>
    [Theory]
    [InlineData("windows-1252", 12)]
    [InlineData("windows-1252", 60)]
    [InlineData("macintosh", 60)]
    [InlineData("IBM850", 60)]
    public void A_file_of_several_languages_is_taken_for_what_it_is(string encoding, int rows)
    {
        var random = new Random(Seed);
        var languages = (string[])["German", "French", "Spanish", "Portuguese", "Swedish", "Danish"];
        var text = string.Concat(Enumerable.Range(0, rows).Select(row => Table(languages[row % languages.Length], encoding, 2, random)));

        var verdict = EncodingJudge.Judge(FileEncoding.Find(encoding)!.GetBytes(text), isWholeFile: true);

        Assert.Equal((EncodingEvidence.Text, text), (verdict.Evidence, Read(verdict, FileEncoding.Find(encoding)!.GetBytes(text))));
    }

    /// <summary>A text in UTF-8 of which one byte in many is broken stays UTF-8; where its end is cut off, nothing is broken.</summary>
    [Fact]
    public void UTF8_is_UTF8_also_with_bad_bytes_and_a_cut_end()
    {
        foreach (var (language, _, _) in LanguageTexts.All)
        {
            var bytes = Encoding.UTF8.GetBytes(Table(language, "UTF-8", 40, new Random(Seed)));
            Assert.Equal(EncodingEvidence.None, EncodingJudge.Judge(bytes, isWholeFile: true).Evidence);
            for (var end = bytes.Length - 60; end < bytes.Length; end++) Assert.Equal(EncodingEvidence.None, EncodingJudge.Judge(bytes.AsSpan(0, end), isWholeFile: false).Evidence);

            bytes[15] = 0xE9;
            var verdict = EncodingJudge.Judge(bytes, isWholeFile: true);
            Assert.Equal((EncodingEvidence.ValidUtf8, "UTF-8", 1L), (verdict.Evidence, verdict.Name, verdict.Utf8.Bad));
        }
    }

    /// <summary>A file of a byte is judged like any other; of two, those may be UTF-16.</summary>
    [Fact]
    public void The_shortest_files_are_judged_too()
    {
        Assert.Equal(EncodingEvidence.None, EncodingJudge.Judge([], isWholeFile: true).Evidence);
        for (var first = 0; first < 256; first++)
        {
            Assert.Equal(first < 0x80, EncodingJudge.Judge([(byte)first], isWholeFile: true).Evidence == EncodingEvidence.None);
            for (var second = 0; second < 256; second++)
                Assert.Equal(first == 0 && second == '\n' || second == 0 && first == '\n', EncodingJudge.Judge([(byte)first, (byte)second], isWholeFile: true).Evidence == EncodingEvidence.ZeroBytes);
        }
    }

    [Fact]
    public void Bytes_that_are_no_text_are_never_taken()
    {
        var random = new Random(Seed);
        for (var i = 0; i < 50; i++)
        {
            var bytes = new byte[random.Next(20, 2_000)];
            random.NextBytes(bytes);

            Assert.Equal(EncodingEvidence.Unclear, EncodingJudge.Judge(bytes, isWholeFile: true).Evidence);
        }
    }

    [Fact]
    public void Escape_sequences_show_Japanese_in_7_bits()
    {
        var bytes = FileEncoding.Find("ISO-2022-JP")!.GetBytes("コード,商品名\nA-1,消しゴム\n");

        Assert.Equal("ISO-2022-JP", EncodingJudge.Judge(bytes, isWholeFile: true).Name);
    }

    private static string Read(EncodingVerdict verdict, byte[] bytes) =>
        CandidateEncoding.All.FirstOrDefault(candidate => candidate.Name == verdict.Name)?.Decode(bytes) ?? FileEncoding.Find(verdict.Name)!.GetString(bytes);

    private static string Table(string language, string encoding, int rows, Random random)
    {
        var words = LanguageTexts.All.First(item => item.Language == language).Words.Split((char[])[' ', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries);
        var target = FileEncoding.Find(encoding)!;
        words = [.. words.Where(word => target.GetString(target.GetBytes(word)) == word)];
        var text = new StringBuilder("id;name;price\r\n");
        for (var row = 1; row <= rows; row++)
        {
            var name = string.Join(' ', Enumerable.Range(0, random.Next(1, 4)).Select(_ => words[random.Next(words.Length)]));
            text.Append(CultureInfo.InvariantCulture, $"{row};{name};{random.Next(1, 9999)},{random.Next(10, 99)}\r\n");
        }

        return text.ToString();
    }
}

using System.Text;
using EntityImport.Conversion;
using EntityImport.Entities;
using EntityImport.Rows;
using Xunit;

namespace EntityImport.Core.Tests.Conversion;

public sealed class WordListTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(5_000)]
    public void A_list_of_any_size_finds_its_words_and_no_others(int count)
    {
        var words = Enumerable.Range(0, count).Select(i => $"Wört{i}{new string('x', i % 100)}").ToArray();
        WordList list = [.. words];
        Assert.Equal(words, list);
        for (var i = 0; i < count; i++)
        {
            Assert.True(list.Contains(Utf8(words[i])));
            Assert.False(list.Contains(Utf8(words[i].ToLowerInvariant())));
            Assert.True(list.ContainsInAnyCase(Utf8(words[i].Replace('W', 'w').Replace('x', 'X'))));
            Assert.False(list.ContainsInAnyCase(Utf8(words[i].Replace('ö', 'Ö'))));
            Assert.False(list.Contains(Utf8(words[i] + "y")) || list.ContainsInAnyCase(Utf8(words[i] + "y")));
        }

        Assert.False(list.Contains(Utf8("W@rt0")) || list.ContainsInAnyCase(Utf8("wört0x")));
    }

    [Fact]
    public void A_list_is_compiled_once_however_many_fields_use_it()
    {
        var format = Values.UnitedStates with { NullValues = [.. Enumerable.Range(0, 95_000).Select(i => $"null{i}")], TrueValues = [.. Enumerable.Range(0, 60_000).Select(i => $"true{i}")] };
        _ = FieldConverters.Create(Values.Field(DataType.Boolean), format);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var converters = Enumerable.Range(0, 1_000).Select(i => FieldConverters.Create(Values.Field(i % 2 == 0 ? DataType.Boolean : DataType.String), format)).ToList();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 4 << 20);
        Assert.Equal(FaultCode.None, Values.Convert(converters[1], "null94999", out var vector));
        Assert.True(vector.IsNull(0));
        Assert.Equal(FaultCode.None, Values.Convert(converters[0], "TRUE59999", out _));
    }

    [Fact]
    public void Looking_a_text_up_allocates_nothing()
    {
        WordList list = [.. Enumerable.Range(0, 1_000).Select(i => $"Word{i}")];
        var texts = Enumerable.Range(0, 1_000).Select(i => Utf8($"WORD{i * 2}")).ToArray();
        _ = list.ContainsInAnyCase(texts[0]) | list.Contains(texts[0]);
        var found = 0;
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var text in texts)
            if (!list.Contains(text) && list.ContainsInAnyCase(text)) found++;
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(500, found);
    }

    [Fact]
    public void A_spelling_that_could_be_either_word_is_neither()
    {
        var converter = FieldConverters.Create(Values.Field(DataType.Boolean), Values.UnitedStates with { TrueValues = ["Ja"], FalseValues = ["ja"] });
        Assert.Equal(1, Read("Ja"));
        Assert.Equal(0, Read("ja"));
        Assert.Equal(FaultCode.BooleanFormat, converter.Check("JA"u8));

        byte Read(string text)
        {
            Assert.Equal(FaultCode.None, Values.Convert(converter, text, out var vector));
            return vector.Values<byte>()[0];
        }
    }

    [Fact]
    public void What_is_expected_of_a_boolean_names_the_first_words_and_how_many_more()
    {
        var few = FieldConverters.Create(Values.Field(DataType.Boolean), Values.UnitedStates with { TrueValues = ["ja", "j"] });
        Assert.Equal("one of ja, j for true, false, no, n, f, 0, off for false", few.Expected);
        var many = FieldConverters.Create(
            Values.Field(DataType.Boolean),
            Values.UnitedStates with { TrueValues = [.. Enumerable.Range(0, 60_000).Select(i => $"word{i:D6}")], FalseValues = [new string('x', 100_000), "no"] });
        Assert.Equal(
            $"one of word000000, word000001, word000002, word000003, word000004 and 59995 more for true, {new string('x', 60)}… and 1 more for false", many.Expected);
        Assert.InRange(many.Expected.Length, 1, Limits.ExpectedCharacters);
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}

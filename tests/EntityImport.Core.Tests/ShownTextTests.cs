using Xunit;

namespace EntityImport.Core.Tests;

public sealed class ShownTextTests
{
    [Fact]
    public void A_name_is_shown_whole_up_to_its_limit_and_cut_behind_it()
    {
        var name = new string('n', Limits.NameCharacters);

        Assert.Equal(name, ShownText.Cut(name));
        Assert.Equal(name + "…", ShownText.Cut(name + "nn"));
    }

    [Fact]
    public void A_message_never_has_more_characters_than_it_may()
    {
        Assert.Equal("abcde", ShownText.Fit("abcde", 5));
        Assert.Equal("abcd…", ShownText.Fit("abcdef", 5));
    }

    [Theory]
    [InlineData("abc\U0001F600def", 5, "abc…")]
    [InlineData("abc\U0001F600def", 6, "abc\U0001F600…")]
    public void A_cut_never_parts_the_halves_of_a_character(string text, int most, string expected) => Assert.Equal(expected, ShownText.Fit(text, most));

    [Fact]
    public void A_list_that_is_too_long_says_how_many_are_left()
    {
        Assert.Equal("a, b, c", ShownText.Join(["a", "b", "c"], ", ", 7));
        Assert.Equal("a, b, and 2 more", ShownText.Join(["a", "b", "long", "c"], ", ", 7));
        Assert.Equal("longer than that, and 1 more", ShownText.Join(["longer than that", "c"], ", ", 7));
        Assert.Equal("", ShownText.Join([], ", ", 7));
    }
}

using EntityImport.ObjectStore.Objects;

namespace EntityImport.ObjectStore.Tests;

public sealed class PiecesTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("0-3 3-5", "0+0..3 3+0..2")]
    [InlineData("3-5 0-3", "0+0..3 3+0..2")]
    // Sent again from the beginning by somebody who had heard of none.
    [InlineData("0-3 0-5", "0+0..5")]
    [InlineData("0-5 0-3", "0+0..5")]
    [InlineData("0-3 3-5 0-4", "0+0..4 4+1..1")]
    [InlineData("0-3 2-8 5-6 8-9", "0+0..3 3+1..5 8+0..1")]
    // What comes behind a gap is not of the file yet.
    [InlineData("0-3 4-8", "0+0..3")]
    [InlineData("1-3", "")]
    [InlineData("0-3 nothing 3-4", "0+0..3 3+0..1")]
    public void Pieces_make_a_file_as_far_as_they_go(string pieces, string expected)
    {
        var listed = pieces.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(piece => piece.Split('-') is [var start, var end]
            ? new ListedObject(Pieces.NewKey("uploads/a/data", Number(start), Number(end)), Number(end) - Number(start), default)
            : new ListedObject("uploads/a/data.pieces/" + piece, 1, default));

        Assert.Equal(expected, string.Join(' ', Pieces.Join(listed).Select(stretch => $"{stretch.Start}+{stretch.Skip}..{stretch.Length}")));
    }

    [Fact]
    public void A_piece_that_has_not_the_length_that_its_name_says_is_none() =>
        Assert.Empty(Pieces.Join([new ListedObject(Pieces.NewKey("a", 0, 3), Length: 2, default)]));

    private static long Number(string text) => long.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}

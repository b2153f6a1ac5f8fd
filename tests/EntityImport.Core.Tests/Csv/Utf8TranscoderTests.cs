using System.Globalization;
using System.Text;
using EntityImport.Csv;
using Xunit;

namespace EntityImport.Core.Tests.Csv;

public sealed class Utf8TranscoderTests
{
    public static TheoryData<string, string> Texts => new()
    {
        { "UTF-16LE", "a,\"é§\"\r\n😀、日本語\uFEFF\0z" },
        { "UTF-16BE", "a,\"é§\"\r\n😀、日本語\uFEFF\0z" },
        { "UTF-32", "a,é\n😀z" },
        { "windows-1252", "a,\"é€“”\"\r\nÿz" },
        { "ISO-8859-1", "a,\"é§\"\r\nÿz" },
        { "Shift_JIS", "a,\"日本語ソ表\"\r\nｱｲｳ、能\uE000\uE757z" },
        { "EUC-JP", "a,\"日本語ソ表\"\r\nｱｲｳ、能z" },
        { "GB18030", "a,\"汉字€é\"\r\n😀㐀\uF8F1z" },
        { "Big5", "a,\"漢字功許\"\r\nz" },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public void A_text_becomes_UTF8_however_it_is_split(string encoding, string text)
    {
        var bytes = FileEncoding.Find(encoding)!.GetBytes(text);
        var expected = Encoding.UTF8.GetBytes(text);

        Assert.Equal(expected, Convert(encoding, bytes, bytes.Length));
        for (var at = 1; at < bytes.Length; at++) Assert.Equal(expected, Convert(encoding, bytes, at, bytes.Length));
        for (var size = 1; size < 5; size++) Assert.Equal(expected, Convert(encoding, bytes, size));
    }

    [Theory]
    [InlineData("UTF-16LE")]
    [InlineData("UTF-16BE")]
    [InlineData("UTF-32")]
    [InlineData("windows-1252")]
    [InlineData("Shift_JIS")]
    [InlineData("EUC-JP")]
    [InlineData("GB18030")]
    [InlineData("Big5")]
    public void Random_bytes_become_the_same_however_they_are_split(string encoding)
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Seed: {seed}"));
        var random = new Random(seed);
        for (var i = 0; i < 2_000; i++)
        {
            var bytes = NextBytes(random);
            var whole = Convert(encoding, bytes, bytes.Length);
            var pieces = Enumerable.Range(0, 8).Select(_ => random.Next(1, 6)).ToArray();
            Assert.True(
                whole.AsSpan().SequenceEqual(Convert(encoding, bytes, pieces)),
                string.Create(CultureInfo.InvariantCulture, $"Seed {seed}: {System.Convert.ToHexString(bytes)} in pieces of {string.Join(' ', pieces)}"));
        }
    }

    [Theory]
    [InlineData("UTF-16LE", "610000D86200", "61FF62")]
    [InlineData("UTF-16LE", "610000DC6200", "61FF62")]
    [InlineData("UTF-16BE", "0061D8000062", "61FF62")]
    [InlineData("UTF-16LE", "610062", "61FF")]
    [InlineData("UTF-16LE", "610000D8", "61FF")]
    [InlineData("UTF-16LE", "FFFF6100", "FF61")]
    [InlineData("Shift_JIS", "6181", "61FF")]
    [InlineData("Shift_JIS", "61FD62", "61FF62")]
    [InlineData("GB18030", "61FF62", "61FF62")]
    [InlineData("GB18030", "6181", "61FF")]
    [InlineData("GB18030", "618130", "61FF30")]
    [InlineData("windows-1253", "61AA62", "61FF62")]
    [InlineData("Big5", "61FF62", "61FF62")]
    [InlineData("UTF-32", "6100000000D8000062000000", "61FF62")]
    [InlineData("US-ASCII", "618062", "61FF62")]
    [InlineData("windows-1252", "618162", "61FF62")]
    [InlineData("windows-1250", "619062", "61FF62")]
    [InlineData("ISO-8859-1", "618562", "61FF62")]
    [InlineData("windows-874", "61DB62", "61FF62")]
    [InlineData("Shift_JIS", "618062", "61FF62")]
    [InlineData("Shift_JIS", "61E90A62", "61FF0A62")]
    [InlineData("EUC-KR", "61E92C62", "61FF2C62")]
    [InlineData("Big5", "61E92C62", "61FF2C62")]
    public void Bytes_that_are_no_character_become_a_byte_that_no_text_contains(string encoding, string hex, string expected)
    {
        var bytes = System.Convert.FromHexString(hex);
        for (var size = 1; size <= bytes.Length; size++)
        {
            // How many such bytes there are is the decoder's choice.
            Assert.Equal(expected, System.Text.RegularExpressions.Regex.Replace(System.Convert.ToHexString(Convert(encoding, bytes, size)), "(FF8[0-3][89AB][0-9A-F])+", "FF"));
        }
    }

    [Theory]
    [InlineData("windows-1252", 0x81)]
    [InlineData("windows-1253", 0xAA)]
    [InlineData("Shift_JIS", 0xFD)]
    [InlineData("EUC-JP", 0xFF)]
    [InlineData("GB18030", 0xFF)]
    public void A_byte_that_is_no_character_can_be_told(string encoding, byte bad) =>
        Assert.Equal((bad, true), BadBytes.Find(Convert(encoding, [(byte)'a', bad, (byte)'b'], 3)));

    [Fact]
    public void A_long_text_needs_no_more_room_than_it_gets()
    {
        var text = string.Concat(Enumerable.Repeat("、😀a", 50_000));

        Assert.Equal(Encoding.UTF8.GetBytes(text), Convert("UTF-16", Encoding.Unicode.GetBytes(text), 64 << 10));
        Assert.Equal(Encoding.UTF8.GetBytes(text), Convert("UTF-16", Encoding.Unicode.GetBytes(text), 65_537));
    }

    private static byte[] NextBytes(Random random)
    {
        byte[] lot = [0, 0x0A, 0x20, 0x30, 0x39, 0x41, 0x7E, 0x80, 0x81, 0x8E, 0x8F, 0x9F, 0xA1, 0xC2, 0xD8, 0xDC, 0xE0, 0xFC, 0xFE, 0xFF];
        return [.. Enumerable.Range(0, random.Next(1, 40)).Select(_ => random.Next(4) == 0 ? (byte)random.Next(256) : lot[random.Next(lot.Length)])];
    }

    private static byte[] Convert(string encoding, byte[] bytes, params int[] pieces)
    {
        var transcoder = new Utf8Transcoder(FileEncoding.Find(encoding)!);
        var text = new MemoryStream();
        var at = 0;
        for (var i = 0; at < bytes.Length; i++)
        {
            var length = Math.Min(pieces[Math.Min(i, pieces.Length - 1)], bytes.Length - at);
            text.Write(transcoder.Convert(bytes.AsSpan(at, length), final: false));
            at += length;
        }

        text.Write(transcoder.Convert([], final: true));
        return text.ToArray();
    }
}

using System.Text;
using EntityImport.Server.Access.Salesforce;

namespace EntityImport.Server.Tests.Access;

/// <summary>The bytes behind <c>Authorization: OAuth</c>.</summary>
public sealed class TokenResponseTests
{
    private static readonly DateTimeOffset Issued = new(2026, 3, 1, 8, 0, 0, 123, TimeSpan.Zero);
    private static readonly TokenJson Good = new TokenJson(Issued).Sign(FakeSalesforce.Secret);

    [Fact]
    public void All_that_counts_is_read()
    {
        var response = Parse(Good.Base64());
        Assert.NotNull(response);
        Assert.Equal(Good["access_token"], response.AccessToken);
        Assert.Equal(Good["id"], response.Id);
        Assert.Equal(FakeSalesforce.Organisation, response.OrganisationId);
        Assert.Equal(FakeSalesforce.User, response.UserId);
        Assert.Equal(Issued, response.IssuedAt);
        Assert.Equal(Good["signature"], Convert.ToBase64String(response.Signature));
    }

    [Fact]
    public void Base64_is_standard_or_URL_safe_with_padding_or_without()
    {
        // A text of each remainder by three, with characters that the two alphabets write differently.
        for (var length = 0; length < 3; length++)
        {
            var standard = Good.With("instance_url", new string('~', 3 + length) + "ÿþ?>").Base64();
            Assert.Contains(standard, c => c is '+' or '/');
            var urlSafe = standard.Replace('+', '-').Replace('/', '_');
            foreach (var text in new[] { standard, standard.TrimEnd('='), urlSafe, urlSafe.TrimEnd('=') }) Assert.NotNull(Parse(text));
        }
    }

    public static TheoryData<string> MalformedBase64 =>
    [
        "", "=", "====", "A", "é", Good.Base64() + "=", Good.Base64().TrimEnd('=') + "A===", " " + Good.Base64(), Good.Base64().Insert(8, " "), Good.Base64().Insert(8, "\t"), Good.Base64().Insert(8, "="),
        Good.Base64() + "é", Good.Base64() + "\0", Good + "", "Bearer " + Good.Base64(), Good.Base64().Replace('e', '*'),
        TokenJson.Base64Of(Good + new string(' ', 8 << 10)), new string('A', (8 << 10) + 1), Mixed(),
    ];

    [Theory]
    [MemberData(nameof(MalformedBase64))]
    public void What_is_no_base64_is_refused(string text) => Assert.Null(Parse(text));

    public static TheoryData<string> MalformedJson =>
    [
        "", "null", "[]", "\"text\"", "1", "{}", "{", Good + "x", Good + "{}", "\uFEFF" + Good, "[" + Good + "]", "// \n" + Good, With("\"more\":1,"), With("\"more\":'x'"), With("\"more\":\"\\u12\""),
        // Once more, also under another spelling of the name, or with the same text.
        With($"\"id\":\"{Good["id"]}\""), With($"\"\\u0069d\":\"{Good["id"]}\""), With("\"more\":1,\"more\":1"), With("\"more\":{\"a\":1,\"a\":2}"),
        With($"\"more\":{new string('[', 100)}{new string(']', 100)}"),
        .. Members.Select(member => Good.ToString().Replace($"\"{member}\":", $"\"{member.ToUpperInvariant()}\":", StringComparison.Ordinal)),
        .. Members.SelectMany(member => new[] { "1", "null", "true", "{}", "[\"a\"]" }.Select(value => Replaced(member, value))),
        Replaced("id", "\"https://login.salesforce.com/id/\\ud800/005xx000001SwiUAAS\""), Replaced("instance_url", "\"\\udc00\""),
    ];

    [Theory]
    [MemberData(nameof(MalformedJson))]
    public void What_is_no_token_response_is_refused(string json) => Assert.Null(Parse(TokenJson.Base64Of(json)));

    public static TheoryData<string, string> BadTexts => new()
    {
        { "access_token", "" }, { "access_token", "a b" }, { "access_token", "a\r\nHost: b" }, { "access_token", "a\0" }, { "access_token", "ä" },
        { "issued_at", "" }, { "issued_at", "177235200012" }, { "issued_at", "17723520001234" }, { "issued_at", "-772352000123" }, { "issued_at", "1772352000.12" }, { "issued_at", " 772352000123" }, { "issued_at", "١٧٧٢٣٥٢٠٠٠١٢٣" },
        { "signature", "" }, { "signature", "AAAA" }, { "signature", new string('A', 43) }, { "signature", new string('A', 44) }, { "signature", new string('A', 64) }, { "signature", new string('*', 43) + "=" },
        { "id", "" }, { "id", "https://login.salesforce.com/id/00Dxx0000001gPL" }, { "id", "http://login.salesforce.com/id/00Dxx0000001gPL/005xx000001SwiU" }, { "id", "https:///id/00Dxx0000001gPL/005xx000001SwiU" },
        { "id", "https://login.salesforce.com/id/00Dxx0000001gPL/005xx000001SwiU/" }, { "id", "https://login.salesforce.com/id/00Dxx0000001gPL/005xx000001SwiU?a=b" }, { "id", "https://login.salesforce.com/id/00Dxx0000001gPL/../../admin" },
        { "id", "https://login.salesforce.com/ID/00Dxx0000001gPL/005xx000001SwiU" }, { "id", "https://login.salesforce.com/id/00Dxx0000001gP/005xx000001SwiU" }, { "id", "https://login.salesforce.com/id/00Dxx0000001gPLEA/005xx000001SwiU" },
        { "id", "https://login.salesforce.com/id/00Dxx0000001gPL/005xx000001Swi%" }, { "id", "https://login.salesforce.com/id/00Dxx0000001gPL/005xx000001Swié" }, { "id", "https://user@login.salesforce.com/id/00Dxx0000001gPL/005xx000001SwiU" },
        { "id", "//login.salesforce.com/id/00Dxx0000001gPL/005xx000001SwiU" }, { "id", " https://login.salesforce.com/id/00Dxx0000001gPL/005xx000001SwiU" },
    };

    [Theory]
    [MemberData(nameof(BadTexts))]
    public void Members_that_cannot_be_what_they_should_be_are_refused(string member, string text) => Assert.Null(Parse(Good.With(member, text).Base64()));

    [Fact]
    public void Members_beside_the_six_are_ignored() => Assert.NotNull(Parse(TokenJson.Base64Of(With("\"scope\":\"api\",\"sfdc_community_url\":null,\"more\":{\"a\":[1]}"))));

    [Fact]
    public void Bytes_that_are_no_UTF_8_are_refused_wherever_they_stand()
    {
        var json = Encoding.Latin1.GetBytes(With("\"more\":\"\u00ff\""));
        Assert.False(TokenResponse.TryParse(Encoding.ASCII.GetBytes(Convert.ToBase64String(json)), out _));
    }

    [Fact]
    public void Whatever_is_changed_in_it_is_read_or_refused_and_never_throws()
    {
        const int Seed = 20260301;
        var random = new Random(Seed);
        var json = Encoding.UTF8.GetBytes(Good.ToString());
        for (var round = 0; round < 20_000; round++)
        {
            var changed = json.ToArray();
            for (var change = random.Next(1, 4); change > 0; change--) changed[random.Next(changed.Length)] = (byte)random.Next(256);
            var text = Encoding.ASCII.GetBytes(Convert.ToBase64String(changed));
            if (round % 2 == 1) text[random.Next(text.Length)] = (byte)random.Next(256);
            if (!TokenResponse.TryParse(text, out var response)) continue;
            Assert.True(response.OrganisationId.All(char.IsAsciiLetterOrDigit) && response.UserId.All(char.IsAsciiLetterOrDigit) && response.AccessToken.All(c => c is > ' ' and <= '~'), $"Seed {Seed}, round {round}");
        }
    }

    private static string[] Members => ["access_token", "instance_url", "id", "token_type", "issued_at", "signature"];

    private static TokenResponse? Parse(string text) => TokenResponse.TryParse(Encoding.UTF8.GetBytes(text), out var response) ? response : null;

    /// <summary>The good one with something more in it.</summary>
    private static string With(string member) => Good.ToString()[..^1] + "," + member + "}";

    private static string Replaced(string member, string json) => Good.ToString().Replace($"\"{member}\":", $"\"{member}\":{json},\"was\":", StringComparison.Ordinal);

    private static string Mixed()
    {
        var text = Good.With("instance_url", "~~~~~~ÿþ?>ÿþ?>ÿþ?>").Base64();
        var at = text.IndexOfAny(['+', '/']);
        return string.Concat(text.AsSpan(0, at), text[at] == '+' ? "-" : "_", text.AsSpan(at + 1));
    }
}

using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using EntityImport.Server.Http;

namespace EntityImport.Server.Tests;

/// <summary>Bodies of any bytes: they are taken, or refused with a problem; the service never fails.</summary>
public sealed class JsonBytesTests(TestServer server)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string> Odd => new()
    {
        """{"\ud800":1}""",
        """{"\udfff\ud800":1}""",
        """{"\ud800":1,"\ud800":2}""",
        """{"a":1,"\ud800":{"b":1}}""",
        """{"entitySystemName":"\ud800"}""",
        """{"entitySystemName":["\udc00"]}""",
        """{"definition":{"\ud83d":"x"}}""",
        """{"fields":[{"\udead":1}]}""",
        "{\"\xff\":1}",
        "{\"\xc0\xaf\":1}",
        "{\"\xed\xa0\x80\":1}",
        "{\"\xf5\x80\x80\x80\":1}",
        "{\"a\":\"\xff\"}",
        "{\"a\":\"\xc1\x81\"}",
        "{\"a\":\xff}",
        "\xff\xfe{\0}\0",
        "\0\0\0",
        "{\"\0\":1}",
        "{\"a\":\"\0\"}",
        "{\"\\u0000\":1}",
        "{}\0",
        "\xef\xbb\xbf",
        "\xef\xbb",
        "\"\\ud800\"",
        "[\"\\ud800\"]",
        "",
    };

    [Theory]
    [MemberData(nameof(Odd))]
    public async Task Text_that_is_no_Unicode_is_the_caller_s_fault_wherever_it_stands(string latin1)
    {
        var bytes = Encoding.Latin1.GetBytes(latin1);
        foreach (var (method, path) in await TargetsAsync())
        {
            var (status, type) = await SendAsync(method, path, bytes);
            Assert.True(status == HttpStatusCode.BadRequest, $"{method} {path}: {status}");
            Assert.Contains(type, (string[])["urn:eis:problem:malformed-json", "urn:eis:problem:validation"]);
        }
    }

    [Fact]
    public void The_parser_throws_nothing_but_refusals()
    {
        foreach (var bytes in Mutations(seed: 7, count: 20_000))
        {
            try
            {
                JsonBody.Parse(bytes).Dispose();
            }
            catch (RequestException refusal)
            {
                Assert.Equal("malformed-json", refusal.Type);
            }
        }
    }

    [Fact]
    public async Task Mutated_bodies_are_taken_or_refused_with_a_problem()
    {
        var targets = await TargetsAsync();
        var i = 0;
        foreach (var bytes in Mutations(seed: 42, count: 600))
        {
            var (method, path) = targets[i++ % targets.Length];
            var (status, type) = await SendAsync(method, path, bytes);
            Assert.True((int)status < 500, $"{method} {path} answered {status} {type} to {Convert.ToHexString(bytes)}");
        }
    }

    private async Task<(HttpMethod Method, string Path)[]> TargetsAsync()
    {
        var (_, mapping) = await server.MapProductAsync();
        return [(HttpMethod.Post, "/v1/EntityImport"), (HttpMethod.Put, $"/v1/LogicalEntity/Odd_{Guid.NewGuid():N}"), (HttpMethod.Patch, $"/v1/EntityImport/{mapping}")];
    }

    private async Task<(HttpStatusCode Status, string Type)> SendAsync(HttpMethod method, string path, byte[] bytes)
    {
        using var request = new HttpRequestMessage(method, path) { Content = new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } } };
        using var response = await server.Http.SendAsync(request, Cancel);
        var body = JsonElement.Parse(await response.Content.ReadAsStringAsync(Cancel));
        if (response.IsSuccessStatusCode) return (response.StatusCode, "");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        return (response.StatusCode, body.GetProperty("type").GetString()!);
    }

    /// <summary>Good documents with bytes changed, cut out, doubled and put in, the odd ones more often.</summary>
    private static IEnumerable<byte[]> Mutations(int seed, int count)
    {
        byte[][] good =
        [
            """{"entitySystemName":"Product","definition":{"importMode":"UPSERT","locale":"de-DE","nullValues":["-","\u00e4"],"fields":[{"systemName":"Sku","csvColumnName":"Nr"}]}}"""u8.ToArray(),
            """{"displayName":"Prödukt 🎲","fields":[{"systemName":"Id","dataType":"INTEGER","primaryKey":true},{"systemName":"P","dataType":"DECIMAL","precision":18,"scale":2}]}"""u8.ToArray(),
        ];
        byte[][] odd = ["\\ud800"u8.ToArray(), "\\udfff"u8.ToArray(), [0xFF], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0], "\\u0000"u8.ToArray(), "\""u8.ToArray(), "{"u8.ToArray(), "1e999"u8.ToArray(), "null"u8.ToArray(), "\\"u8.ToArray()];
        var random = new Random(seed);
        for (var i = 0; i < count; i++)
        {
            var bytes = good[random.Next(good.Length)].ToList();
            for (var changes = random.Next(1, 4); changes > 0 && bytes.Count > 0; changes--)
            {
                var at = random.Next(bytes.Count);
                switch (random.Next(5))
                {
                    case 0:
                        bytes[at] = (byte)random.Next(256);
                        break;
                    case 1:
                        bytes.RemoveRange(at, Math.Min(random.Next(1, 20), bytes.Count - at));
                        break;
                    case 2:
                        bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 20), bytes.Count - at)));
                        break;
                    default:
                        bytes.InsertRange(at, odd[random.Next(odd.Length)]);
                        break;
                }
            }

            yield return [.. bytes];
        }
    }
}

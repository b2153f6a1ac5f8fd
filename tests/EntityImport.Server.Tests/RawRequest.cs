using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace EntityImport.Server.Tests;

/// <summary>Bytes sent to a server as they are, which no client would send.</summary>
internal static class RawRequest
{
    /// <summary>Sends them, and reads the answer until the server closes the connection.</summary>
    public static async Task<RawAnswer> SendAsync(TestServer server, string request)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, server.Http.BaseAddress!.Port, cancellationToken);
        var stream = client.GetStream();
        using var answer = new MemoryStream();
        try
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(request), cancellationToken);
            await stream.CopyToAsync(answer, cancellationToken).WaitAsync(TestServer.Patience, cancellationToken);
        }
        catch (IOException) when (answer.Length > 0)
        {
            // Whoever is refused while it still sends may see the connection reset behind the answer.
        }

        return RawAnswer.Parse(answer.ToArray());
    }
}

/// <summary>An answer as it came.</summary>
/// <param name="Status">The status code.</param>
/// <param name="Headers">The headers; doubled ones would throw.</param>
/// <param name="Body">The body, still in its transfer coding.</param>
internal sealed record RawAnswer(int Status, Dictionary<string, string> Headers, byte[] Body)
{
    public static RawAnswer Parse(byte[] answer)
    {
        var end = answer.AsSpan().IndexOf("\r\n\r\n"u8);
        Assert.True(end > 0, $"There is no answer: {Encoding.Latin1.GetString(answer)}");
        var lines = Encoding.Latin1.GetString(answer, 0, end).Split("\r\n");
        var headers = lines[1..].Select(line => line.Split(": ", 2)).ToDictionary(header => header[0], header => header[1], StringComparer.OrdinalIgnoreCase);
        return new RawAnswer(int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture), headers, answer[(end + 4)..]);
    }

    /// <summary>The problem in the body, after asserting that it is complete.</summary>
    public JsonElement Problem()
    {
        Assert.Equal("application/problem+json", Headers["Content-Type"]);
        Assert.Equal("nosniff", Headers["X-Content-Type-Options"]);
        var text = Encoding.UTF8.GetString(Body);
        var problem = JsonElement.Parse(Headers.ContainsKey("Transfer-Encoding") ? text[text.IndexOf('{', StringComparison.Ordinal)..(text.LastIndexOf('}') + 1)] : text);
        if (Headers.TryGetValue("Content-Length", out var length)) Assert.Equal(length, Body.Length.ToString(CultureInfo.InvariantCulture));
        Assert.Equal(Status, problem.GetProperty("status").GetInt32());
        Assert.StartsWith("urn:eis:problem:", problem.GetProperty("type").GetString(), StringComparison.Ordinal);
        Assert.NotEmpty(problem.GetProperty("detail").GetString()!);
        Assert.StartsWith("urn:eis:trace:", problem.GetProperty("instance").GetString(), StringComparison.Ordinal);
        return problem;
    }
}

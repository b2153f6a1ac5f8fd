using System.Buffers.Text;
using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace EntityImport.Bench.Load;

/// <summary>Sends requests over connections that stay open, as fast as they are answered: one on each at a time, all from one thread that does nothing else.</summary>
/// <remarks>What the load takes of the machine, the service does not have. So it is not .NET's client, which takes more than an answer does.</remarks>
internal sealed class HttpLoad : IDisposable
{
    private const int BufferBytes = 64 << 10;

    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(30);

    private readonly Socket[] _sockets;
    private readonly Dictionary<Socket, Connection> _connections = [];
    private readonly string _head;

    /// <summary>Opens the connections.</summary>
    /// <param name="address">Where to.</param>
    /// <param name="connections">How many.</param>
    /// <param name="headers">Header lines that each request has besides its own: <c>X-Api-Key: …</c>.</param>
    public HttpLoad(Uri address, int connections, IReadOnlyList<string> headers)
    {
        _head = $" HTTP/1.1\r\nHost: {address.Authority}\r\n{string.Concat(headers.Select(header => header + "\r\n"))}\r\n";
        _sockets = [.. Enumerable.Range(0, connections).Select(_ => Connect(address))];
        foreach (var socket in _sockets) _connections[socket] = new Connection();
    }

    /// <summary>A request for a path, whose answer is good where it is 200 and holds a text.</summary>
    public Ask Get(string path, string expected) => new(Encoding.ASCII.GetBytes($"GET {path}{_head}"), Encoding.UTF8.GetBytes(expected));

    /// <summary>Asks for a time, the same questions again and again.</summary>
    /// <param name="time">How long.</param>
    /// <param name="asks">What.</param>
    /// <param name="isOver">Ends it before; asked now and then.</param>
    /// <exception cref="TimeoutException">An answer does not come.</exception>
    public LoadResult Run(TimeSpan time, IReadOnlyList<Ask> asks, Func<bool>? isOver = null)
    {
        var result = new LoadResult();
        var next = 0;
        var begun = Stopwatch.GetTimestamp();
        foreach (var socket in _sockets) Send(socket, asks[next++ % asks.Count]);
        var waiting = _sockets.ToList();
        while (waiting.Count > 0)
        {
            var ready = waiting.ToList();
            Socket.Select(ready, null, null, AnswerLimit);
            if (ready.Count == 0) throw new TimeoutException($"No answer came within {AnswerLimit.TotalSeconds} seconds.");
            var isEnding = Stopwatch.GetElapsedTime(begun) >= time || isOver?.Invoke() == true;
            foreach (var socket in ready)
            {
                var connection = _connections[socket];
                if (!connection.Receive(socket)) continue;
                result.Add(Stopwatch.GetElapsedTime(connection.SentAt), connection.IsGood);
                if (isEnding) waiting.Remove(socket);
                else Send(socket, asks[next++ % asks.Count]);
            }
        }

        result.Seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        return result;
    }

    public void Dispose()
    {
        foreach (var socket in _sockets) socket.Dispose();
    }

    private static Socket Connect(Uri address)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(address.Host, address.Port);
        return socket;
    }

    private void Send(Socket socket, Ask ask)
    {
        _connections[socket].Begin(ask);
        socket.Send(ask.Request);
    }

    /// <summary>A request as bytes, and what its answer must hold.</summary>
    internal readonly record struct Ask(byte[] Request, byte[] Expected);

    /// <summary>One connection, and the answer that comes on it.</summary>
    private sealed class Connection
    {
        private readonly byte[] _buffer = new byte[BufferBytes];
        private byte[] _expected = [];
        private int _length;

        public long SentAt { get; private set; }

        /// <summary>Whether the answer that is complete is a good one.</summary>
        public bool IsGood => Answer.StartsWith("HTTP/1.1 200 "u8) && Answer.IndexOf(_expected) >= 0;

        private ReadOnlySpan<byte> Answer => _buffer.AsSpan(0, _length);

        public void Begin(Ask ask)
        {
            _expected = ask.Expected;
            _length = 0;
            SentAt = Stopwatch.GetTimestamp();
        }

        /// <summary>Takes what has come; true where the answer is complete.</summary>
        public bool Receive(Socket socket)
        {
            var received = socket.Receive(_buffer, _length, _buffer.Length - _length, SocketFlags.None);
            if (received == 0) throw new SocketException((int)SocketError.ConnectionReset);
            _length += received;
            var headers = Answer.IndexOf("\r\n\r\n"u8);
            if (headers < 0) return false;
            var body = headers + 4;
            var place = Answer[..headers].IndexOf("\r\nContent-Length: "u8);
            if (place < 0) return Answer[body..].EndsWith("0\r\n\r\n"u8);
            return Utf8Parser.TryParse(Answer[(place + "\r\nContent-Length: ".Length)..], out int length, out _) && _length >= body + length;
        }
    }
}

/// <summary>What came of a load.</summary>
internal sealed class LoadResult
{
    private readonly List<double> _milliseconds = [];

    /// <summary>How long it took.</summary>
    public double Seconds { get; set; }

    /// <summary>Answers that were not good.</summary>
    public long Failed { get; private set; }

    /// <summary>How many answers came.</summary>
    public int Answers => _milliseconds.Count;

    /// <summary>Answers a second.</summary>
    public double Rate => Answers / Seconds;

    /// <summary>The time, in milliseconds, that 99 of 100 answers did not take.</summary>
    public double Percentile99 => Answers == 0 ? 0 : _milliseconds.Order().ElementAt((int)(Answers * 0.99));

    /// <summary>Notes an answer.</summary>
    public void Add(TimeSpan took, bool isGood)
    {
        _milliseconds.Add(took.TotalMilliseconds);
        if (!isGood) Failed++;
    }
}

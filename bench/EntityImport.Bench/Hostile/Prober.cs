using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace EntityImport.Bench.Hostile;

/// <summary>Asks every 20 ms whether the service lives, on a thread and a connection of its own, so that nothing of the attack stands in its way.</summary>
internal sealed class Prober : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(60);

    private readonly Uri _address;
    private readonly Thread _thread;
    private readonly CancellationTokenSource _stopping = new();
    private TimeSpan _longest;

    public Prober(Uri address)
    {
        _address = address;
        _thread = new Thread(Run) { IsBackground = true, Priority = ThreadPriority.Highest };
        _thread.Start();
    }

    /// <summary>Stops asking.</summary>
    /// <returns>How long the slowest answer took; that which never came counts until now.</returns>
    public TimeSpan Stop()
    {
        _stopping.Cancel();
        _thread.Join(AnswerLimit + AnswerLimit);
        return _longest;
    }

    public void Dispose()
    {
        Stop();
        _stopping.Dispose();
    }

    private void Run()
    {
        var request = Encoding.ASCII.GetBytes($"GET /health/live HTTP/1.1\r\nHost: {_address.Authority}\r\n\r\n");
        var answer = new byte[4096];
        Socket? socket = null;
        while (!_stopping.IsCancellationRequested)
        {
            var begun = Stopwatch.GetTimestamp();
            try
            {
                socket ??= Connect();
                socket.Send(request);
                if (socket.Receive(answer) == 0) throw new SocketException((int)SocketError.ConnectionReset);
            }
            catch (SocketException)
            {
                socket?.Dispose();
                socket = null;
            }

            var took = Stopwatch.GetElapsedTime(begun);
            if (took > _longest) _longest = took;
            _stopping.Token.WaitHandle.WaitOne(Interval);
        }

        socket?.Dispose();
    }

    private Socket Connect()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = (int)AnswerLimit.TotalMilliseconds };
        socket.Connect(_address.Host, _address.Port);
        return socket;
    }
}

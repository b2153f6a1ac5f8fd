using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace EntityImport.ObjectStore.Tests;

/// <summary>A way to a server that can be cut: what comes then is refused, or stands still.</summary>
internal sealed class Line : IAsyncDisposable
{
    private readonly IPEndPoint _server;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<TcpClient, int> _open = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _work;
    private volatile bool _isCut;
    private volatile bool _isStill;
    private long _breakAfter = long.MaxValue;
    private (byte[] Text, TaskCompletionSource Said)? _stillOn;
    private volatile byte[]? _loseOn;

    public Line(IPEndPoint server)
    {
        _server = server;
        _listener.Start();
        _work = Task.Run(AcceptAsync);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How many connections were made.</summary>
    public int Connections { get; private set; }

    /// <summary>Ends all connections, and refuses others.</summary>
    public void Cut()
    {
        _isCut = true;
        CloseAll();
    }

    /// <summary>Lets nothing through any more, and says nothing of it.</summary>
    public void Still() => _isStill = true;

    /// <summary>Lets nothing through any more of the next connection whose client says a text, at once, and says nothing of it; the task ends when that is so.</summary>
    public Task StillOnAsync(ReadOnlySpan<byte> text)
    {
        var said = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _stillOn = (text.ToArray(), said);
        return said.Task;
    }

    /// <summary>Lets a text of clients through, and ends the connection in place of the answer to it.</summary>
    public void LoseAnswersTo(ReadOnlySpan<byte> text) => _loseOn = text.ToArray();

    /// <summary>Works again. Only what was cut or stood still has ended connections: who waits with an open one, and has lost no answer on it, goes on with it.</summary>
    public void Mend()
    {
        var isWhole = !_isCut && !_isStill;
        (_isCut, _isStill, _loseOn) = (false, false, null);
        if (!isWhole) CloseAll();
    }

    /// <summary>Ends the next connection that brings so many bytes from the server, once.</summary>
    public void BreakAfter(long bytes) => Interlocked.Exchange(ref _breakAfter, bytes);

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _listener.Stop();
        CloseAll();
        await _work;
        _ending.Dispose();
    }

    private void CloseAll()
    {
        foreach (var client in _open.Keys) client.Close();
    }

    private async Task AcceptAsync()
    {
        while (!_ending.IsCancellationRequested)
        {
            TcpClient client;
            try
            {
                client = await _listener.AcceptTcpClientAsync(_ending.Token);
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }

            Connections++;
            _ = CarryAsync(client);
        }
    }

    private async Task CarryAsync(TcpClient client)
    {
        using var server = new TcpClient();
        _open[client] = 0;
        _open[server] = 0;
        try
        {
            if (_isCut) return;
            await server.ConnectAsync(_server, _ending.Token);
            var (isStill, isLost) = (new StrongBox<bool>(), new StrongBox<bool>());
            await Task.WhenAny(CopyAsync(client, server, answers: false, isStill, isLost), CopyAsync(server, client, answers: true, isStill, isLost));
        }
        catch (Exception exception) when (exception is SocketException or IOException or ObjectDisposedException or OperationCanceledException)
        {
            // That is what a line does.
        }
        finally
        {
            _open.TryRemove(client, out _);
            _open.TryRemove(server, out _);
            client.Close();
        }
    }

    private async Task CopyAsync(TcpClient from, TcpClient to, bool answers, StrongBox<bool> isStill, StrongBox<bool> isLost)
    {
        var buffer = new byte[64 << 10];
        var carried = 0L;
        while (true)
        {
            var read = await from.GetStream().ReadAsync(buffer, _ending.Token);
            if (!answers && _stillOn is { } on && buffer.AsSpan(0, read).IndexOf(on.Text) >= 0) isStill.Value |= on.Said.TrySetResult();
            // Nor that the other end has closed it.
            if (isStill.Value) await Task.Delay(Timeout.Infinite, _ending.Token);
            if (read == 0) return;
            if (!answers && _loseOn is { } lost && buffer.AsSpan(0, read).IndexOf(lost) >= 0) isLost.Value = true;
            if (answers && isLost.Value) return;
            while (_isStill) await Task.Delay(10, _ending.Token);
            if (answers && (carried += read) > Interlocked.Read(ref _breakAfter))
            {
                Interlocked.Exchange(ref _breakAfter, long.MaxValue);
                return;
            }

            await to.GetStream().WriteAsync(buffer.AsMemory(0, read), _ending.Token);
        }
    }
}

using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace EntityImport.Bench.Cluster;

/// <summary>A node's way to a server, which can be cut in one direction or in both, as a network is: nobody is told, and nothing arrives.</summary>
internal sealed class NodeLine : IAsyncDisposable
{
    private readonly IPEndPoint _server;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<TcpClient, bool> _open = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _work;

    /// <param name="server">Where it leads.</param>
    public NodeLine(IPEndPoint server)
    {
        _server = server;
        _listener.Start();
        _work = Task.Run(AcceptAsync);
    }

    /// <summary>Where on loopback it begins.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Whether nothing comes from the node.</summary>
    public bool HoldsRequests { get; set; }

    /// <summary>Whether nothing comes to the node.</summary>
    public bool HoldsAnswers { get; set; }

    /// <summary>Lets everything through again. What was on its way arrives, unless either side has given up on it.</summary>
    public void Mend() => HoldsRequests = HoldsAnswers = false;

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _listener.Stop();
        foreach (var client in _open.Keys) client.Close();
        await _work;
        _ending.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = CarryAsync(await _listener.AcceptTcpClientAsync(_ending.Token));
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // It ends.
        }
    }

    private async Task CarryAsync(TcpClient node)
    {
        using var server = new TcpClient { NoDelay = true };
        using var both = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token);
        node.NoDelay = true;
        _open[node] = true;
        _open[server] = true;
        try
        {
            while (HoldsRequests) await Task.Delay(10, both.Token);
            await server.ConnectAsync(_server, both.Token);
            await Task.WhenAny(CopyAsync(node, server, () => HoldsRequests, both.Token), CopyAsync(server, node, () => HoldsAnswers, both.Token));
        }
        catch (Exception exception) when (exception is SocketException or IOException or ObjectDisposedException or OperationCanceledException)
        {
            // One side has ended it.
        }
        finally
        {
            await both.CancelAsync();
            _open.TryRemove(node, out _);
            _open.TryRemove(server, out _);
            node.Close();
        }
    }

    private static async Task CopyAsync(TcpClient from, TcpClient to, Func<bool> isHeld, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 << 10];
        while (await from.GetStream().ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            while (isHeld()) await Task.Delay(10, cancellationToken);
            await to.GetStream().WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }

        // That one side has ended is news, too, which a cut holds up.
        while (isHeld()) await Task.Delay(10, cancellationToken);
    }
}

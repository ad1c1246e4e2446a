using System.Net;
using System.Net.Sockets;

namespace GridServices.Testing;

/// <summary>
/// A TCP line to a server of the test that does what bad lines do. <see cref="Fault"/> holds for all bytes from now on, those of open connections too.
/// Where a fault needs no root it is made here rather than with iptables or network namespaces.
/// </summary>
public sealed class FaultProxy : IAsyncDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(10);
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _gate = new();
    private readonly HashSet<Socket> _open = [];
    private readonly EndPoint _server;
    private readonly Task _accepting;
    private volatile LineFault _fault = LineFault.None;
    private int _accepted;

    private FaultProxy(EndPoint server)
    {
        _server = server;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens, on the loopback address.</summary>
    public int Port { get; }

    /// <summary>Connections that were made to it so far.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>Callers that are connected now.</summary>
    public int Open
    {
        get
        {
            lock (_gate)
            {
                return _open.Count / 3;
            }
        }
    }

    public LineFault Fault
    {
        get => _fault;
        set => _fault = value;
    }

    /// <summary>In front of a port of this machine.</summary>
    public static FaultProxy To(int port) => new(new IPEndPoint(IPAddress.Loopback, port));

    /// <summary>Resets every open connection.</summary>
    public void Cut()
    {
        lock (_gate)
        {
            foreach (var socket in _open)
            {
                Reset(socket);
            }

            _open.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        Cut();
        await _accepting;
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                var client = await _listener.AcceptSocketAsync(_end.Token);
                Interlocked.Increment(ref _accepted);
                _ = ServeAsync(client);
            }
            catch (Exception ended) when (ended is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(Socket client)
    {
        var (server, second) = (Tcp(), Tcp());
        try
        {
            lock (_gate)
            {
                _open.UnionWith([client, server, second]);
            }

            await WhileSilentAsync();
            if (_fault.Refuses)
            {
                Reset(client);
                return;
            }

            await server.ConnectAsync(_server, _end.Token);
            await Task.WhenAny(AskAsync(client, server, second), AnswerAsync(server, client));
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            return; // either side is gone, and so is the other
        }
        finally
        {
            foreach (var socket in new[] { client, server, second })
            {
                lock (_gate)
                {
                    _open.Remove(socket);
                }

                socket.Dispose();
            }
        }
    }

    private async Task AskAsync(Socket client, Socket server, Socket second)
    {
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await client.ReceiveAsync(buffer, _end.Token)) > 0)
        {
            await WhileSilentAsync();
            if (_fault.Twice)
            {
                if (!second.Connected)
                {
                    await second.ConnectAsync(_server, _end.Token);
                }

                await SendAsync(second, buffer.AsMemory(0, read));
            }

            await SendAsync(server, buffer.AsMemory(0, read));
        }
    }

    private async Task AnswerAsync(Socket server, Socket client)
    {
        var buffer = new byte[16 * 1024];
        var answered = 0L;
        int read;
        while ((read = await server.ReceiveAsync(buffer, _end.Token)) > 0)
        {
            await WhileSilentAsync();
            var fault = _fault;
            await Task.Delay(fault.Latency, _end.Token);
            if (fault.Instead is { } instead)
            {
                await SendAsync(client, instead);
                return;
            }

            if (fault.ResetAfter is { } most && answered + read > most)
            {
                await SendAsync(client, buffer.AsMemory(0, (int)Math.Max(0, most - answered)));
                Reset(client);
                return;
            }

            answered += read;
            await SlowlyAsync(client, buffer.AsMemory(0, read));
        }
    }

    private async Task SlowlyAsync(Socket client, ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            // Looked at for each piece: a slow answer becomes fast, or silent, while it is under way.
            await WhileSilentAsync();
            var piece = Math.Min(bytes.Length, _fault.BytesPerSecond is { } rate ? Math.Max(1, rate / 10) : bytes.Length);
            await SendAsync(client, bytes[..piece]);
            bytes = bytes[piece..];
            if (_fault.BytesPerSecond is { } pace)
            {
                await Task.Delay(TimeSpan.FromSeconds((double)piece / pace), _end.Token);
            }
        }
    }

    private async Task WhileSilentAsync()
    {
        while (_fault.IsSilent)
        {
            await Task.Delay(Look, _end.Token);
        }
    }

    private async Task SendAsync(Socket to, ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[await to.SendAsync(bytes, _end.Token)..];
        }
    }

    private static Socket Tcp() => new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    /// <summary>RST instead of FIN.</summary>
    private static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            return;
        }

        socket.Dispose();
    }
}

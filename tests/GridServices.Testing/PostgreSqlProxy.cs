using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace GridServices.Testing;

/// <summary>A line to the PostgreSQL of the tests that can be cut: the server lives on, as it does when a network fails.</summary>
public sealed class PostgreSqlProxy : IAsyncDisposable
{
    private readonly EndPoint _server;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Lock _gate = new();
    private readonly List<Socket> _open = [];
    private readonly Task _accepting;
    private bool _cut;

    private PostgreSqlProxy(string server)
    {
        var settings = new NpgsqlConnectionStringBuilder(server);
        _server = settings.Host!.StartsWith('/')
            ? new UnixDomainSocketEndPoint($"{settings.Host}/.s.PGSQL.{settings.Port}")
            : new DnsEndPoint(settings.Host, settings.Port);
        _listener.Start();
        settings.Host = "127.0.0.1";
        settings.Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        settings.Timeout = 60;
        ConnectionString = settings.ToString();
        _accepting = AcceptAsync();
    }

    /// <summary>Leads to the server through this line.</summary>
    public string ConnectionString { get; }

    public static PostgreSqlProxy To(TestStore store) => new(store.Options.PostgreSql ?? throw new InvalidOperationException("The place is not on PostgreSQL."));

    /// <summary>Ends every connection and refuses new ones.</summary>
    public void Cut()
    {
        lock (_gate)
        {
            _cut = true;
            _open.ForEach(socket => socket.Dispose());
            _open.Clear();
        }
    }

    public void Restore()
    {
        lock (_gate)
        {
            _cut = false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Cut();
        _listener.Stop();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket client;
            try
            {
                client = await _listener.AcceptSocketAsync();
            }
            catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
            {
                return;
            }

            _ = ServeAsync(client);
        }
    }

    private async Task ServeAsync(Socket client)
    {
        var server = new Socket(_server is UnixDomainSocketEndPoint ? AddressFamily.Unix : AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            if (Admit(client, server))
            {
                await server.ConnectAsync(_server);
                await Task.WhenAny(PumpAsync(client, server), PumpAsync(server, client));
            }
        }
        finally
        {
            client.Dispose();
            server.Dispose();
        }
    }

    private bool Admit(Socket client, Socket server)
    {
        lock (_gate)
        {
            if (!_cut)
            {
                _open.AddRange([client, server]);
            }

            return !_cut;
        }
    }

    private static async Task PumpAsync(Socket from, Socket to)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            int read;
            while ((read = await from.ReceiveAsync(buffer)) > 0)
            {
                for (var sent = 0; sent < read;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, read - sent));
                }
            }
        }
        catch (Exception cut) when (cut is SocketException or ObjectDisposedException)
        {
            return;
        }
    }
}

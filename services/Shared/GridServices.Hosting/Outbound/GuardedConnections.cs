using System.Net;
using System.Net.Sockets;

namespace GridServices.Hosting.Outbound;

/// <summary>
/// Opens connections to addresses that were judged: the name is resolved once, each address is held against the rules, and the connection is made to that very address, so that a name
/// which answers otherwise the second time (DNS rebinding) gains nothing.
/// </summary>
/// <param name="rules">What may be connected to.</param>
/// <param name="resolve">Addresses of a name; null: the machine's resolver.</param>
public sealed class GuardedConnections(AddressRules rules, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null)
{
    /// <summary>A handler that follows no redirect, uses no proxy (which would resolve the name itself) and keeps no cookies.</summary>
    public SocketsHttpHandler CreateHandler(TimeSpan connectTimeout) => new()
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        ConnectTimeout = connectTimeout,
        ConnectCallback = ConnectAsync,
    };

    /// <summary>For <see cref="SocketsHttpHandler.ConnectCallback"/>.</summary>
    /// <exception cref="RefusedAddressException">None of the name's addresses may be connected to.</exception>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(context);
        var host = context.DnsEndPoint.Host;
        var socket = await ConnectAsync(await ResolveAsync(host, ct), context.DnsEndPoint.Port, ct);
        return new NetworkStream(socket, ownsSocket: true);
    }

    /// <summary>The addresses of a host that may be connected to, in the resolver's order.</summary>
    /// <exception cref="RefusedAddressException">None may.</exception>
    public async Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(host);
        var all = IPAddress.TryParse(host.Trim('[', ']'), out var literal) ? [literal] : await (resolve is null ? Dns.GetHostAddressesAsync(host, ct) : resolve(host, ct));
        var judged = all.Select(a => (Address: a, Refusal: rules.FindRefusal(a))).ToList();
        var allowed = judged.Where(a => a.Refusal is null).Select(a => a.Address).ToList();
        return allowed.Count > 0 ? allowed
            : judged.Count > 0 ? throw new RefusedAddressException(host, judged[0].Address, judged[0].Refusal!)
            : throw new SocketException((int)SocketError.HostNotFound);
    }

    private static async Task<Socket> ConnectAsync(IReadOnlyList<IPAddress> addresses, int port, CancellationToken ct)
    {
        for (var i = 0; ; i++)
        {
            var socket = new Socket(addresses[i].AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(addresses[i], port, ct);
                return socket;
            }
            catch (SocketException) when (i < addresses.Count - 1)
            {
                socket.Dispose();
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
    }
}

using System.Net;
using System.Net.Sockets;

namespace GridServices.UtilityClients.Listening;

/// <summary>
/// The connections at a listener, and those among them whose handshake is not done. Strangers may sit there: when hardly a place is left, the one that has sat
/// longest in its handshake has to go, of the network that has most of them, so that whoever means it, and is done within a moment, always finds a place.
/// </summary>
/// <param name="places">Connections beyond which one has to go for each that comes; fewer than the listener takes.</param>
internal sealed class Handshakes(int places)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<Begun> _begun = [];
    private int _open;

    /// <summary>A connection comes.</summary>
    /// <param name="address">Whose it is; null: not known.</param>
    /// <param name="abort">Ends the connection.</param>
    /// <param name="isFull">True where another one had to go for it.</param>
    public LinkedListNode<Begun> Begin(IPAddress? address, Action abort, out bool isFull)
    {
        LinkedListNode<Begun>? oldest = null;
        LinkedListNode<Begun> node;
        lock (_lock)
        {
            _open++;
            if (_open > places && _begun.Count > 0)
            {
                oldest = GetOldest(_begun.GroupBy(b => b.Network).MaxBy(g => g.Count())!.Key);
                _begun.Remove(oldest);
            }

            node = _begun.AddLast(new Begun(GetNetwork(address), abort));
        }

        oldest?.Value.Abort();
        isFull = oldest is not null;
        return node;
    }

    /// <summary>Its handshake is done; more than once is no harm.</summary>
    public void End(LinkedListNode<Begun> begun)
    {
        lock (_lock)
        {
            if (begun.List is not null)
            {
                _begun.Remove(begun);
            }
        }
    }

    /// <summary>The connection is over; once for each that came.</summary>
    public void Close(LinkedListNode<Begun> begun)
    {
        End(begun);
        lock (_lock)
        {
            _open--;
        }
    }

    private LinkedListNode<Begun> GetOldest(string network)
    {
        var node = _begun.First!;
        while (node.Value.Network != network)
        {
            node = node.Next!;
        }

        return node;
    }

    // Of IPv6 whoever has one address has the whole /64.
    private static string GetNetwork(IPAddress? address) => address switch
    {
        null => string.Empty,
        { IsIPv4MappedToIPv6: true } => address.MapToIPv4().ToString(),
        { AddressFamily: AddressFamily.InterNetworkV6 } => Convert.ToHexString(address.GetAddressBytes(), 0, 8),
        _ => address.ToString(),
    };

    /// <param name="Network">Whose it is.</param>
    /// <param name="Abort">Ends the connection.</param>
    internal sealed record Begun(string Network, Action Abort);
}

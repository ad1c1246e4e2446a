using System.Net;

namespace GridServices.UtilityClients.Listening;

/// <summary>
/// The connections at a listener whose handshake is not done. Strangers may sit there: when all their places are taken, or all of one network, the one
/// that has sat longest has to go, so that whoever means it, and is done within a moment, always finds one.
/// </summary>
/// <param name="most">At once, of all addresses.</param>
/// <param name="mostPerNetwork">At once, of one address, or of one /64 network of IPv6, of which whoever has one address has them all.</param>
internal sealed class Handshakes(int most, int mostPerNetwork)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<Begun> _begun = [];

    /// <summary>One more begins.</summary>
    /// <param name="address">Whose it is; null: not known.</param>
    /// <param name="abort">Ends the connection.</param>
    /// <param name="isFull">True where another one had to go for it.</param>
    public LinkedListNode<Begun> Begin(IPAddress? address, Action abort, out bool isFull)
    {
        var network = NetworkOf(address);
        LinkedListNode<Begun>? oldest = null;
        LinkedListNode<Begun> node;
        lock (_lock)
        {
            if (_begun.Count(b => b.Network == network) >= mostPerNetwork)
            {
                oldest = OldestOf(network);
            }
            else if (_begun.Count >= most)
            {
                // Whoever has the most of them is who crowds.
                oldest = OldestOf(_begun.GroupBy(b => b.Network).MaxBy(g => g.Count())!.Key);
            }

            if (oldest is not null)
            {
                _begun.Remove(oldest);
            }

            node = _begun.AddLast(new Begun(network, abort));
        }

        oldest?.Value.Abort();
        isFull = oldest is not null;
        return node;
    }

    /// <summary>It is done, or over; more than once is no harm.</summary>
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

    private LinkedListNode<Begun> OldestOf(string network)
    {
        var node = _begun.First!;
        while (node.Value.Network != network)
        {
            node = node.Next!;
        }

        return node;
    }

    private static string NetworkOf(IPAddress? address) => address switch
    {
        null => string.Empty,
        { IsIPv4MappedToIPv6: true } => address.MapToIPv4().ToString(),
        { AddressFamily: System.Net.Sockets.AddressFamily.InterNetworkV6 } => Convert.ToHexString(address.GetAddressBytes(), 0, 8),
        _ => address.ToString(),
    };

    /// <param name="Network">Whose it is.</param>
    /// <param name="Abort">Ends the connection.</param>
    internal sealed record Begun(string Network, Action Abort);
}

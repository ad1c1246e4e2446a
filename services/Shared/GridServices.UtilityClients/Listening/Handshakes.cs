using System.Net;

namespace GridServices.UtilityClients.Listening;

/// <summary>
/// The connections at a listener whose handshake is not done. Strangers may sit there: when all their places are taken, or all of one address, the one
/// that has sat longest has to go, so that whoever means it, and is done within a moment, always finds one.
/// </summary>
/// <param name="most">At once, of all addresses.</param>
/// <param name="mostPerAddress">At once, of one address.</param>
internal sealed class Handshakes(int most, int mostPerAddress)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<Begun> _begun = [];

    /// <summary>One more begins.</summary>
    /// <param name="address">Whose it is; null: not known.</param>
    /// <param name="abort">Ends the connection.</param>
    /// <param name="isFull">True where another one had to go for it.</param>
    public LinkedListNode<Begun> Begin(IPAddress? address, Action abort, out bool isFull)
    {
        LinkedListNode<Begun>? oldest = null;
        LinkedListNode<Begun> node;
        lock (_lock)
        {
            if (_begun.Count(b => Equals(b.Address, address)) >= mostPerAddress)
            {
                oldest = _begun.First;
                while (!Equals(oldest!.Value.Address, address))
                {
                    oldest = oldest.Next;
                }
            }
            else if (_begun.Count >= most)
            {
                oldest = _begun.First;
            }

            if (oldest is not null)
            {
                _begun.Remove(oldest);
            }

            node = _begun.AddLast(new Begun(address, abort));
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

    /// <param name="Address">Whose it is.</param>
    /// <param name="Abort">Ends the connection.</param>
    internal sealed record Begun(IPAddress? Address, Action Abort);
}

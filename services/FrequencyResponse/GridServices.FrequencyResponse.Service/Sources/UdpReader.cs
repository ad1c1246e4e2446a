using System.Net;
using System.Net.Sockets;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Frames;
using GridServices.FrequencyResponse.Service.Registry;

namespace GridServices.FrequencyResponse.Service.Sources;

/// <summary>Our UDP sample frames, by blocking receive; the socket's buffer is the only queue, and of a backlog only the newest is acted on.</summary>
internal sealed class UdpReader : SourceReader
{
    /// <summary>A backlog is judged sample by sample, but every so many one is acted on all the same.</summary>
    private const int MostSkipped = 64;
    private readonly Socket _socket;
    private readonly byte[][] _peers;
    private readonly ushort _number;

    /// <exception cref="SocketException">The port can't be had.</exception>
    public UdpReader(EntryId id, SourceSettings settings, SourceDependencies dependencies)
        : base(id, settings, dependencies)
    {
        var listen = settings.Udp!;
        var at = new IPEndPoint(IPAddress.Parse(listen.Host), listen.Port);
        _number = (ushort)listen.Number;
        _peers = [.. listen.Peers.Select(p => IPAddress.Parse(p).GetAddressBytes())];
        _socket = new Socket(at.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 1 << 18 };
        _socket.Bind(at);
        Endpoint = _socket.LocalEndPoint?.ToString();
    }

    public override string? Endpoint { get; }

    protected override void Unblock() => _socket.Dispose();

    protected override void Receive()
    {
        var buffer = new byte[2_048];
        var from = new SocketAddress(_socket.AddressFamily);
        var skipped = 0;
        while (!IsStopping)
        {
            try
            {
                var length = _socket.ReceiveFrom(buffer, SocketFlags.None, from);
                var received = Clock.Nanos;
                var more = _socket.Available > 0 && skipped < MostSkipped;
                skipped = more ? skipped + 1 : 0;
                Handle(buffer.AsSpan(0, length), from, received, more);
            }
            catch (ObjectDisposedException)
            {
                return;
            }
            catch (SocketException e)
            {
                if (IsStopping)
                {
                    return;
                }

                Problem(SafeText.Line(e.Message));
                Pause(100);
            }
        }
    }

    private void Handle(ReadOnlySpan<byte> datagram, SocketAddress from, long received, bool more)
    {
        if (_peers.Length > 0 && !IsPeer(from))
        {
            RefuseForeign();
        }
        else if (UdpSampleFrame.TryRead(datagram, out var frame) != FrameFault.None)
        {
            Refuse();
        }
        else if (frame.Source != _number)
        {
            RefuseForeign();
        }
        else
        {
            Problem(null);
            Deliver(frame.ToSample(received, 0), more);
        }
    }

    /// <summary>sockaddr_in and sockaddr_in6 have the address at 4 and at 8.</summary>
    private bool IsPeer(SocketAddress from)
    {
        var bytes = from.Buffer.Span;
        for (var i = 0; i < _peers.Length; i++)
        {
            var peer = _peers[i];
            var at = peer.Length == 4 ? 4 : 8;
            if (bytes.Length >= at + peer.Length && bytes.Slice(at, peer.Length).SequenceEqual(peer))
            {
                return true;
            }
        }

        return false;
    }
}

using System.Net;
using System.Net.Sockets;
using GridServices.FrequencyResponse.Frames;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.Hosting.Configuration;

namespace GridServices.FrequencyResponse.Service.Setpoints;

/// <summary>Sends a pool's set-points as datagrams, one run of assets per route. Everything is made beforehand; sending allocates nothing.</summary>
internal sealed class SetpointSender : IDisposable
{
    private readonly List<Channel> _channels = [];
    /// <summary>As many whole datagrams as one call hands to the kernel at most: 64 KiB.</summary>
    private readonly byte[] _buffer = new byte[UdpSetpointFrame.MaxSize * (65_507 / UdpSetpointFrame.MaxSize)];
    private readonly uint[] _numbers;
    private readonly uint _validForMs;
    private uint _sequence;
    private long _unsent;

    /// <summary>Datagrams that the system did not take.</summary>
    public long Lost => Volatile.Read(ref _unsent);

    /// <param name="assets">In order of their routes.</param>
    /// <param name="validForMs">A device that hears nothing for so long goes by its own default.</param>
    public SetpointSender(IReadOnlyList<PoolAsset> assets, uint validForMs)
    {
        _validForMs = validForMs;
        _numbers = [.. assets.Select(a => (uint)(a.Settings.Setpoint?.Number ?? 0))];
        for (var from = 0; from < assets.Count;)
        {
            var until = from + 1;
            while (until < assets.Count && Equals(assets[until].Route, assets[from].Route))
            {
                until++;
            }

            if (assets[from].Route is { } route)
            {
                _channels.Add(new Channel(route, from, until - from));
            }

            from = until;
        }
    }

    /// <param name="injectionW">By asset, W, + = injection.</param>
    /// <param name="lease">The writer's token.</param>
    /// <param name="unixNanos">Wall clock.</param>
    /// <param name="marks">Beside the powers.</param>
    public void Send(ReadOnlySpan<int> injectionW, long lease, long unixNanos, SetpointMarks marks)
    {
        for (var c = 0; c < _channels.Count; c++)
        {
            var channel = _channels[c];
            var bytes = 0;
            for (var done = 0; done < channel.Count; done += UdpSetpointFrame.MaxCount)
            {
                var first = channel.First + done;
                var count = Math.Min(UdpSetpointFrame.MaxCount, channel.Count - done);
                _sequence = unchecked(_sequence + 1);
                bytes += new UdpSetpointFrame(_sequence, marks, _validForMs, lease, unixNanos, count)
                    .Write(_buffer.AsSpan(bytes), _numbers.AsSpan(first, count), injectionW.Slice(first, count));
                if (done + count == channel.Count || bytes + UdpSetpointFrame.MaxSize > _buffer.Length)
                {
                    Unsent(channel.Send(_buffer.AsSpan(0, bytes)));
                    bytes = 0;
                }
            }
        }
    }

    public void Dispose()
    {
        foreach (var channel in _channels)
        {
            channel.Socket.Dispose();
        }
    }

    private void Unsent(int datagrams) => Volatile.Write(ref _unsent, _unsent + datagrams);

    /// <summary>The assets of one route, and the socket to it.</summary>
    private sealed class Channel
    {
        // linux/udp.h: the kernel cuts one buffer into datagrams of this size, the last may be shorter.
        private const int SolUdp = 17;
        private const int UdpSegment = 103;
        private bool _segments;

        public Channel(IPEndPoint route, int first, int count)
        {
            (First, Count) = (first, count);
            Socket = new Socket(route.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { Blocking = false, SendBufferSize = 1 << 20 };
            Socket.Connect(route);
            _segments = count > UdpSetpointFrame.MaxCount && TrySegment();
        }

        public int First { get; }

        public int Count { get; }

        public Socket Socket { get; }

        /// <summary>Sends whole datagrams that lie one behind the other.</summary>
        /// <returns>How many the system did not take: no route, no buffer.</returns>
        public int Send(ReadOnlySpan<byte> datagrams)
        {
            if (_segments)
            {
                Socket.Send(datagrams, SocketFlags.None, out var error);
                if (IsSent(error))
                {
                    return 0;
                }

                // The way to this route can't cut; one by one from now on.
                _segments = false;
                Socket.SetRawSocketOption(SolUdp, UdpSegment, BitConverter.GetBytes(0));
            }

            var lost = 0;
            while (datagrams.Length > 0)
            {
                var one = datagrams[..Math.Min(UdpSetpointFrame.MaxSize, datagrams.Length)];
                Socket.Send(one, SocketFlags.None, out var error);
                lost += IsSent(error) ? 0 : 1;
                datagrams = datagrams[one.Length..];
            }

            return lost;
        }

        /// <summary>Refused = the last one found nobody there; this one went out all the same.</summary>
        private static bool IsSent(SocketError error) => error is SocketError.Success or SocketError.ConnectionRefused;

        private bool TrySegment()
        {
            if (!OperatingSystem.IsLinux())
            {
                return false;
            }

            try
            {
                Socket.SetRawSocketOption(SolUdp, UdpSegment, BitConverter.GetBytes(UdpSetpointFrame.MaxSize));
                return true;
            }
            catch (SocketException)
            {
                // An older kernel.
                return false;
            }
        }
    }
}

/// <summary>What set-points say of themselves.</summary>
internal sealed record SetpointOptions : ISettings
{
    public static string Section => "Setpoints";

    /// <summary>Without a newer datagram for so many milliseconds a device goes by its own default.</summary>
    public int ValidForMs { get; init; } = 5_000;

    public IEnumerable<string> Validate() => Bounds.Within("Setpoints:ValidForMs", ValidForMs, 100, 600_000);
}

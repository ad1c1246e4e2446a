using System.Net;
using System.Net.Sockets;
using GridServices.FrequencyResponse.Frames;
using GridServices.FrequencyResponse.Service.Pools;

namespace GridServices.FrequencyResponse.Service.Setpoints;

/// <summary>Sends a pool's set-points as datagrams, one run of assets per route. Everything is made beforehand; sending allocates nothing.</summary>
internal sealed class SetpointSender : IDisposable
{
    private readonly List<Channel> _channels = [];
    private readonly byte[] _buffer = new byte[UdpSetpointFrame.MaxSize];
    private readonly uint[] _numbers;
    private readonly uint _validForMs;
    private uint _sequence;
    private long _unsent;

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

    /// <summary>Datagrams that the system did not take: no route, no buffer.</summary>
    public long Unsent => Volatile.Read(ref _unsent);

    /// <param name="injectionW">By asset, W, + = injection.</param>
    /// <param name="lease">The writer's token.</param>
    /// <param name="unixNanos">Wall clock.</param>
    /// <param name="marks">Beside the powers.</param>
    public void Send(ReadOnlySpan<int> injectionW, long lease, long unixNanos, SetpointMarks marks)
    {
        for (var c = 0; c < _channels.Count; c++)
        {
            var channel = _channels[c];
            for (var done = 0; done < channel.Count; done += UdpSetpointFrame.MaxCount)
            {
                var first = channel.First + done;
                var count = Math.Min(UdpSetpointFrame.MaxCount, channel.Count - done);
                _sequence = unchecked(_sequence + 1);
                var bytes = new UdpSetpointFrame(_sequence, marks, _validForMs, lease, unixNanos, count)
                    .Write(_buffer, _numbers.AsSpan(first, count), injectionW.Slice(first, count));
                channel.Socket.Send(_buffer.AsSpan(0, bytes), SocketFlags.None, out var error);

                // Refused = the last one found nobody there; this one went out all the same.
                if (error is not (SocketError.Success or SocketError.ConnectionRefused))
                {
                    Volatile.Write(ref _unsent, _unsent + 1);
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

    private sealed class Channel
    {
        public Channel(IPEndPoint route, int first, int count)
        {
            (First, Count) = (first, count);
            Socket = new Socket(route.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { Blocking = false, SendBufferSize = 1 << 20 };
            Socket.Connect(route);
        }

        public int First { get; }

        public int Count { get; }

        public Socket Socket { get; }
    }
}

/// <summary><c>Setpoints:ValidForMs</c>: without a newer datagram for so long a device goes by its own default.</summary>
internal sealed record SetpointOptions(int ValidForMs)
{
    public static SetpointOptions From(IConfiguration configuration) => new(Math.Clamp(configuration.GetValue("Setpoints:ValidForMs", 5_000), 100, 600_000));
}

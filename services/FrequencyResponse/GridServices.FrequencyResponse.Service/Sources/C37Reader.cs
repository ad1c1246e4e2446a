using System.Net;
using System.Net.Sockets;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Frames;
using GridServices.FrequencyResponse.Service.Registry;

namespace GridServices.FrequencyResponse.Service.Sources;

/// <summary>
/// A PMU's or PDC's stream: asks for the configuration, starts the data, takes the frequency of one unit out of every frame.
/// A stream that falls silent is opened anew.
/// </summary>
internal sealed class C37Reader(EntryId id, SourceSettings settings, SourceDependencies dependencies) : SourceReader(id, settings, dependencies)
{
    private const int SilenceMs = 2_000;
    private const int RetryMs = 500;
    private const long TellEveryNanos = 60_000_000_000;
    private readonly C37Settings _stream = settings.C37!;
    private readonly byte[] _buffer = new byte[C37Frames.MaxSize];
    private volatile Socket? _socket;
    private C37Configuration? _configuration;
    private C37Stream _frames = new(C37Frames.MaxSize);
    private long _damagedFrames;
    private long _toldNanos;
    private int _unit;

    public override string Endpoint => $"{_stream.Host}:{_stream.Port}";

    protected override void Unblock() => _socket?.Dispose();

    protected override void Receive()
    {
        do
        {
            try
            {
                using var socket = Open();
                _socket = socket;
                Follow(socket);
            }
            catch (ObjectDisposedException)
            {
                return;
            }
            catch (SocketException e)
            {
                Problem($"{Endpoint}: {SafeText.Line(e.Message)}");
            }
        }
        while (Pause(RetryMs));
    }

    private Socket Open()
    {
        if (_stream.Transport == C37Transport.Tcp)
        {
            return TcpConnector.Connect(_stream.Host, _stream.Port, SilenceMs);
        }

        var socket = new Socket(SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.IPv6Any, _stream.LocalPort));

        // Connected: the kernel drops what comes from anybody else.
        return TcpConnector.Connect(socket, _stream.Host, _stream.Port, SilenceMs);
    }

    private void Follow(Socket socket)
    {
        _configuration = null;
        Command(socket, C37Command.StopData);
        Command(socket, C37Command.SendConfiguration2);
        _frames = new C37Stream(C37Frames.MaxSize);
        var (damaged, begun) = (0L, Clock.Nanos);
        while (!IsStopping)
        {
            var length = socket.Receive(_buffer, SocketFlags.None);
            var received = Clock.Nanos;
            if (length == 0)
            {
                throw new SocketException((int)SocketError.ConnectionReset);
            }

            // UDP: one datagram is one frame; nothing of it waits for the next one.
            if (_stream.Transport == C37Transport.Udp)
            {
                Datagram(socket, _buffer.AsSpan(0, length), received);
                continue;
            }

            // A frame that does not become whole while the source grows stale never was one.
            if (_frames.Waiting == 0)
            {
                begun = received;
            }
            else if (received - begun > LongestPartNanos)
            {
                _frames.Resync();
                begun = received;
            }

            for (ReadOnlySpan<byte> rest = _buffer.AsSpan(0, length); rest.Length > 0;)
            {
                rest = rest[_frames.Add(rest)..];
                while (_frames.TryNext(out var frame))
                {
                    begun = received;
                    Handle(socket, frame, received);
                }
            }

            for (; damaged < _frames.Damaged; damaged++)
            {
                Damage();
            }
        }
    }

    private long LongestPartNanos => Math.Clamp(2 * Settings.Period.ToInt64Nanoseconds(), 50_000_000, 1_000_000_000);

    private void Datagram(Socket socket, ReadOnlySpan<byte> frame, long received)
    {
        if (C37Frames.Check(frame, out _) == FrameFault.None)
        {
            Handle(socket, frame, received);
        }
        else
        {
            Damage();
        }
    }

    /// <summary>Counted always, told once a minute.</summary>
    private void Damage()
    {
        Refuse();
        _damagedFrames++;
        if (_toldNanos == 0 || Clock.Nanos - _toldNanos > TellEveryNanos)
        {
            _toldNanos = Clock.Nanos;
            Report($"{Endpoint}: {_damagedFrames} damaged frames so far (size or checksum); they are dropped");
        }
    }

    private void Handle(Socket socket, ReadOnlySpan<byte> frame, long received)
    {
        if (C37Frames.Check(frame, out var kind) == FrameFault.None && kind == C37Kind.Data)
        {
            Data(socket, frame, received);
        }
        else if (kind == C37Kind.Configuration2 && Configure(frame))
        {
            Command(socket, C37Command.StartData);
        }
    }

    private void Data(Socket socket, ReadOnlySpan<byte> frame, long received)
    {
        if (_configuration is null)
        {
            return;
        }

        if (C37Frames.TryReadData(frame, _configuration, _unit, out var sample) != FrameFault.None)
        {
            Refuse();
            return;
        }

        Problem(null);
        Deliver(sample.ToSample(received, 0, (double)Settings.NominalVolts), socket.Available > 0);
        if (sample.ConfigurationChanged)
        {
            Command(socket, C37Command.SendConfiguration2);
        }
    }

    private bool Configure(ReadOnlySpan<byte> frame)
    {
        if (C37Frames.TryReadConfiguration(frame, out var read) != FrameFault.None || read is null)
        {
            Refuse();
            return false;
        }

        if (read.IdCode != _stream.IdCode)
        {
            RefuseForeign();
            return false;
        }

        for (var unit = 0; unit < read.Units.Count; unit++)
        {
            if (_stream.PmuIdCode is null || read.Units[unit].IdCode == _stream.PmuIdCode)
            {
                (_configuration, _unit) = (read, unit);
                _frames.Expect(read);
                return true;
            }
        }

        Problem($"the stream has no PMU {_stream.PmuIdCode}; it has {string.Join(", ", read.Units.Select(u => u.IdCode))}");
        return false;
    }

    private void Command(Socket socket, C37Command command)
    {
        Span<byte> frame = stackalloc byte[18];
        socket.Send(frame[..C37Frames.WriteCommand(frame, (ushort)_stream.IdCode, command, 0)], SocketFlags.None);
    }
}

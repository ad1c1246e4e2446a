using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace GridServices.Benchmarks.HubLoad;

/// <summary>
/// A subscriber on a bare socket: as little work per event as possible, because it shares the machine with what it measures.
/// It looks for <c>id:</c> lines, and takes the latency from the limit, which carries the microsecond the event was due to be sent.
/// </summary>
internal sealed class SseSocket(string site) : IDisposable
{
    private static readonly byte[] IdLine = "\nid: "u8.ToArray();
    private static readonly byte[] Limit = "\"importLimitW\":"u8.ToArray();
    private readonly byte[] _buffer = new byte[8192];
    private Socket? _socket;
    private int _held;

    /// <summary>The cursor of the last event; empty before the first.</summary>
    public string Cursor { get; private set; } = string.Empty;

    public long Sequence { get; private set; }

    /// <summary>Raised with the latency in microseconds of each event.</summary>
    public Action<long>? Received { get; set; }

    public static long NowMicroseconds => Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000);

    public async Task ConnectAsync(IPEndPoint hub)
    {
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await _socket.ConnectAsync(hub);
        var resume = Cursor.Length == 0 ? string.Empty : $"Last-Event-ID: {Cursor}\r\n";
        await _socket.SendAsync(Encoding.ASCII.GetBytes(
            $"GET /v1/sites/{site}/stream HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {HubProcess.Token}\r\n{resume}\r\n"));
        _held = 0;
        _ = ReadAsync(_socket);
    }

    public void Drop() => _socket?.Dispose();

    public void Dispose() => Drop();

    private async Task ReadAsync(Socket socket)
    {
        try
        {
            while (await socket.ReceiveAsync(_buffer.AsMemory(_held)) is > 0 and var read)
            {
                _held += read;
                Take();
            }
        }
        catch (Exception dropped) when (dropped is SocketException or ObjectDisposedException)
        {
            // Dropped by the scenario.
        }
    }

    // A frame begins with its id line; whole frames only, what is left waits for the rest.
    private void Take()
    {
        var data = _buffer.AsSpan(0, _held);
        while (data.IndexOf(IdLine) is >= 0 and var at)
        {
            var frame = data[(at + IdLine.Length)..];
            var end = frame.IndexOf("\n\n"u8);
            if (end < 0)
            {
                Keep(data[at..]);
                return;
            }

            Frame(frame[..end]);
            data = frame[end..];
        }

        Keep(data.Length > IdLine.Length ? data[^IdLine.Length..] : data);
    }

    private void Keep(ReadOnlySpan<byte> rest)
    {
        rest.CopyTo(_buffer);
        _held = rest.Length;
    }

    private void Frame(ReadOnlySpan<byte> frame)
    {
        Cursor = Encoding.ASCII.GetString(frame[..frame.IndexOf((byte)'\n')]).Trim();
        var sequence = long.Parse(Cursor.AsSpan(Cursor.LastIndexOf('.') + 1));
        var isNew = sequence > Sequence;
        Sequence = Math.Max(Sequence, sequence);
        var limit = frame.IndexOf(Limit);
        if (isNew && limit >= 0 && System.Buffers.Text.Utf8Parser.TryParse(frame[(limit + Limit.Length)..], out long sent, out _))
        {
            Received?.Invoke(NowMicroseconds - sent);
        }
    }
}

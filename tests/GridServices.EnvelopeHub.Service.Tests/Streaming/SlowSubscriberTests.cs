using System.Net;
using System.Net.Sockets;
using System.Text;
using GridServices.Hosting.Storage;
using GridServices.Testing;

namespace GridServices.EnvelopeHub.Tests.Streaming;

// reliability F21
public sealed class SlowSubscriberTests
{
    [Fact]
    public async Task A_subscriber_that_reads_nothing_slows_nobody_and_catches_up_without_a_gap_once_it_reads()
    {
        const int events = 300;
        await using var hub = await HubUnderTest.StartAsync(Dialect.Sqlite, "--EnvelopeHub:ReplayEvents=8", "--EnvelopeHub:DrainTimeout=01:00:00");
        using var slow = await StuckAsync(hub);
        await using var fast = await hub.SubscribeAsync();
        await fast.NextAsync("snapshot");

        for (var revision = 1; revision <= events; revision++)
        {
            await hub.PublishAsync(Big(revision));
            Assert.Equal(revision, (await fast.NextAsync("envelope")).Sequence);
        }

        // Each came while the slow one was stuck.
        Assert.Equal(Enumerable.Range(1, events).Select(n => (long)n), Sequences(slow, events));
    }

    [Fact]
    public async Task A_subscriber_that_never_drains_is_closed()
    {
        await using var hub = await HubUnderTest.StartAsync(Dialect.Sqlite, "--EnvelopeHub:ReplayEvents=8", "--EnvelopeHub:DrainTimeout=00:00:01");
        using var slow = await StuckAsync(hub);
        for (var revision = 1; revision <= 300; revision++)
        {
            await hub.PublishAsync(Big(revision));
        }

        using var client = hub.App.Client();
        await Until.HoldsAsync(() => client.GetStringAsync("/metrics"), shown => shown.Contains("\nhub_subscribers_closed_total 1\n", StringComparison.Ordinal));
        Assert.True(Sequences(slow, 300).Count < 300, "it was not closed");
    }

    // About 20 kB: a few hundred fill every buffer between the hub and a socket that nobody reads.
    private static byte[] Big(long revision)
    {
        var envelope = Encoding.UTF8.GetString(Some.Envelope(revision: revision));
        return Encoding.UTF8.GetBytes(envelope.Replace("\"provenance\":{", $"\"provenance\":{{\"program\":\"{new string('x', 200)}\",", StringComparison.Ordinal)
            .Replace("\"segments\":[", $"\"segments\":[{Segments()}", StringComparison.Ordinal));
    }

    private static string Segments() => string.Concat(Enumerable.Range(0, 200).Select(n =>
        $$$"""{"from":"2019-01-01T{{{n / 60:00}}}:{{{n % 60:00}}}:00Z","until":"2019-01-01T{{{n / 60:00}}}:{{{n % 60:00}}}:30Z","limits":{"importLimitW":{{{n}}}}},"""));

    private static async Task<Socket> StuckAsync(HubUnderTest hub)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, hub.App.Address.Port));
        await socket.SendAsync(Encoding.ASCII.GetBytes(
            $"GET /v1/sites/site-1/stream HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {hub.Tokens.Controller}\r\n\r\n"));
        var buffer = new byte[512];
        await socket.ReceiveAsync(buffer);
        return socket;
    }

    private static List<long> Sequences(Socket socket, int until)
    {
        socket.ReceiveTimeout = (int)Until.Ceiling.TotalMilliseconds;
        var (seen, rest, buffer) = (new List<long>(), string.Empty, new byte[65536]);
        try
        {
            while (seen.Count < until && socket.Receive(buffer) is > 0 and var read)
            {
                // Chunk headers may stand between lines, never inside an id: the hub writes whole frames.
                rest += Encoding.UTF8.GetString(buffer, 0, read);
                var lines = rest.Split('\n');
                rest = lines[^1];
                seen.AddRange(lines[..^1].Where(line => line.StartsWith("id: ", StringComparison.Ordinal)).Select(line => long.Parse(line[(line.LastIndexOf('.') + 1)..].Trim()))
                    .Where(sequence => sequence > 0));
            }
        }
        catch (SocketException)
        {
            // Closed by the hub.
        }

        return seen;
    }
}

using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using GridServices.Hosting.Auth;
using GridServices.Ieee2030Dot5.Service.Tests.Rig;

namespace GridServices.Ieee2030Dot5.Service.Tests.ServiceDiscovery;

/// <summary>A DNS server on this machine, and the service that asks it.</summary>
public sealed class ServerFinderTests
{
    private const string Servers = "/v1/servers?domain=utility.example";

    [Fact]
    public async Task Servers_are_found_by_unicast_DNS_whatever_else_answers()
    {
        using var dns = new FakeDns(new Dictionary<(string, int), byte[]>
        {
            [("_smartenergy._tcp.utility.example", 12)] = Name("device-1", "_smartenergy", "_tcp", "utility", "example"),
            [("device-1._smartenergy._tcp.utility.example", 33)] = [0, 0, 0, 0, 0, 80, .. Name("gateway", "utility", "example")],
            [("device-1._smartenergy._tcp.utility.example", 16)] = [.. Text("txtvers=1"), .. Text("dcap=/dcap"), .. Text("https=8443"), .. Text("level=-S1")],
            [("gateway.utility.example", 1)] = [192, 0, 2, 7],
            [("edev-167261211391._sub._smartenergy._tcp.utility.example", 12)] = Name("device-1", "_smartenergy", "_tcp", "utility", "example"),
        });
        await using var rig = await ServiceRig.StartAsync(arguments: [$"--ServiceDiscovery:Resolver=127.0.0.1:{dns.Port}", "--ServiceDiscovery:WaitMilliseconds=10000"]);
        foreach (var path in new[] { Servers, Servers + "&sfdi=167261211391", Servers + "&sfdi=167-261-211-391" })
        {
            var found = await rig.GetAsync(path);
            var server = Assert.Single(found["servers"]!.AsArray())!;
            Assert.Equal("https://gateway.utility.example:8443/dcap", server["serverUrl"]!.GetValue<string>());
            Assert.Equal("192.0.2.7", Assert.Single(server["addresses"]!.AsArray())!.GetValue<string>());
            Assert.Equal(("device-1", "-S1"), (server["instance"]!.GetValue<string>(), server["level"]!.GetValue<string>()));
            Assert.Empty(found["leftOut"]!.AsArray());
        }

        // Where there is no such service nothing is found, and that is no fault.
        Assert.Empty((await rig.GetAsync("/v1/servers?domain=elsewhere.example"))["servers"]!.AsArray());
        foreach (var (path, pointer) in new[] { ("/v1/servers?domain=a..b", "domain"), ("/v1/servers?domain=" + new string('a', 201), "domain"), (Servers + "&sfdi=1", "sfdi") })
        {
            var (status, problem) = await rig.SendAsync(HttpMethod.Get, path);
            Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
            Assert.Contains(pointer, problem!.ToJsonString(), StringComparison.Ordinal);
        }

        var viewer = await rig.Service.AddTokenAsync("viewer", Role.Viewer);
        Assert.Equal(HttpStatusCode.Forbidden, (await rig.SendAsync(HttpMethod.Get, Servers, token: viewer)).Status);
    }

    private static byte[] Name(params string[] labels) => [.. labels.SelectMany(Text), 0];

    private static byte[] Text(string text) => [(byte)text.Length, .. Encoding.UTF8.GetBytes(text)];

    /// <summary>Answers each question from a zone, and before it with what is none of it.</summary>
    private sealed class FakeDns : IDisposable
    {
        private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        private readonly Dictionary<(string Name, int Kind), byte[]> _zone;

        public FakeDns(Dictionary<(string Name, int Kind), byte[]> zone)
        {
            _zone = zone;
            _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            Port = ((IPEndPoint)_socket.LocalEndPoint!).Port;
            _ = Task.Run(ServeAsync);
        }

        public int Port { get; }

        public void Dispose() => _socket.Dispose();

        private async Task ServeAsync()
        {
            var buffer = new byte[1500];
            try
            {
                while (true)
                {
                    var asked = await _socket.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0));
                    var query = buffer.AsSpan(0, asked.ReceivedBytes).ToArray();
                    var (name, end) = NameIn(query);
                    var kind = BinaryPrimitives.ReadUInt16BigEndian(query.AsSpan(end));
                    byte[] question = query[12..(end + 4)];

                    // Garbage, and an answer to somebody else's question, come first.
                    await _socket.SendToAsync(new byte[] { 1, 2, 3 }, asked.RemoteEndPoint);
                    await _socket.SendToAsync(Answer((ushort)(BinaryPrimitives.ReadUInt16BigEndian(query) ^ 0xFFFF), question, kind, [192, 0, 2, 66]), asked.RemoteEndPoint);
                    await _socket.SendToAsync(Answer(BinaryPrimitives.ReadUInt16BigEndian(query), question, kind, _zone.GetValueOrDefault((name, kind))), asked.RemoteEndPoint);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }

        private static byte[] Answer(ushort id, byte[] question, int kind, byte[]? content)
        {
            byte[] head = [(byte)(id >> 8), (byte)(id & 0xFF), 0x84, (byte)(content is null ? 3 : 0), 0, 1, 0, (byte)(content is null ? 0 : 1), 0, 0, 0, 0];
            return content is null ? [.. head, .. question] : [.. head, .. question, 0xC0, 12, 0, (byte)kind, 0, 1, 0, 0, 0, 120, (byte)(content.Length >> 8), (byte)(content.Length & 0xFF), .. content];
        }

        private static (string Name, int End) NameIn(byte[] query)
        {
            var (labels, at) = (new List<string>(), 12);
            while (query[at] > 0)
            {
                labels.Add(Encoding.ASCII.GetString(query, at + 1, query[at]));
                at += query[at] + 1;
            }

            return (string.Join('.', labels), at + 1);
        }
    }
}

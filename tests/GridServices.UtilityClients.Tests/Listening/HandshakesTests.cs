using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GridServices.Client.Access;
using GridServices.UtilityClients.Listening;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging.Abstractions;

namespace GridServices.UtilityClients.Tests.Listening;

/// <summary>Whoever connects and says nothing keeps no one out.</summary>
public sealed class HandshakesTests
{
    private static readonly IPAddress Silent = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress Utility = IPAddress.Parse("198.51.100.1");

    [Fact]
    public void Nobody_has_to_go_while_there_are_places()
    {
        var (handshakes, gone) = (new Handshakes(places: 4), 0);
        for (var i = 0; i < 4; i++)
        {
            handshakes.Begin(Silent, () => gone++, out var isFull);
            Assert.False(isFull);
        }

        Assert.Equal(0, gone);
    }

    [Fact]
    public void The_oldest_of_those_who_have_most_handshakes_under_way_has_to_go_and_never_one_that_is_done()
    {
        var (handshakes, gone) = (new Handshakes(places: 4), new List<string>());
        var done = handshakes.Begin(Silent, () => gone.Add("done"), out _);
        handshakes.End(done);
        handshakes.Begin(Utility, () => gone.Add("utility"), out _);
        foreach (var name in new[] { "s1", "s2", "s3", "s4" })
        {
            handshakes.Begin(Silent, () => gone.Add(name), out _);
        }

        Assert.Equal(["s1", "s2"], gone);
    }

    [Fact]
    public void A_connection_that_is_over_makes_room()
    {
        var handshakes = new Handshakes(places: 1);
        handshakes.Close(handshakes.Begin(Silent, () => { }, out _));
        handshakes.Begin(Utility, () => { }, out var isFull);
        Assert.False(isFull);
    }

    /// <summary>Whoever has one address of IPv6 has 2^64 of them.</summary>
    [Fact]
    public void A_network_of_IPv6_counts_as_one_and_pushes_nobody_out_who_is_amid_a_handshake()
    {
        var (handshakes, gone) = (new Handshakes(places: 8), new List<string>());
        handshakes.Begin(IPAddress.Parse("2001:db8:1::1"), () => gone.Add("utility"), out _);
        handshakes.Begin(IPAddress.Parse("::ffff:198.51.100.1"), () => gone.Add("mapped"), out _);
        for (var i = 1; i <= 100; i++)
        {
            handshakes.Begin(IPAddress.Parse($"2001:db8:2::{i:x}"), () => gone.Add("silent"), out _);
        }

        Assert.Equal(94, gone.Count);
        Assert.All(gone, who => Assert.Equal("silent", who));
    }

    [Fact]
    public async Task Silent_connections_as_many_as_there_are_places_keep_nobody_out()
    {
        var (status, ct) = (new ListenerStatus("off"), TestContext.Current.CancellationToken);
        await using var listener = new Listener(status);
        await listener.StartAsync(ct);
        var silent = new List<TcpClient>();
        for (var i = 0; i < 40; i++)
        {
            var client = new TcpClient();
            await client.ConnectAsync(status.Address!, ct);
            silent.Add(client);
        }

        using var handler = new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.GetCertHashString() == listener.Thumbprint } };
        using var http = new HttpClient(new ConnectionFaultHandler(handler));
        Assert.Equal("heard", await HeardAsync(http, new Uri($"https://127.0.0.1:{status.Address!.Port}/"), ct));
        Assert.Contains("handshake", status.Refused, StringComparison.Ordinal);
        silent.ForEach(c => c.Dispose());
        await listener.StopAsync(ct);
    }

    // Those who had to go leave a moment later.
    private static async Task<string> HeardAsync(HttpClient http, Uri address, CancellationToken ct)
    {
        while (true)
        {
            try
            {
                return await http.GetStringAsync(address, ct);
            }
            catch (HttpRequestException)
            {
                await Task.Delay(50, ct);
            }
        }
    }

    private sealed class Listener(ListenerStatus status) : MutualTlsListener("listener", "127.0.0.1:0", 16, status, NullLoggerFactory.Instance)
    {
        private readonly X509Certificate2 _own = Certificate();

        public string Thumbprint => _own.GetCertHashString();

        protected override SslServerAuthenticationOptions Handshake(TlsHandshakeCallbackContext handshake) => new() { ServerCertificate = _own };

        protected override Task HandleAsync(HttpContext http) => http.Response.WriteAsync("heard");

        private static X509Certificate2 Certificate()
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var start = TimeProvider.System.GetUtcNow().AddDays(-1);
            return new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256).CreateSelfSigned(start, start.AddYears(1));
        }
    }
}

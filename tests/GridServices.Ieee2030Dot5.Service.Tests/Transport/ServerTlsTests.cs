using System.IO.Compression;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Service.Transport;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Tests.Transport;

/// <summary>Real handshakes over loopback sockets.</summary>
public sealed class ServerTlsTests
{
    private const TlsCipherSuite Ccm8 = TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8;

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Mutual_TLS_12_with_CCM_8_opens_at_every_depth_of_the_PKI_with_the_whole_chain_sent(int depth) // CSIP COMM-004
    {
        using var pki = new PrivatePki(depth);
        var profile = Profile(pki);
        await using var server = await TlsServer.StartAsync(pki, pki.Issue("localhost"));

        var reply = Assert.IsType<ServerReply.Received>(await GetAsync(server, profile));

        Assert.Equal((200, "application/sep+xml"), (reply.Status, reply.ContentType));
        Assert.Equal((ReadLfdi(profile), depth, SslProtocols.Tls12, Ccm8), Assert.Single(server.Seen));
    }

    [Fact]
    public async Task A_chain_of_five_is_refused()
    {
        using var pki = new PrivatePki(5);
        await using var server = await TlsServer.StartAsync(pki, pki.Issue("localhost"));

        Assert.Contains("5 certificates", (await RefusedAsync(server, Profile(pki))).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_our_intermediates_the_server_does_not_let_us_in_and_the_message_says_where_to_look()
    {
        using var pki = new PrivatePki();
        await using var server = await TlsServer.StartAsync(pki, pki.Issue("localhost"));

        var failed = await RefusedAsync(server, Profile(pki, withChain: false), ExchangeFailure.Broken, ExchangeFailure.Tls);

        Assert.Contains("transport.clientCertificate", failed.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_sends_no_intermediates_is_refused_until_they_are_in_the_CA_file()
    {
        using var pki = new PrivatePki();
        await using var server = await TlsServer.StartAsync(pki, pki.Issue("localhost"), sendChain: false);
        var profile = Profile(pki);

        Assert.Contains("does not send them", (await RefusedAsync(server, profile)).Detail, StringComparison.Ordinal);

        await File.AppendAllTextAsync(pki.CaFile, "\n" + string.Join('\n', pki.Intermediates.Select(c => c.ExportCertificatePem())), TestContext.Current.CancellationToken);
        Assert.IsType<ServerReply.Received>(await GetAsync(server, profile));
    }

    [Fact]
    public async Task A_server_of_another_PKI_is_refused_before_any_byte_of_ours()
    {
        using var pki = new PrivatePki();
        using var stranger = new PrivatePki();
        await using var server = await TlsServer.StartAsync(stranger, stranger.Issue("localhost"), clients: pki);

        Assert.Contains("transport.trustedRoots", (await RefusedAsync(server, Profile(pki))).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_CA_file_a_private_root_is_not_trusted()
    {
        using var pki = new PrivatePki();
        await using var server = await TlsServer.StartAsync(pki, pki.Issue("localhost"));

        Assert.Contains("this machine does not trust", (await RefusedAsync(server, Profile(pki) with { TrustedRoots = null })).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_whose_certificate_has_ended_is_refused()
    {
        using var pki = new PrivatePki();
        await using var server = await TlsServer.StartAsync(pki, pki.Issue("localhost", TimeSpan.FromMinutes(-5)));

        Assert.Contains("expired", (await RefusedAsync(server, Profile(pki))).Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_self_signed_server_is_refused_even_where_the_CA_file_holds_it(bool isInCaFile)
    {
        using var pki = new PrivatePki();
        using var certificate = PrivatePki.SelfSigned("localhost");
        await using var server = await TlsServer.StartAsync(pki, certificate, sendChain: false);
        if (isInCaFile)
        {
            await File.AppendAllTextAsync(pki.CaFile, "\n" + certificate.ExportCertificatePem(), TestContext.Current.CancellationToken);
        }

        Assert.Contains("signed by itself", (await RefusedAsync(server, Profile(pki))).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_in_the_certificate_must_be_the_URLs_or_the_one_expected()
    {
        using var pki = new PrivatePki();
        await using var server = await TlsServer.StartAsync(pki, pki.Issue("utility.example"));

        Assert.Contains("is not for localhost", (await RefusedAsync(server, Profile(pki))).Detail, StringComparison.Ordinal);
        Assert.IsType<ServerReply.Received>(await GetAsync(server, Profile(pki) with { ExpectedHostName = "utility.example" }));
        Assert.IsType<ServerReply.Received>(await GetAsync(server, Profile(pki) with { ServerName = DerServerName.ChainOnly }));
    }

    [Fact]
    public async Task A_certificate_without_names_is_taken_unless_a_name_is_required()
    {
        using var pki = new PrivatePki();
        await using var server = await TlsServer.StartAsync(pki, pki.Issue());

        Assert.IsType<ServerReply.Received>(await GetAsync(server, Profile(pki)));
        server.Seen.Clear();
        Assert.Contains("is not for localhost", (await RefusedAsync(server, Profile(pki) with { ServerName = DerServerName.HostName })).Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(64)]
    public async Task A_pinned_server_is_the_only_one_spoken_to(int digits)
    {
        using var pki = new PrivatePki();
        using var certificate = pki.Issue();
        using var another = pki.Issue();
        await using var server = await TlsServer.StartAsync(pki, certificate);
        static string Pin(X509Certificate2 c, int digits) => CertificateSummary.From(c).Sha256[..digits];

        Assert.Contains("transport.serverPin", (await RefusedAsync(server, Profile(pki) with { ServerPin = Pin(another, digits) })).Detail, StringComparison.Ordinal);
        Assert.IsType<ServerReply.Received>(await GetAsync(server, Profile(pki) with { ServerPin = Pin(certificate, digits) }));
    }

    [Theory]
    [InlineData(40, false)]
    [InlineData(64, false)]
    [InlineData(64, true)]
    public async Task A_certificate_on_the_deny_list_is_refused_wherever_it_stands_in_the_chain(int digits, bool intermediate)
    {
        using var pki = new PrivatePki();
        using var certificate = pki.Issue("localhost");
        await using var server = await TlsServer.StartAsync(pki, certificate);
        var denied = CertificateSummary.From(intermediate ? pki.Intermediates[0] : certificate).Sha256[..digits];

        // As people write fingerprints: in pairs, in small letters.
        var written = string.Join(':', denied.Chunk(2).Select(pair => new string(pair))).ToLowerInvariant();
        var file = Path.Combine(pki.Folder, "deny.txt");
        await File.WriteAllTextAsync(file, $"# stolen 2026-10\n{written} # gateway 7\n", TestContext.Current.CancellationToken);
        Assert.Contains("deny list", (await RefusedAsync(server, Profile(pki) with { DenyList = file })).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_with_another_suite_is_reached_only_where_the_client_is_allowed_it()
    {
        const TlsCipherSuite Gcm = TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;
        using var pki = new PrivatePki();
        await using var server = await TlsServer.StartAsync(pki, pki.Issue("localhost"), suite: Gcm);

        Assert.Contains("cipher suites", (await RefusedAsync(server, Profile(pki))).Detail, StringComparison.Ordinal);
        Assert.IsType<ServerReply.Received>(await GetAsync(server, Profile(pki) with { CipherSuites = DerCipherSuites.Ccm8AndGcm }));
        Assert.Equal(Gcm, Assert.Single(server.Seen).Suite);
    }

    [Fact]
    public async Task Requests_follow_one_another_on_one_connection()
    {
        using var pki = new PrivatePki();
        await using var server = await TlsServer.StartAsync(pki, pki.Issue("localhost"));
        using var line = CreatePool(server, Profile(pki));
        for (var i = 0; i < 5; i++)
        {
            Assert.IsType<ServerReply.Received>(await GetAsync(server, line));
        }

        Assert.Equal((5, 1), (server.Seen.Count, server.Connections));
    }

    [Fact]
    public async Task A_certificate_put_in_place_of_another_is_shown_without_a_restart()
    {
        using var pki = new PrivatePki();
        await using var server = await TlsServer.StartAsync(pki, pki.Issue("localhost"));
        var clock = new GridServices.Testing.FakeClock(SystemClock.Instance.GetCurrentInstant());
        using var line = new ServerConnectionPool(server.Url, Profile(pki), null, clock, NullLogger.Instance);
        Assert.IsType<ServerReply.Received>(await GetAsync(server, line));

        using var next = pki.Issue();
        pki.Write("client", next);
        clock.Advance(Duration.FromSeconds(11));

        Assert.IsType<ServerReply.Received>(await GetAsync(server, line));
        Assert.Equal(CertificateSummary.From(next).Lfdi, server.Seen[^1].Lfdi);
    }

    [Fact]
    public async Task Redirects_are_handed_on_and_not_followed()
    {
        using var pki = new PrivatePki();
        await using var server = await TlsServer.StartAsync(pki, pki.Issue("localhost"));
        server.Answer = http =>
        {
            http.Response.Redirect("https://elsewhere.example/dcap");
            return Task.CompletedTask;
        };

        var reply = Assert.IsType<ServerReply.Received>(await GetAsync(server, Profile(pki)));

        Assert.Equal((302, "https://elsewhere.example/dcap"), (reply.Status, reply.Location));
        Assert.Single(server.Seen);
    }

    [Theory]
    [InlineData("long", "more than", ExchangeFailure.BadContent)]
    [InlineData("endless", "longer than", ExchangeFailure.BadContent)]
    [InlineData("br", "encoded", ExchangeFailure.BadContent)]
    [InlineData("gzip", "gzip and is not", ExchangeFailure.BadContent)]
    [InlineData("gzip bomb", "longer than", ExchangeFailure.BadContent)]
    [InlineData("slow", "within", ExchangeFailure.Timeout)]
    public async Task A_reply_out_of_bounds_is_given_up(string kind, string words, ExchangeFailure expected)
    {
        using var pki = new PrivatePki();
        await using var server = await TlsServer.StartAsync(pki, pki.Issue("localhost"));
        server.Answer = http => AbuseAsync(http, kind);
        // Only what never comes to an end is waited for in vain: the others are told by what they say, however slow the machine is.
        var patience = expected == ExchangeFailure.Timeout ? Duration.FromSeconds(1) : Duration.FromMinutes(2);
        using var line = CreatePool(server, Profile(pki) with { RequestTimeout = patience, MaxReplyBytes = 10_000 });

        var failed = Assert.IsType<ServerReply.Failed>(await GetAsync(server, line));

        Assert.Contains(words, failed.Detail, StringComparison.Ordinal);
        Assert.Equal(expected, failed.Failure);
    }

    [Fact]
    public async Task A_request_to_another_host_never_leaves()
    {
        using var pki = new PrivatePki();
        await using var server = await TlsServer.StartAsync(pki, pki.Issue("localhost"));
        using var line = CreatePool(server, Profile(pki));
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("https://127.0.0.1:1/dcap"));

        await Assert.ThrowsAsync<InvalidOperationException>(() => line.SendAsync(request, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_reply_that_is_compressed_all_the_same_is_read_and_the_server_knows_what_is_taken()
    {
        using var pki = new PrivatePki();
        await using var server = await TlsServer.StartAsync(pki, pki.Issue("localhost"));
        string? accepted = null;
        server.Answer = async http =>
        {
            accepted = http.Request.Headers.AcceptEncoding;
            http.Response.Headers.ContentEncoding = "gzip";
            await http.Response.Body.WriteAsync(Gzip(Encoding.UTF8.GetBytes("<Time/>")));
        };
        var reply = Assert.IsType<ServerReply.Received>(await GetAsync(server, Profile(pki)));
        Assert.Equal(("<Time/>", "gzip, identity;q=0.5"), (Encoding.UTF8.GetString(reply.Body), accepted));
    }

    private static byte[] Gzip(byte[] plain)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionMode.Compress, leaveOpen: true))
        {
            gzip.Write(plain);
        }

        return packed.ToArray();
    }

    private static async Task AbuseAsync(HttpContext http, string kind)
    {
        http.Response.ContentType = "application/sep+xml";
        if (kind is "gzip" or "br" or "gzip bomb")
        {
            http.Response.Headers.ContentEncoding = kind.Split(' ')[0];
        }

        if (kind == "gzip bomb")
        {
            await http.Response.Body.WriteAsync(Gzip(new byte[10_000_000]));
            return;
        }

        if (kind == "long")
        {
            http.Response.ContentLength = 20_000;
        }

        for (var i = 0; i < (kind == "slow" ? 600 : 20) && !http.RequestAborted.IsCancellationRequested; i++)
        {
            await http.Response.Body.WriteAsync(new byte[kind == "slow" ? 1 : 1000]);
            await http.Response.Body.FlushAsync();
            await Task.Delay(kind == "slow" ? 200 : 0, http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static DerTransport Profile(PrivatePki pki, bool withChain = true)
    {
        using var certificate = pki.Issue();
        var (file, key) = pki.Write("client", certificate, withChain);
        return new DerTransport { ClientCertificate = file, ClientKey = key, TrustedRoots = pki.CaFile };
    }

    private static string ReadLfdi(DerTransport profile)
    {
        using var identity = ClientIdentity.Load(profile);
        return CertificateSummary.From(identity.Certificate!).Lfdi;
    }

    private static ServerConnectionPool CreatePool(TlsServer server, DerTransport profile) =>
        new(server.Url, profile, null, SystemClock.Instance, NullLogger.Instance);

    private static async Task<ServerReply> GetAsync(TlsServer server, DerTransport profile)
    {
        using var line = CreatePool(server, profile);
        return await GetAsync(server, line);
    }

    private static async Task<ServerReply> GetAsync(TlsServer server, ServerConnectionPool line)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.Url, "/dcap"));
        return await line.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static async Task<ServerReply.Failed> RefusedAsync(TlsServer server, DerTransport profile, params ExchangeFailure[] kinds)
    {
        var failed = Assert.IsType<ServerReply.Failed>(await GetAsync(server, profile));
        Assert.Contains(failed.Failure, kinds is [] ? [ExchangeFailure.Tls] : kinds);
        Assert.Empty(server.Seen);
        return failed;
    }
}

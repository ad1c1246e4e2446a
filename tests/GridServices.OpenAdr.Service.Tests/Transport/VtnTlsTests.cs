using System.Net.Security;
using System.Security.Authentication;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Service.Transport;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;

namespace GridServices.OpenAdr.Service.Tests.Transport;

/// <summary>Real handshakes over loopback sockets.</summary>
public sealed class VtnTlsTests
{
    private static readonly byte[] Body = "<oadrPayload/>"u8.ToArray();

    [Theory]
    [InlineData(KeyKind.Rsa)]
    [InlineData(KeyKind.Ec)]
    public async Task A_client_certificate_from_a_private_authority_opens_TLS_12(KeyKind kind)
    {
        using var pki = new PrivatePki(kind);
        await using var vtn = await TlsVtn.StartAsync(pki.Issue("localhost"), pki);

        Assert.IsType<VtnReply.Received>(await PostAsync(vtn.Url, Profile(pki)));

        var seen = Assert.Single(vtn.Seen);
        Assert.Equal(("CN=ven-1", SslProtocols.Tls12), (seen.Subject, seen.Protocol));
    }

    [Fact]
    public async Task Modern_policy_speaks_TLS_13_where_the_VTN_does()
    {
        using var pki = new PrivatePki();
        await using var vtn = await TlsVtn.StartAsync(pki.Issue("localhost"), pki, SslProtocols.Tls12 | SslProtocols.Tls13);

        Assert.IsType<VtnReply.Received>(await PostAsync(vtn.Url, Profile(pki)));

        Assert.Equal(SslProtocols.Tls13, Assert.Single(vtn.Seen).Protocol);
    }

    [Theory]
    [InlineData(KeyKind.Rsa, TlsCipherSuite.TLS_RSA_WITH_AES_128_CBC_SHA256)]
    [InlineData(KeyKind.Ec, TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256)]
    public async Task A_VTN_with_the_two_suites_of_rule_67_only_is_reached_by_the_2_0b_policy(KeyKind kind, TlsCipherSuite suite)
    {
        using var pki = new PrivatePki(kind);
        await using var vtn = await TlsVtn.StartAsync(pki.Issue("localhost"), pki, suites: TlsVtn.StrictSuites);

        Assert.IsType<VtnReply.Received>(await PostAsync(vtn.Url, Profile(pki) with { Policy = TlsPolicy.OpenAdr20b }));

        Assert.Equal(suite, Assert.Single(vtn.Seen).Suite);
    }

    [Fact]
    public async Task A_strict_RSA_VTN_is_refused_by_the_modern_policy_with_a_hint_to_the_other()
    {
        using var pki = new PrivatePki(KeyKind.Rsa);
        await using var vtn = await TlsVtn.StartAsync(pki.Issue("localhost"), pki, suites: TlsVtn.StrictSuites);

        var failed = await FailedAsync(vtn.Url, Profile(pki));

        Assert.Contains("profile.tls to openadr-2.0b", failed.Detail, StringComparison.Ordinal);
        Assert.Empty(vtn.Seen);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls12 | SslProtocols.Tls13)]
    public async Task Without_a_client_certificate_a_VTN_that_asks_for_one_is_not_reached(SslProtocols protocols)
    {
        using var pki = new PrivatePki();
        await using var vtn = await TlsVtn.StartAsync(pki.Issue("localhost"), pki, protocols);

        var failed = Assert.IsType<VtnReply.Failed>(await PostAsync(vtn.Url, new TlsProfile { TrustedRoots = pki.BundlePath }));

        Assert.Contains("profile.clientCertificate", failed.Detail, StringComparison.Ordinal);
        Assert.Empty(vtn.Seen);
    }

    [Fact]
    public async Task A_VTN_of_another_authority_is_refused_before_any_byte_of_ours()
    {
        using var pki = new PrivatePki();
        using var stranger = new PrivatePki();
        await using var vtn = await TlsVtn.StartAsync(stranger.Issue("localhost"));

        var failed = await FailedAsync(vtn.Url, Profile(pki));

        Assert.Contains("profile.trustedRoots", failed.Detail, StringComparison.Ordinal);
        Assert.Empty(vtn.Seen);
    }

    [Fact]
    public async Task With_a_private_bundle_the_system_trust_does_not_count_and_without_one_a_private_root_does_not()
    {
        using var pki = new PrivatePki();
        await using var vtn = await TlsVtn.StartAsync(pki.Issue("localhost"));

        var failed = await FailedAsync(vtn.Url, TlsProfile.None);

        Assert.Contains("trusted root", failed.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_expired_VTN_is_refused() // OpenADR 2.0b rule 516
    {
        using var pki = new PrivatePki();
        await using var vtn = await TlsVtn.StartAsync(pki.Issue("localhost", TimeSpan.FromMinutes(-5)));

        var failed = await FailedAsync(vtn.Url, Profile(pki));

        Assert.Contains("expired", failed.Detail, StringComparison.Ordinal);
        Assert.Empty(vtn.Seen);
    }

    [Fact]
    public async Task An_open_connection_is_dropped_when_the_VTNs_certificate_ends() // OpenADR 2.0b rule 516
    {
        // A certificate that ended before the busy machine had shaken hands shows nothing: another lasts longer.
        var validFor = TimeSpan.FromSeconds(3);
        while (!await IsDroppedAsync(validFor))
        {
            validFor *= 2;
            Assert.True(validFor < TimeSpan.FromMinutes(2), "no handshake within a minute");
        }
    }

    /// <returns>False: it had ended before the first request was answered.</returns>
    private static async Task<bool> IsDroppedAsync(TimeSpan validFor)
    {
        using var pki = new PrivatePki();
        await using var vtn = await TlsVtn.StartAsync(pki.Issue("localhost", validFor));
        using var connections = new VtnConnections(SystemClock.Instance, NullLogger<VtnConnections>.Instance);
        var reply = await PostAsync(connections, vtn.Url, Profile(pki));
        if (reply is VtnReply.Failed late)
        {
            Assert.Contains("expired", late.Detail, StringComparison.Ordinal);
            return false;
        }

        Assert.IsType<VtnReply.Received>(reply);
        await Task.Delay(validFor + TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        var failed = Assert.IsType<VtnReply.Failed>(await PostAsync(connections, vtn.Url, Profile(pki)));

        Assert.Contains("expired", failed.Detail, StringComparison.Ordinal);
        Assert.Single(vtn.Seen);
        return true;
    }

    [Fact]
    public async Task A_certificate_for_another_host_is_refused_unless_that_name_is_expected()
    {
        using var pki = new PrivatePki();
        await using var vtn = await TlsVtn.StartAsync(pki.Issue("vtn.example"));

        var failed = await FailedAsync(vtn.Url, Profile(pki));
        Assert.Contains("profile.expectedHostName", failed.Detail, StringComparison.Ordinal);
        Assert.Empty(vtn.Seen);

        Assert.IsType<VtnReply.Received>(await PostAsync(vtn.Url, Profile(pki) with { ExpectedHostName = "vtn.example" }));
        Assert.IsType<VtnReply.Failed>(await PostAsync(vtn.Url, Profile(pki) with { ExpectedHostName = "other.example" }));
    }

    [Theory]
    [InlineData(0xC0)]
    [InlineData(0x300)]
    public async Task TLS_10_and_11_are_refused(int protocol)
    {
        // By number: the names of these versions are rightly marked obsolete.
        var old = (SslProtocols)protocol;
        using var pki = new PrivatePki(KeyKind.Rsa);
        await using var vtn = await TlsVtn.StartAsync(pki.Issue("localhost"), protocols: old);

        await FailedAsync(vtn.Url, Profile(pki));
        await FailedAsync(vtn.Url, Profile(pki) with { Policy = TlsPolicy.OpenAdr20b });

        Assert.Empty(vtn.Seen);
    }

    [Fact]
    public async Task A_VTN_with_a_short_RSA_key_is_refused() // OpenADR 2.0b rule 68
    {
        using var pki = new PrivatePki(KeyKind.Rsa);
        await using var vtn = await TlsVtn.StartAsync(pki.Issue("localhost", rsaBits: 1024));

        await FailedAsync(vtn.Url, Profile(pki));

        Assert.Empty(vtn.Seen);
    }

    [Fact]
    public async Task A_short_RSA_key_of_our_own_is_named() // OpenADR 2.0b rule 68
    {
        using var pki = new PrivatePki(KeyKind.Rsa);
        await using var vtn = await TlsVtn.StartAsync(pki.Issue("localhost"));
        var weak = new TlsProfile { ClientCertificate = pki.Write("weak.pem", pki.Issue("ven-1", rsaBits: 1024)), TrustedRoots = pki.BundlePath };

        Assert.Contains("1024 bits", (await FailedAsync(vtn.Url, weak)).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connections_are_kept_between_posts()
    {
        using var pki = new PrivatePki();
        await using var vtn = await TlsVtn.StartAsync(pki.Issue("localhost"), pki);
        using var connections = new VtnConnections(SystemClock.Instance, NullLogger<VtnConnections>.Instance);
        var profile = Profile(pki);
        for (var i = 0; i < 5; i++)
        {
            Assert.IsType<VtnReply.Received>(await PostAsync(connections, vtn.Url, profile));
        }

        Assert.Equal((5, 1), (vtn.Seen.Count, vtn.Connections));
    }

    [Fact]
    public async Task An_exchanged_certificate_file_is_taken_up_without_a_restart_and_a_broken_one_is_not()
    {
        using var pki = new PrivatePki();
        await using var vtn = await TlsVtn.StartAsync(pki.Issue("localhost"), pki);
        var clock = new SteppedClock(SystemClock.Instance.GetCurrentInstant());
        using var connections = new VtnConnections(clock, NullLogger<VtnConnections>.Instance);
        var profile = Profile(pki);
        await PostAsync(connections, vtn.Url, profile);

        pki.Write("ven.pem", pki.Issue("ven-2"));
        clock.Now += Duration.FromSeconds(11);
        await PostAsync(connections, vtn.Url, profile);
        await File.WriteAllTextAsync(profile.ClientCertificate!, "scrap", TestContext.Current.CancellationToken);
        clock.Now += Duration.FromSeconds(11);
        await PostAsync(connections, vtn.Url, profile);

        Assert.Equal(["CN=ven-1", "CN=ven-2", "CN=ven-2"], vtn.Seen.Select(s => s.Subject));
    }

    [Fact]
    public async Task Our_own_ended_certificate_sends_nothing_and_says_so()
    {
        using var pki = new PrivatePki();
        await using var vtn = await TlsVtn.StartAsync(pki.Issue("localhost"));
        var ended = new TlsProfile { ClientCertificate = pki.Write("old.pem", pki.Issue("ven-1", TimeSpan.FromMinutes(-1))), TrustedRoots = pki.BundlePath };

        Assert.Contains("expired at", (await FailedAsync(vtn.Url, ended)).Detail, StringComparison.Ordinal);
        Assert.Equal(0, vtn.Connections);
    }

    private static TlsProfile Profile(PrivatePki pki) =>
        new() { ClientCertificate = pki.Write("ven.pem", pki.Issue("ven-1")), TrustedRoots = pki.BundlePath };

    private static async Task<VtnReply.Failed> FailedAsync(Uri url, TlsProfile profile)
    {
        var failed = Assert.IsType<VtnReply.Failed>(await PostAsync(url, profile));
        Assert.Equal(ExchangeFailure.Tls, failed.Failure);
        return failed;
    }

    private static async Task<VtnReply> PostAsync(Uri url, TlsProfile profile)
    {
        using var connections = new VtnConnections(SystemClock.Instance, NullLogger<VtnConnections>.Instance);
        return await PostAsync(connections, url, profile);
    }

    private static Task<VtnReply> PostAsync(VtnConnections connections, Uri url, TlsProfile profile) =>
        connections.PostAsync(profile, url, Body, new ExchangeLimits { Timeout = TimeSpan.FromMinutes(2) }, TestContext.Current.CancellationToken);

    private sealed class SteppedClock(Instant start) : IClock
    {
        public Instant Now { get; set; } = start;

        public Instant GetCurrentInstant() => Now;
    }
}

using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using GridServices.Testing.Tls;
using GridServices.UtilityClients.Doctor;
using NodaTime;

namespace GridServices.UtilityClients.Tests.Tls;

public sealed class ServerCertificateValidatorTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_that_the_policy_accepts_is_shown_with_its_chain()
    {
        using var pki = new PrivatePki();
        var (probe, validator, advice) = await ProbeAsync(pki, [pki.Root], _ => null);

        Assert.Equal((true, null, "Tls12"), (probe.Reachable, probe.Problem, probe.TlsProtocol));
        Assert.Empty(advice);
        Assert.Null(validator.Refusal);
        Assert.Equal(3, probe.Chain.Count);
        Assert.Equal(probe.Chain.Min(c => c.NotAfter), validator.ExpiresAt);
    }

    [Fact]
    public async Task A_refusal_of_the_policy_ends_the_handshake_and_is_kept_in_words()
    {
        using var pki = new PrivatePki();
        var (probe, validator, advice) = await ProbeAsync(pki, [pki.Root], _ => "not this one");

        Assert.Equal("not this one", validator.Refusal);
        Assert.Equal((true, "not this one", null), (probe.Reachable, probe.Problem, probe.TlsProtocol));
        Assert.Equal(["The TLS handshake fails: not this one."], advice);
    }

    [Fact]
    public async Task A_chain_to_another_root_is_reported_to_the_policy()
    {
        using var pki = new PrivatePki();
        using var other = new PrivatePki();
        var seen = SslPolicyErrors.None;

        await ProbeAsync(pki, [other.Root], errors =>
        {
            seen = errors;
            return "refused";
        });

        Assert.True(seen.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors));
    }

    [Fact]
    public async Task A_port_that_nobody_listens_at_is_advised_about()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var url = new Uri($"https://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}");
        free.Stop();
        var advice = new List<string>();

        var probe = await ConnectionProbe.TryAsync(url, new ProbePlan(null, null, (_, _) => "no"), advice, Ct);

        Assert.False(probe.Reachable);
        Assert.Contains("can't be reached", Assert.Single(advice), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1, "ended at")]
    [InlineData(3, "in 3 days; renew")]
    [InlineData(300, null)]
    public void The_doctor_speaks_of_our_own_certificate_when_it_nears_its_end(int days, string? words)
    {
        var now = Instant.FromUtc(2027, 1, 1, 0, 0);
        var own = new CertificateDetails("CN=a", "CN=b", now - Duration.FromDays(10), now + Duration.FromDays(days), "EC", 256, new string('A', 64));

        var said = DoctorAdvice.CheckOwnCertificate(own, "certificate", "renew", now);

        Assert.Equal(words is null, said is null);
        Assert.Contains(words ?? string.Empty, said ?? string.Empty, StringComparison.Ordinal);
    }

    private static async Task<(ProbeResult Probe, ServerCertificateValidator Validator, List<string> Advice)> ProbeAsync(
        PrivatePki pki, X509Certificate2Collection roots, Func<SslPolicyErrors, string?> refuse)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start(1);
        var server = ServeAsync(listener, pki);
        var validator = new ServerCertificateValidator(new Policy(refuse), roots);
        var advice = new List<string>();
        var plan = new ProbePlan(validator, validator.Options(null, [], SslProtocols.Tls12, null), (fault, _) => validator.Refusal ?? fault.Message);
        var probe = await ConnectionProbe.TryAsync(new Uri($"https://localhost:{((IPEndPoint)listener.LocalEndpoint).Port}"), plan, advice, Ct);
        await server;
        return (probe, validator, advice);
    }

    private static async Task ServeAsync(TcpListener listener, PrivatePki pki)
    {
        using var tcp = await listener.AcceptTcpClientAsync(Ct);
        await using var tls = new SslStream(tcp.GetStream());
        try
        {
            var context = SslStreamCertificateContext.Create(pki.Issue("localhost"), pki.Intermediates, offline: true);
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificateContext = context, EnabledSslProtocols = SslProtocols.Tls12 }, Ct);
            _ = await tls.ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false, Ct);
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            // The client refused us, as some of these tests have it.
        }
    }

    private sealed class Policy(Func<SslPolicyErrors, string?> refuse) : IServerCertificatePolicy
    {
        public string? Refuse(X509Certificate2? leaf, X509Chain? chain, IReadOnlyList<X509Certificate2> elements, SslPolicyErrors errors) => refuse(errors);
    }
}

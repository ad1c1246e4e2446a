using System.Security.Cryptography.X509Certificates;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Service.Driver;
using GridServices.Ieee2030Dot5.Service.Notifications;
using GridServices.Ieee2030Dot5.Service.Transport;
using GridServices.Simulators.DerServer.Pki;
using GridServices.UtilityClients.Listening;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Tests.Notifications;

/// <summary>Who may notify a client, judged without a connection.</summary>
public sealed class NotifierTrustTests : IDisposable
{
    private readonly string _pki = Directory.CreateTempSubdirectory("der-trust-").FullName;
    private readonly NotifierTrust _trust = new(new TlsSettings(), new SteadyClock(SystemClock.Instance, TimeProvider.System));

    public NotifierTrustTests() => TestPki.Make(_pki, SystemClock.Instance.GetCurrentInstant());

    public void Dispose() => Directory.Delete(_pki, recursive: true);

    [Fact] // A server that gets a 403 for a subscription may drop it.
    public void Whoever_may_be_the_server_is_asked_to_come_again_before_the_server_was_seen()
    {
        Assert.True(Refuse("server", Client())!.IsForNow);
        Assert.Null(Refuse("server", Client(), isSeen: true));
    }

    [Fact]
    public void A_stranger_is_refused_for_good()
    {
        Assert.False(Refuse("device-other", Client())!.IsForNow);
        Assert.False(Refuse("device2", Client(), isSeen: true)!.IsForNow);
        Assert.False(Refuse("server", Client() with { Subscriptions = new DerSubscriptions { NotifierPin = new string('A', 40) } })!.IsForNow);
    }

    private NotifierRefusal? Refuse(string name, DerClientConfig config, bool isSeen = false)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(Path.Combine(_pki, name + ".crt"));
        using var server = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(_pki, "server.crt"));
        var view = new ClientView
        {
            Id = new("t1", "c1"),
            Config = config,
            Engine = config,
            NotificationId = new string('0', 48),
            State = DerClientState.Initial,
            Since = SystemClock.Instance.GetCurrentInstant(),
            ServerChain = isSeen ? [CertificateDetails.From(server)] : [],
        };
        return _trust.Refuse(view, new ListenerPeer(chain[0], [.. chain.Skip(1)]));
    }

    private DerClientConfig Client() => new()
    {
        ServerUrl = "https://utility.example/dcap",
        SiteId = "site-1",
        Transport = new DerTransport { TrustedRoots = Path.Combine(_pki, "serca.crt") },
    };
}

using System.Security.Cryptography.X509Certificates;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Service.Push;
using GridServices.OpenAdr.Service.Tests.Transport;
using GridServices.UtilityClients.Listening;
using NodaTime;

namespace GridServices.OpenAdr.Service.Tests.Push;

/// <summary>What is told of a refused caller, and to whom: judged without a connection.</summary>
public sealed class PushTrustTests : IDisposable
{
    private readonly PrivatePki _pki = new();
    private readonly PrivatePki _other = new();
    private readonly PushTrust _trust = new();

    public void Dispose()
    {
        _pki.Dispose();
        _other.Dispose();
    }

    [Fact]
    public void A_caller_of_ones_own_vtns_name_is_told_of_with_the_reason()
    {
        var told = Concern("vtn.b.example", _pki, _other.Issue("vtn.b.example"));
        Assert.Contains("was not issued by a trusted root", told, StringComparison.Ordinal);
        Assert.Contains("vtn.b.example", told, StringComparison.Ordinal);
        Assert.Contains("is valid from", Concern("vtn.b.example", _pki, _pki.Issue("vtn.b.example", validFor: TimeSpan.FromMinutes(-5))), StringComparison.Ordinal);
    }

    [Fact]
    public void A_caller_under_the_same_roots_with_another_name_is_told_of_by_its_fingerprint_alone()
    {
        var told = Concern("vtn.b.example", _pki, _pki.Issue("vtn.a-utility.example"));
        Assert.Contains("fingerprint", told, StringComparison.Ordinal);
        Assert.Contains("profile.expectedHostName", told, StringComparison.Ordinal);
        Assert.DoesNotContain("a-utility", told, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stranger_concerns_nobody() => Assert.Null(Concern("vtn.b.example", _pki, _other.Issue("vtn.a-utility.example")));

    [Fact]
    public void What_was_refused_is_kept_for_each_vtn_apart()
    {
        var refusals = new PushRefusals();
        var (a, b) = (VtnOf("vtn.a.example", _pki), VtnOf("vtn.b.example", _pki));
        refusals.Add(a, "because");
        Assert.Equal(("because", null), (refusals.Of(a), refusals.Of(b)));
        Assert.Equal("because", refusals.Of(VtnOf("vtn.a.example", _pki)));
        refusals.Keep([b]);
        Assert.Null(refusals.Of(a));
    }

    private string? Concern(string host, PrivatePki roots, X509Certificate2 caller)
    {
        var (vtn, now) = (VtnOf(host, roots), SystemClock.Instance.GetCurrentInstant());
        var peer = new ListenerPeer(caller, []);
        return _trust.Concern(vtn, peer, Assert.IsType<string>(_trust.Refuse(vtn, peer, now)), now);
    }

    private static PushVtn VtnOf(string host, PrivatePki roots) => PushVtn.Of(new VenConfig
    {
        VtnUrl = $"https://{host}/OpenADR2/Simple/2.0b",
        VenName = "b",
        Profile = new VenProfile { TrustedRoots = roots.BundlePath },
    });
}

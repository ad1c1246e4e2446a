using System.Security.Cryptography.X509Certificates;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Service.Push;
using GridServices.OpenAdr.Service.Tests.Transport;
using GridServices.UtilityClients.Engine;
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
    public void What_was_refused_is_kept_for_each_vtn_and_for_each_ven_apart_with_its_instant()
    {
        var (refusals, at) = (new PushRefusals(), SystemClock.Instance.GetCurrentInstant());
        var (a, b) = (CreateVtn("vtn.a.example", _pki), CreateVtn("vtn.b.example", _pki));
        var (mine, other) = (new EngineId("one", "ven"), new EngineId("two", "ven"));
        refusals.Add(a, "because", at);
        Assert.Equal((new PushRefusal("because", at), null), (refusals.FindLatest(mine, a), refusals.FindLatest(mine, b)));
        Assert.Equal("because", refusals.FindLatest(other, CreateVtn("vtn.a.example", _pki))?.Why);

        // What a message of one tenant's was refused for is its own, and the later of the two counts.
        refusals.Add(mine, "no XML", at + Duration.FromSeconds(1));
        Assert.Equal(("no XML", "because"), (refusals.FindLatest(mine, a)?.Why, refusals.FindLatest(other, a)?.Why));
        refusals.Add(a, "again", at + Duration.FromSeconds(2));
        Assert.Equal(("again", "no XML"), (refusals.FindLatest(mine, a)?.Why, refusals.FindLatest(mine, b)?.Why));
        refusals.RetainOnly(new HashSet<PushVtn> { b }, new HashSet<EngineId> { other });
        Assert.Null(refusals.FindLatest(mine, a));
    }

    [Fact]
    public void The_vens_of_one_vtn_share_it_whatever_their_own_certificates() =>
        Assert.Single(Enumerable.Range(0, 500).Select(i => CreateVtn("vtn.example", _pki, $"/etc/ven-{i}.pem")).Distinct());

    [Fact]
    public void A_refusal_is_found_out_once_in_ten_seconds_also_where_the_same_roots_are_in_several_files()
    {
        var copy = Path.Combine(_pki.Folder, "copy.pem");
        File.Copy(_pki.BundlePath, copy);
        var (now, stranger) = (SystemClock.Instance.GetCurrentInstant(), new ListenerPeer(_pki.Issue("vtn.a-utility.example"), []));
        var refusal = _trust.Refuse(CreateVtn("vtn.example", _pki), stranger, now);
        Assert.NotNull(refusal);
        Assert.Same(refusal, _trust.Refuse(CreateVtn("vtn.example", _pki), stranger, now + Duration.FromSeconds(9)));
        Assert.Same(refusal, _trust.Refuse(new PushVtn(copy, null, "vtn.example"), stranger, now + Duration.FromSeconds(9)));
        Assert.NotSame(refusal, _trust.Refuse(CreateVtn("vtn.other.example", _pki), stranger, now + Duration.FromSeconds(9)));
        Assert.NotSame(refusal, _trust.Refuse(CreateVtn("vtn.example", _pki), stranger, now + Duration.FromSeconds(10)));

        // With the intermediate that was missing it is another caller.
        Assert.NotSame(refusal, _trust.Refuse(CreateVtn("vtn.example", _pki), stranger with { Others = [_other.Roots[0]] }, now));
    }

    [Fact]
    public void Files_that_cannot_be_read_for_a_while_leave_those_in_use()
    {
        var (now, vtn, caller) = (SystemClock.Instance.GetCurrentInstant(), CreateVtn("vtn.example", _pki), new ListenerPeer(_pki.Issue("vtn.example"), []));
        Assert.Null(_trust.Refuse(vtn, caller, now));
        File.Move(_pki.BundlePath, _pki.BundlePath + ".away");
        Assert.Null(_trust.Refuse(vtn, caller, now + Duration.FromSeconds(11)));
        Assert.Contains("can't be read", new PushTrust().Refuse(vtn, caller, now)?.Why, StringComparison.Ordinal);
    }

    private string? Concern(string host, PrivatePki roots, X509Certificate2 caller) =>
        Assert.IsType<CallerRefusal>(_trust.Refuse(CreateVtn(host, roots), new ListenerPeer(caller, []), SystemClock.Instance.GetCurrentInstant())).Concern;

    private static PushVtn CreateVtn(string host, PrivatePki roots, string? own = null) => PushVtn.From(new VenConfig
    {
        VtnUrl = $"https://{host}/OpenADR2/Simple/2.0b",
        VenName = "b",
        Profile = new VenProfile { TrustedRoots = roots.BundlePath, ClientCertificate = own },
    });
}

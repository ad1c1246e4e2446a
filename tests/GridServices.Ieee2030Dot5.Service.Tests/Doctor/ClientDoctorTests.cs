using System.Text.Json.Nodes;
using GridServices.Ieee2030Dot5.Service.Tests.Rig;
using GridServices.Ieee2030Dot5.Service.Tests.Transport;
using GridServices.Ieee2030Dot5.Service.Transport;

namespace GridServices.Ieee2030Dot5.Service.Tests.Doctor;

public sealed class ClientDoctorTests
{
    [Fact]
    public async Task A_healthy_line_is_shown_with_identity_chain_suite_and_a_pin_to_set()
    {
        using var pki = new PrivatePki();
        using var own = pki.Issue();
        using var theirs = pki.Issue();
        await using var server = await TlsServer.StartAsync(pki, theirs);
        await using var rig = await ServiceRig.StartAsync();
        await rig.PutAsync(ServiceRig.Path, Config(server, pki, own, withChain: true));
        await ServiceRig.UntilAsync(() => rig.GetAsync(ServiceRig.Path), c => c["condition"]!["lastHeardAt"] is not null);

        // The service tries the suite on itself beside all else.
        var report = await ServiceRig.UntilAsync(() => rig.GetAsync(ServiceRig.Path + "/doctor"), r => r["ccm8"]!.GetValue<bool>() && r["probe"]!["cipherSuite"] is not null);

        var identity = CertificateSummary.From(own);
        Assert.Equal(identity.Lfdi, report["lfdi"]!.GetValue<string>());
        Assert.Equal(Identity.Lfdi.Parse(identity.Lfdi).Sfdi.Label, report["sfdi"]!.GetValue<string>());
        Assert.Equal("111115", report["devices"]![0]!["pin"]!.GetValue<string>());
        Assert.Equal("TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8", report["probe"]!["cipherSuite"]!.GetValue<string>());
        Assert.Equal(3, report["probe"]!["chain"]!.AsArray().Count);
        Assert.Single(report["intermediates"]!.AsArray());
        Assert.Contains($"set transport.serverPin to {CertificateSummary.From(theirs).Lfdi}", Advice(report), StringComparison.Ordinal);
        Assert.InRange(report["clockSkewS"]!.GetValue<double>(), -30, 30);
    }

    [Fact]
    public async Task A_certificate_file_without_intermediates_and_a_server_that_hangs_up_are_put_together()
    {
        using var pki = new PrivatePki();
        using var own = pki.Issue(endsIn: TimeSpan.FromDays(5));
        await using var server = await TlsServer.StartAsync(pki, pki.Issue("localhost"));
        await using var rig = await ServiceRig.StartAsync();
        await rig.PutAsync(ServiceRig.Path, Config(server, pki, own, withChain: false));
        await ServiceRig.UntilAsync(() => rig.GetAsync(ServiceRig.Path), c => c["condition"]!["detail"]?.GetValue<string>().Contains("intermediates", StringComparison.Ordinal) == true);

        var report = await rig.GetAsync(ServiceRig.Path + "/doctor");

        Assert.Contains("holds no intermediates", Advice(report), StringComparison.Ordinal);
        Assert.Contains("in 5 days", Advice(report), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_said_to_be_so()
    {
        await using var rig = await ServiceRig.StartAsync();
        await rig.PutAsync(ServiceRig.Path, JsonNode.Parse("""{ "serverUrl": "http://127.0.0.1:9/dcap", "siteId": "site-1", "lfdi": "3E4F45AB31EDFE5B67E343E5E4562E31984E23E5" }""")!);

        var report = await rig.GetAsync(ServiceRig.Path + "/doctor");

        Assert.False(report["probe"]!["reachable"]!.GetValue<bool>());
        Assert.Contains("can't be reached", Advice(report), StringComparison.Ordinal);
        Assert.Equal("167-261-211-391", report["sfdi"]!.GetValue<string>());
    }

    private static string Advice(JsonNode report) => string.Join('\n', report["advice"]!.AsArray().Select(a => a!.GetValue<string>()));

    private static JsonObject Config(TlsServer server, PrivatePki pki, System.Security.Cryptography.X509Certificates.X509Certificate2 own, bool withChain)
    {
        var (file, key) = pki.Write("device", own, withChain);
        return new JsonObject
        {
            ["serverUrl"] = new Uri(server.Url, "/dcap").ToString(),
            ["siteId"] = "site-1",
            ["pin"] = "111115",
            ["transport"] = new JsonObject { ["clientCertificate"] = file, ["clientKey"] = key, ["trustedRoots"] = pki.CaFile },
        };
    }
}

using System.Text.Json.Nodes;
using GridServices.OpenAdr.Service.Tests.Rig;

namespace GridServices.OpenAdr.Service.Tests.Transport;

/// <summary>The VEN beside a VTN that signs by another program's code and refuses what is not signed (OpenADR 2.0b rule 514).</summary>
public sealed class SigningVtnTests
{
    [Theory]
    [InlineData(KeyKind.Rsa)]
    [InlineData(KeyKind.Ec)]
    public async Task Both_sides_sign_and_an_event_goes_all_the_way(KeyKind kind)
    {
        using var pki = new PrivatePki(kind);
        await using var rig = await StartAsync(pki, "127.0.0.1");
        await rig.PutAsync(VenRig.Path, Config(rig, pki, "require"));
        await VenRig.UntilAsync(() => rig.StateAsync(), s => s == "registered");

        await rig.Vtn.IssueAsync("signed-1");
        await rig.HubHasAsync(e => e.Segments.Any(s => s.Cause?.EventId == "signed-1"));
        await VenRig.UntilAsync(() => rig.Vtn.GetAsync("/sim/created-events"), created => created.Count > 0);
        Assert.DoesNotContain((await rig.Vtn.GetAsync("/sim/messages")).Select(m => m!["replyStatus"]!.GetValue<int>()), status => status == 403);
    }

    [Fact]
    public async Task What_is_captured_and_sent_again_is_refused_after_a_restart_too()
    {
        using var pki = new PrivatePki(KeyKind.Ec);
        await using var rig = await StartAsync(pki, "127.0.0.1");
        await rig.PutAsync(VenRig.Path, Config(rig, pki, "require"));
        await VenRig.UntilAsync(() => rig.StateAsync(), s => s == "registered");
        await rig.Vtn.IssueAsync("signed-1");
        await rig.HubHasAsync(e => e.Segments.Any(s => s.Cause?.EventId == "signed-1"));
        var captured = (await rig.Vtn.GetAsync("/sim/messages")).Last(m => m!["replyName"]?.GetValue<string>() == "oadrDistributeEvent")!["reply"]!.GetValue<string>();

        // Nor is it taken by another VEN, for which nobody signed it.
        var other = Config(rig, pki, "require");
        (other["venName"], other["siteId"]) = ("site-2", "site-2");
        await rig.PutAsync("/v1/vens/site-2", other);
        await VenRig.UntilAsync(async () => (await rig.GetAsync("/v1/vens/site-2"))["state"]!.GetValue<string>(), s => s == "registered");
        await rig.Vtn.PostRawAsync($"/sim/raw?venId={(await rig.GetAsync("/v1/vens/site-2"))["venId"]!.GetValue<string>()}", System.Text.Encoding.UTF8.GetBytes(captured));
        await VenRig.UntilAsync(async () => (await rig.GetAsync("/v1/vens/site-2"))["notes"]!.ToJsonString(), notes => notes.Contains("by another VEN", StringComparison.Ordinal));

        using (var client = rig.Service.Client())
        {
            Assert.Contains("\nopenadr_replays_elsewhere_total 1\n", await client.GetStringAsync("/metrics"), StringComparison.Ordinal);
        }

        await rig.StopServiceAsync();
        await rig.StartServiceAsync();
        await rig.Vtn.PostRawAsync($"/sim/raw?venId={await rig.VenIdAsync()}", System.Text.Encoding.UTF8.GetBytes(captured));
        await VenRig.UntilAsync(
            async () => (await rig.GetAsync(VenRig.Path))["notes"]!.ToJsonString(), notes => notes.Contains("a message with this nonce was taken before", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_vtn_that_does_not_sign_is_not_obeyed_where_signatures_are_required_and_doctor_says_so()
    {
        using var pki = new PrivatePki(KeyKind.Ec);
        await using var rig = await VenRig.StartAsync();
        await rig.PutAsync(VenRig.Path, Config(rig, pki, "require"));
        var ven = await VenRig.UntilAsync(() => rig.GetAsync(VenRig.Path), v => v.ToJsonString().Contains("not signed", StringComparison.Ordinal));
        Assert.NotEqual("registered", ven["state"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_vtn_that_demands_signatures_and_gives_none_is_not_obeyed()
    {
        using var pki = new PrivatePki(KeyKind.Ec);
        await using var rig = await StartAsync(pki, "127.0.0.1");
        var config = Config(rig, pki, "require");
        config["maxBackOff"] = "PT2S";
        await rig.PutAsync(VenRig.Path, config);
        await VenRig.UntilAsync(() => rig.StateAsync(), s => s == "registered");
        await rig.Vtn.SendAsync(HttpMethod.Put, "/sim/habits", new JsonObject { ["habits"] = new JsonArray("unsigned") });
        await rig.Vtn.IssueAsync("forged");
        await VenRig.UntilAsync(() => rig.GetAsync(VenRig.Path), v => v.ToJsonString().Contains("not signed", StringComparison.Ordinal));
        Assert.DoesNotContain(rig.Hub.Envelopes, e => e.Segments.Any(s => s.Cause?.EventId == "forged"));

        await rig.Vtn.SendAsync(HttpMethod.Put, "/sim/habits", new JsonObject { ["habits"] = new JsonArray() });
        await rig.Vtn.IssueAsync("signed", level: 2);
        await rig.HubHasAsync(e => e.Segments.Any(s => s.Cause?.EventId == "signed"));
    }

    [Fact]
    public async Task The_intermediate_that_the_vtn_sends_by_TLS_alone_counts_for_its_signatures_by_pull_and_push()
    {
        using var pki = new GridServices.Testing.Tls.PrivatePki(depth: 3);
        var (vtn, vtnKey) = pki.Write("vtn", pki.Issue("localhost"));
        var (own, ownKey) = pki.Write("ven", pki.Issue("localhost"));
        var authorities = Path.Combine(pki.Folder, "authorities.pem");
        await File.WriteAllTextAsync(authorities, pki.Root.ExportCertificatePem() + "\n" + pki.Intermediates[0].ExportCertificatePem(), TestContext.Current.CancellationToken);
        var port = Push.PushRig.FreePort();
        await using var rig = await VenRig.StartAsync(
            [$"--Push:Listen=127.0.0.1:{port}", $"--Push:Certificate={own}", $"--Push:CertificateKey={ownKey}"], null,
            ["--sign", "--https", "127.0.0.1:0", "--cert", vtn, "--key", vtnKey, "--ca", authorities]);
        foreach (var (site, isPush) in new[] { ("site-1", false), ("site-2", true) })
        {
            var config = VenRig.Config(rig.Vtn.HttpsUrl!);
            (config["venName"], config["siteId"]) = (site, site);
            if (isPush)
            {
                (config["transport"], config["transportAddress"]) = ("push", $"https://localhost:{port}");
            }

            config["profile"] = new JsonObject { ["signatures"] = "require", ["clientCertificate"] = own, ["clientKey"] = ownKey, ["trustedRoots"] = pki.CaFile };
            await rig.PutAsync($"/v1/vens/{site}", config);
            await VenRig.UntilAsync(async () => (await rig.GetAsync($"/v1/vens/{site}"))["state"]!.GetValue<string>(), s => s == "registered");
        }

        await rig.Vtn.IssueAsync("signed-1", start: "+PT1H");
        await rig.HubHasAsync(e => e.SiteId == "site-1" && e.Segments.Any(s => s.Cause?.EventId == "signed-1"));
        await rig.HubHasAsync(e => e.SiteId == "site-2" && e.Segments.Any(s => s.Cause?.EventId == "signed-1"));
    }

    [Fact]
    public async Task A_certificate_that_cannot_be_read_or_a_nonce_for_all_is_a_refusal_and_the_ven_goes_on_once_it_is_mended()
    {
        using var pki = new PrivatePki(KeyKind.Ec);
        await using var rig = await StartAsync(pki, "127.0.0.1");
        var config = Config(rig, pki, "require");
        config["maxBackOff"] = "PT2S";
        await rig.Vtn.SendAsync(HttpMethod.Put, "/sim/habits", new JsonObject { ["habits"] = new JsonArray("brokenKeyInfo") });
        await rig.PutAsync(VenRig.Path, config);
        await VenRig.UntilAsync(async () => (await rig.GetAsync(VenRig.Path + "/messages")).ToJsonString(), rows => rows.Contains("AUTHN_KEYINFO", StringComparison.Ordinal));
        await VenRig.UntilAsync(() => rig.GetAsync(VenRig.Path), v => v["condition"]!["problem"]?.GetValue<string>().Contains("certificate in KeyInfo can't be read", StringComparison.Ordinal) == true);

        await rig.Vtn.SendAsync(HttpMethod.Put, "/sim/habits", new JsonObject { ["habits"] = new JsonArray("oneNonce") });
        await VenRig.UntilAsync(() => rig.GetAsync(VenRig.Path), v => v["notes"]!.ToJsonString().Contains("nonce was taken before", StringComparison.Ordinal));
        await rig.Vtn.SendAsync(HttpMethod.Put, "/sim/habits", new JsonObject { ["habits"] = new JsonArray() });
        await VenRig.UntilAsync(() => rig.StateAsync(), s => s == "registered");
        await VenRig.UntilAsync(async () => (await rig.GetAsync(VenRig.Path))["condition"]!, c => c["problem"] is null);
    }

    [Fact]
    public async Task A_certificate_of_another_participant_signs_in_vain_unless_it_is_pinned()
    {
        using var pki = new PrivatePki(KeyKind.Ec);
        await using var rig = await StartAsync(pki, "somebody-else");
        await rig.PutAsync(VenRig.Path, Config(rig, pki, "require"));
        await VenRig.UntilAsync(() => rig.GetAsync(VenRig.Path), v => v.ToJsonString().Contains("somebody-else", StringComparison.Ordinal));

        var pinned = Config(rig, pki, "require");
        pinned["profile"]!["vtnCertificate"] = Path.Combine(pki.Folder, "vtn.pem");
        await rig.PutAsync(VenRig.Path, pinned);
        await VenRig.UntilAsync(() => rig.StateAsync(), s => s == "registered");
    }

    [Fact]
    public async Task A_vtn_that_signs_is_named_by_doctor_while_the_setting_is_off()
    {
        using var pki = new PrivatePki(KeyKind.Ec);
        await using var rig = await StartAsync(pki, "127.0.0.1");
        await rig.EnrollAsync();

        // It refuses what is not signed, so that all it ever says is a refusal; the doctor knows it by that.
        await VenRig.UntilAsync(
            async () => (await rig.GetAsync(VenRig.Path + "/doctor"))["advice"]!.ToJsonString(),
            report => report.Contains("not signed", StringComparison.Ordinal) && report.Contains("profile.signatures", StringComparison.Ordinal));
        var ven = await VenRig.UntilAsync(() => rig.GetAsync(VenRig.Path), v => v["notes"]!.ToJsonString().Contains("not signed", StringComparison.Ordinal));
        Assert.Contains("not signed", ven["condition"]!["problem"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    private static async Task<VenRig> StartAsync(PrivatePki pki, string vtnName)
    {
        using var vtn = pki.Issue(vtnName);
        return await VenRig.StartAsync(vtnOptions: ["--sign", "--cert", pki.Write("vtn.pem", vtn), "--key", Path.Combine(pki.Folder, "vtn.pem")]);
    }

    private static JsonObject Config(VenRig rig, PrivatePki pki, string mode)
    {
        using var own = pki.Issue("ven-1");
        var config = VenRig.Config(rig.Vtn.Url);
        config["profile"] = new JsonObject { ["signatures"] = mode, ["clientCertificate"] = pki.Write("ven.pem", own), ["trustedRoots"] = pki.BundlePath };
        return config;
    }
}

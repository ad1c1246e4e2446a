using System.Net;
using System.Text.Json.Nodes;
using GridServices.Hosting.Auth;
using GridServices.OpenAdr.Service.Tests.Rig;
using GridServices.Testing;

namespace GridServices.OpenAdr.Service.Tests.Api;

public sealed class VenApiTests
{
    [Fact]
    public async Task Every_fault_of_a_configuration_is_named_at_once_with_its_place_and_how_to_mend_it()
    {
        await using var rig = await VenRig.StartAsync();
        var config = VenRig.Config("https://user:secret@vtn.example/OpenADR2/Simple/2.0b", "PT0.001S");
        config.Remove("siteId");
        config["programs"]![0]!["signals"]!["SIMPLE"]!["levels"]!["7"] = new JsonObject();
        config["reports"]![0]!["source"] = "site.netPower";
        config["profile"] = new JsonObject { ["clientCertificate"] = "/nowhere/ven.pem", ["clientKey"] = "/nowhere/ven.key", ["trustedRoots"] = "/nowhere/ca.pem" };

        var (status, body) = await rig.SendAsync(HttpMethod.Put, VenRig.Path, config.ToJsonString());

        Assert.Equal(422, (int)status);
        var faults = body!["errors"]!.AsArray().Select(e => e!["pointer"]!.GetValue<string>()).ToList();
        Assert.Equal(["/pollInterval", "/profile/clientCertificate", "/profile/clientKey", "/profile/trustedRoots", "/programs/0/signals/SIMPLE/levels/7", "/reports/0/source", "/siteId", "/vtnUrl"], faults.Order(StringComparer.Ordinal));
        Assert.Contains("must be one of site.netPowerW", body.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", body.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await rig.SendAsync(HttpMethod.Get, VenRig.Path)).Status);
    }

    [Theory]
    [InlineData("""{ "vtnURL": "x" }""", "/vtnURL", "did you mean vtnUrl")]
    [InlineData("""{ "vtnUrl": 5 }""", "/vtnUrl", "text in quotation marks")]
    [InlineData("""{ "pollInterval": "10 s" }""", "/pollInterval", "PT10S")]
    [InlineData("""{ "transport": "poll" }""", "/transport", "pull")]
    [InlineData("""{ "transport": "push" }""", "", "is missing")]
    [InlineData("""{ "programs": {} }""", "/programs", "must be a list")]
    [InlineData("""{ "programs": [ { "stream": "A", "signals": { "SIMPLE": { "levels": { "1": 60000 } } } } ] }""", "/programs/0/signals/SIMPLE/levels/1", "must be an object")]
    [InlineData("""{ "programs": [ { "stream": "A", "signals": { "SIMPLE": { "levels": { "1": { "importLimitKW": 60 } } } } } ] }""", "/programs/0/signals/SIMPLE/levels/1/importLimitKW", "importLimitW")]
    [InlineData("""{ "programs": [ { "stream": "A", "signals": { "SIMPEL": { } } } ] }""", "/programs/0/signals/SIMPEL", "did you mean SIMPLE")]
    [InlineData("""[ ]""", "", "must be an object")]
    [InlineData("""{ "a": 1, "a": 2 }""", "", "not well-formed")]
    [InlineData("""{ """, "", "not well-formed")]
    public async Task A_slip_is_named(string json, string pointer, string words)
    {
        await using var rig = await VenRig.StartAsync();

        var (status, body) = await rig.SendAsync(HttpMethod.Put, VenRig.Path, json);

        Assert.InRange((int)status, 400, 422);
        var fault = body!["errors"]!.AsArray().FirstOrDefault(e => e!["pointer"]!.GetValue<string>() == pointer && e["detail"]!.GetValue<string>().Contains(words, StringComparison.Ordinal));
        Assert.True(fault is not null, body.ToJsonString());
    }

    /// <summary>Whether the other tenant's file exists is not told either.</summary>
    [Fact]
    public async Task Another_tenants_certificates_are_refused_in_the_same_words_whether_they_exist_or_not()
    {
        await using var rig = await VenRig.StartAsync();
        var token = await rig.Service.AddTokenAsync("b", Role.Operator, "b");
        var there = Path.Combine(rig.Folder, "a.crt");
        await File.WriteAllTextAsync(there, "x", TestContext.Current.CancellationToken);
        var said = new List<string>();
        foreach (var path in new[] { there, there + "-not" })
        {
            var config = VenRig.Config("https://vtn.example/OpenADR2/Simple/2.0b");
            config["profile"] = new JsonObject { ["clientCertificate"] = path, ["clientKey"] = path };
            var (status, body) = await rig.SendAsync(HttpMethod.Put, VenRig.Path, config.ToJsonString(), token);
            Assert.Equal(422, (int)status);
            Assert.Equal(["/profile/clientCertificate", "/profile/clientKey"], body!["errors"]!.AsArray().Select(e => e!["pointer"]!.GetValue<string>()));
            said.Add(body["errors"]!.ToJsonString());
        }

        Assert.Equal(said[0], said[1]);
    }

    [Fact]
    public async Task Push_is_refused_until_it_is_there_and_plain_http_is_warned_of()
    {
        await using var rig = await VenRig.StartAsync();
        var push = VenRig.Config(rig.Vtn.Url);
        push["transport"] = "push";
        Assert.Equal(422, (int)(await rig.SendAsync(HttpMethod.Put, VenRig.Path, push.ToJsonString())).Status);

        var plain = await rig.PutAsync(VenRig.Path, VenRig.Config("http://vtn.invalid/OpenADR2/Simple/2.0b"));
        Assert.Contains("plain http", plain["warnings"]![0]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_an_operator_of_the_sites_and_the_tenant_sees_and_changes_a_VEN()
    {
        await using var rig = await VenRig.StartAsync();
        await rig.EnrollAsync();
        var tokens = rig.Service.Tokens;
        var elsewhere = tokens.Add("elsewhere", Role.Operator, sites: ["site-9"]);
        var stranger = tokens.Add("stranger", Role.Operator, tenant: "other");
        await VenRig.UntilAsync(async () => (await rig.SendAsync(HttpMethod.Get, "/v1/vens", token: stranger)).Status, s => s == HttpStatusCode.OK);

        Assert.Equal(HttpStatusCode.Forbidden, (await rig.SendAsync(HttpMethod.Get, "/v1/vens", token: tokens.Controller)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await rig.SendAsync(HttpMethod.Get, "/v1/vens", token: tokens.Publisher)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await rig.SendAsync(HttpMethod.Get, VenRig.Path, token: elsewhere)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await rig.SendAsync(HttpMethod.Get, VenRig.Path, token: stranger)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await rig.SendAsync(HttpMethod.Delete, VenRig.Path, token: stranger)).Status);
        Assert.Empty((await rig.SendAsync(HttpMethod.Get, "/v1/vens", token: elsewhere)).Body!.AsArray());
        Assert.Single((await rig.GetAsync("/v1/vens")).AsArray());
        Assert.Equal(HttpStatusCode.Created, (await rig.SendAsync(HttpMethod.Put, VenRig.Path, VenRig.Config(rig.Vtn.Url).ToJsonString(), stranger)).Status);
    }

    [Fact]
    public async Task Two_VENs_cannot_write_to_one_stream_of_a_site()
    {
        await using var rig = await VenRig.StartAsync();
        await rig.EnrollAsync();

        var (status, body) = await rig.SendAsync(HttpMethod.Put, "/v1/vens/site-1b", VenRig.Config(rig.Vtn.Url).ToJsonString());

        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Contains("PROG7", body!["detail"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST", "/actions/resend", """{ "evnetId": "e1" }""", "/evnetId", "is not known here")]
    [InlineData("POST", "/actions/request-events", """[ 1 ]""", "", "must be an object")]
    [InlineData("PUT", "/events/e1/opt", """{ "optTyp": "optOut" }""", "/optTyp", "did you mean optType")]
    [InlineData("PUT", "/events/e1/opt", """{ "optType": "optOut", "raeson": "x" }""", "/raeson", "did you mean reason")]
    [InlineData("PUT", "/events/e1/opt", """{ "optType": "out" }""", "/optType", "optOut")]
    [InlineData("PUT", "/events/e1/opt", """{ """, "", "not well-formed")]
    public async Task A_slip_in_a_body_is_named_and_nothing_is_done(string method, string path, string json, string pointer, string words)
    {
        await using var rig = await VenRig.StartAsync();
        await rig.RegisterAsync();
        await rig.Vtn.IssueAsync("e1", start: "+PT1H");
        await rig.HubHasAsync(e => e.Segments.Count == 1);

        var (status, body) = await rig.SendAsync(new HttpMethod(method), VenRig.Path + path, json);

        Assert.InRange((int)status, 400, 422);
        var fault = body!["errors"]!.AsArray().FirstOrDefault(e => e!["pointer"]!.GetValue<string>() == pointer && e["detail"]!.GetValue<string>().Contains(words, StringComparison.Ordinal));
        Assert.True(fault is not null, body.ToJsonString());
        Assert.Equal("optIn", (await rig.GetAsync(VenRig.Path + "/events/e1"))["optType"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("reregistr", "did you mean reregister")]
    [InlineData("x", "there are query-registration")]
    public async Task An_unknown_action_is_named(string action, string words)
    {
        await using var rig = await VenRig.StartAsync();
        await rig.EnrollAsync();

        var (status, body) = await rig.SendAsync(HttpMethod.Post, $"{VenRig.Path}/actions/{action}");

        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Contains(words, body!["detail"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_action_is_done()
    {
        await using var rig = await VenRig.StartAsync();
        await rig.RegisterAsync();
        var registrations = await rig.Vtn.CountAsync("oadrCreatePartyRegistration");
        foreach (var (action, message) in new[]
        {
            ("query-registration", "oadrQueryRegistration"), ("reregister", "oadrCreatePartyRegistration"), ("request-events", "oadrRequestEvent"),
            ("publish-metadata", "oadrRegisterReport"), ("request-vtn-metadata", "oadrCreateReport"), ("cancel-registration", "oadrCancelPartyRegistration"),
        })
        {
            var before = await rig.Vtn.CountAsync(message);
            await rig.PostAsync("/actions/" + action);
            await VenRig.UntilAsync(() => rig.Vtn.CountAsync(message), n => n > before);
        }

        await VenRig.UntilAsync(() => rig.StateAsync(), s => s == "paused");
        await rig.PostAsync("/actions/register");
        await VenRig.UntilAsync(() => rig.StateAsync(), s => s == "registered");
        Assert.Equal(registrations + 2, await rig.Vtn.CountAsync("oadrCreatePartyRegistration"));
    }

    [Fact]
    public async Task The_vtns_METADATA_is_asked_for_again_and_again_shown_and_cancelled()
    {
        await using var rig = await VenRig.StartAsync();
        await rig.RegisterAsync();
        await rig.PostAsync("/actions/request-vtn-metadata?reportBackDuration=PT1H");
        var promised = await VenRig.UntilAsync(GetVtnReportsAsync, r => r.Count == 1);
        Assert.Equal("PT1H", promised[0]!["reportBack"]!.GetValue<string>());
        await rig.PostAsync("/actions/cancel-vtn-metadata");
        await VenRig.UntilAsync(GetVtnReportsAsync, r => r.Count == 0);
        Assert.Equal(1, await rig.Vtn.CountAsync("oadrCancelReport"));

        // One rides on the answer to the METADATA that another brings, and is served in its turn.
        await rig.PostAsync("/actions/request-vtn-metadata?rides=true");
        await rig.PostAsync("/actions/request-vtn-metadata");
        await VenRig.UntilAsync(() => rig.Vtn.GetAsync("/sim/messages?name=oadrRegisteredReport"), all => all.ToJsonString().Contains("oadrReportRequest", StringComparison.Ordinal));
        await VenRig.UntilAsync(GetVtnReportsAsync, r => r.Count == 0);
        foreach (var wrong in new[] { "request-vtn-metadata?rides=perhaps", "request-events?rides=true" })
        {
            var (status, body) = await rig.SendAsync(HttpMethod.Post, $"{VenRig.Path}/actions/{wrong}");
            Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
            Assert.Contains("rides", body!["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        }

        foreach (var wrong in new[] { "request-vtn-metadata?reportBackDuration=P1M", "request-vtn-metadata?reportBackDuration=PT0S", "request-events?reportBackDuration=PT1H" })
        {
            var (status, body) = await rig.SendAsync(HttpMethod.Post, $"{VenRig.Path}/actions/{wrong}");
            Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
            Assert.Contains("reportBackDuration", body!["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        }

        async Task<JsonArray> GetVtnReportsAsync() => (await rig.GetAsync(VenRig.Path + "/reports"))["ofVtn"]!.AsArray();
    }

    [Fact]
    public async Task The_doctor_says_in_words_what_is_wrong()
    {
        await using var rig = await VenRig.StartAsync();
        await rig.RegisterAsync();

        // An exchange that a busy machine takes seconds for looks as if the clocks differed, until the next one.
        var well = await VenRig.UntilAsync(() => rig.GetAsync(VenRig.Path + "/doctor"), r => r["advice"]![0]!.GetValue<string>() == "Nothing is wrong that can be seen from here.");
        Assert.True(well["probe"]!["reachable"]!.GetValue<bool>());

        await rig.Vtn.DisposeAsync();
        var ill = await rig.GetAsync(VenRig.Path + "/doctor");
        Assert.False(ill["probe"]!["reachable"]!.GetValue<bool>());
        Assert.Contains("can't be reached", ill["advice"]!.ToJsonString().Replace("\\u0027", "'", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_doctor_shows_fingerprint_chain_and_handshake_of_a_TLS_VTN()
    {
        using var pki = new Transport.PrivatePki();
        await using var vtn = await Transport.TlsVtn.StartAsync(pki.Issue("localhost"), pki);
        await using var rig = await VenRig.StartAsync();
        var config = VenRig.Config(vtn.Url + "OpenADR2/Simple/2.0b", "PT10S");
        config["profile"] = new JsonObject { ["clientCertificate"] = pki.Write("ven.pem", pki.Issue("ven-1", TimeSpan.FromDays(10))), ["trustedRoots"] = pki.BundlePath };
        await rig.PutAsync(VenRig.Path, config);

        var report = await rig.GetAsync(VenRig.Path + "/doctor");

        Assert.Equal(29, report["venFingerprint"]!.GetValue<string>().Length);
        Assert.Equal("Tls12", report["probe"]!["tlsProtocol"]!.GetValue<string>());
        Assert.Equal(["CN=localhost"], report["probe"]!["chain"]!.AsArray().Take(1).Select(c => c!["subject"]!.GetValue<string>()));
        Assert.Contains("10 days; ask for a new one", report["advice"]!.ToJsonString(), StringComparison.Ordinal);
        config["profile"]!["trustedRoots"] = null;
        config["profile"]!.AsObject().Remove("trustedRoots");
        await rig.PutAsync(VenRig.Path, config);
        Assert.Contains("profile.trustedRoots", (await rig.GetAsync(VenRig.Path + "/doctor"))["advice"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_doctor_tells_http_to_a_TLS_port_https_to_a_plain_one_and_a_certificate_that_plain_http_does_not_use()
    {
        using var pki = new Transport.PrivatePki();
        await using var vtn = await Transport.TlsVtn.StartAsync(pki.Issue("localhost"), pki);
        await using var rig = await VenRig.StartAsync();
        var config = VenRig.Config($"http://localhost:{vtn.Url.Port}/OpenADR2/Simple/2.0b", "PT10S");
        config["profile"] = new JsonObject { ["clientCertificate"] = pki.Write("ven.pem", pki.Issue("ven-1")) };
        var put = await rig.PutAsync(VenRig.Path, config);
        Assert.Contains("certificates are given but vtnUrl is plain http", put["warnings"]!.ToJsonString(), StringComparison.Ordinal);
        var plain = (await rig.GetAsync(VenRig.Path + "/doctor"))["advice"]!.ToJsonString();
        Assert.Contains("write https:// in vtnUrl", plain, StringComparison.Ordinal);
        Assert.Contains("plain http, so it is not used", plain, StringComparison.Ordinal);

        await rig.PutAsync(VenRig.Path, VenRig.Config($"https://localhost:{rig.Vtn.Port}/OpenADR2/Simple/2.0b", "PT10S"));
        var tls = (await rig.GetAsync(VenRig.Path + "/doctor"))["advice"]!.ToJsonString();
        Assert.Contains("speaks no TLS; write http://", tls, StringComparison.Ordinal);
        Assert.DoesNotContain("..", tls, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_doctor_names_a_VTN_that_signs_its_messages()
    {
        await using var rig = await VenRig.StartAsync();
        await rig.RegisterAsync();
        await rig.SettleAsync();
        const string Signed = """
            <oadrPayload xmlns="http://openadr.org/oadr-2.0b/2012/07" xmlns:ei="http://docs.oasis-open.org/ns/energyinterop/201110" xmlns:pyld="http://docs.oasis-open.org/ns/energyinterop/201110/payloads">
            <ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/><oadrSignedObject>
            <oadrRegisterReport ei:schemaVersion="2.0b"><pyld:requestID>m-1</pyld:requestID></oadrRegisterReport></oadrSignedObject></oadrPayload>
            """;
        await rig.Vtn.PostAsync("/sim/faults", new JsonObject { ["mode"] = "body", ["times"] = 1000, ["service"] = "OadrPoll", ["body"] = Signed });

        var advice = await VenRig.UntilAsync(
            async () => (await rig.GetAsync(VenRig.Path + "/doctor"))["advice"]!.ToJsonString(), a => a.Contains("signs its messages", StringComparison.Ordinal));
        Assert.Contains("profile.signatures is off", advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_VEN_whose_VTN_hangs_is_deleted_at_once_and_holds_up_no_other()
    {
        await using var rig = await VenRig.StartAsync();
        await rig.RegisterAsync();
        await rig.SettleAsync();
        await rig.Vtn.PostAsync("/sim/faults", JsonNode.Parse("""{ "mode": "hang", "delayMs": 3600000, "times": 50 }"""));
        await Task.Delay(300, TestContext.Current.CancellationToken);
        var other = VenRig.Config(rig.Vtn.Url);
        other["siteId"] = "site-2";

        var clock = System.Diagnostics.Stopwatch.StartNew();
        await rig.PutAsync("/v1/vens/site-2", other);
        Assert.Equal(HttpStatusCode.NoContent, (await rig.SendAsync(HttpMethod.Delete, VenRig.Path)).Status);

        Assert.True(clock.Elapsed < Until.Ceiling, $"took {clock.Elapsed}");
        await VenRig.UntilAsync(() => rig.Hub.Withdrawals.Any());
    }

    [Fact]
    public async Task Health_metrics_and_the_document_are_there()
    {
        await using var rig = await VenRig.StartAsync();
        await rig.RegisterAsync();
        await rig.SettleAsync();
        Assert.Equal(HttpStatusCode.OK, (await rig.SendAsync(HttpMethod.Get, "/health/live")).Status);
        Assert.Equal(HttpStatusCode.OK, (await rig.SendAsync(HttpMethod.Get, "/health/ready")).Status);
        using var client = rig.Service.Client();
        var metrics = await client.GetStringAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken);
        foreach (var name in new[] { "openadr_polls", "openadr_exchange_duration", "openadr_vens_registered", "openadr_owed", "openadr_clock_skew", "\nopenadr_vens_faulted 0\n", "\nopenadr_vens_unreadable 0\n", "\nopenadr_replays_total 0\n", "\nopenadr_replays_elsewhere_total 0\n" })
        {
            Assert.Contains(name, metrics, StringComparison.Ordinal);
        }
    }
}

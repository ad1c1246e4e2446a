using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using GridServices.OpenAdr.Service.Tests.Rig;
using GridServices.OpenAdr.Service.Tests.Transport;

namespace GridServices.OpenAdr.Service.Tests.Push;

/// <summary>Who may push, and what is taken for a push.</summary>
public sealed class PushListenerTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Only_the_four_endpoints_are_there_and_only_for_POST() // OpenADR 2.0b rule 511
    {
        await using var push = await PushRig.StartAsync();
        await push.RegisterAsync();
        using var vtn = push.VtnCaller();
        foreach (var path in new[] { "/", "/v1/vens", "/health", "/OpenADR2/Simple/2.0b/OadrPoll", "/other/OpenADR2/Simple/2.0b/EiEvent", "/OpenADR2/Simple/2.0b/eievent" })
        {
            using var answer = await vtn.PostAsync(path, PushRig.Xml(PushRig.NoEvents("VTN-SIM")), Ct);
            Assert.Equal((path, HttpStatusCode.NotFound), (path, answer.StatusCode));
        }

        Assert.Contains("answered HTTP 404: POST /OpenADR2/Simple/2.0b/eievent", await RefusedAsync(push), StringComparison.Ordinal);
        using var get = await vtn.GetAsync(PushRig.EventPath, Ct);
        Assert.Equal(HttpStatusCode.NotImplemented, get.StatusCode);
        Assert.Contains("HTTP 404", await RefusedAsync(push), StringComparison.Ordinal);
        foreach (var (service, code) in new[] { ("EiEvent", "200"), ("EiReport", "459"), ("EiRegisterParty", "459"), ("EiOpt", "459") })
        {
            Assert.Contains($"<ei:responseCode>{code}<", await SayAsync(vtn, PushRig.NoEvents("VTN-SIM"), $"/OpenADR2/Simple/2.0b/{service}"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_is_no_proper_request_is_refused_before_it_is_read() // OpenADR 2.0b rule 53
    {
        await using var push = await PushRig.StartAsync();
        await push.RegisterAsync();
        using var vtn = push.VtnCaller();
        var good = PushRig.NoEvents("VTN-SIM");
        Assert.Equal(HttpStatusCode.NotAcceptable, await StatusAsync(vtn, good, c => c.Headers.ContentType = new MediaTypeHeaderValue("text/html")));
        Assert.Equal(HttpStatusCode.NotAcceptable, await StatusAsync(vtn, good, c => c.Headers.ContentType = new MediaTypeHeaderValue("application/xml", "utf-16")));
        Assert.Equal(HttpStatusCode.NotAcceptable, await StatusAsync(vtn, good, c => c.Headers.ContentEncoding.Add("gzip")));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await StatusAsync(vtn, good + new string(' ', 20_001)));
        Assert.Equal(HttpStatusCode.NotAcceptable, await StatusAsync(vtn, "no xml"));
        Assert.Equal(HttpStatusCode.NotAcceptable, await StatusAsync(vtn, "<!DOCTYPE x [<!ENTITY e 'e'>]>" + good));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(vtn, good, c => c.Headers.ContentType = new MediaTypeHeaderValue("application/xml", "utf-8")));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(vtn, good, c => c.Headers.ContentType = new MediaTypeHeaderValue("text/xml")));
        Assert.Null(await RefusedAsync(push));

        // What was in it may not come again: the VEN asks, and people are told what is wrong.
        await VenRig.UntilAsync(async () => (await push.Rig.GetAsync(VenRig.Path))["condition"]!["owed"]!.GetValue<int>(), owed => owed == 0);
        var asked = await push.Vtn.CountAsync("oadrRequestEvent");
        using var chunked = new HttpRequestMessage(HttpMethod.Post, PushRig.EventPath) { Content = new StreamContent(new Endless(good)) };
        chunked.Content.Headers.ContentType = new MediaTypeHeaderValue("application/xml");
        chunked.Headers.TransferEncodingChunked = true;
        using var answer = await vtn.SendAsync(chunked, Ct);
        Assert.Equal(HttpStatusCode.LengthRequired, answer.StatusCode);
        await VenRig.UntilAsync(() => push.Vtn.CountAsync("oadrRequestEvent"), count => count > asked);
        Assert.Contains("without Content-Length: Send Content-Length, and no chunks", await RefusedAsync(push), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_but_the_vtn_gets_through_the_handshake()
    {
        await using var push = await PushRig.StartAsync();
        await push.RegisterAsync();
        using var foreign = new PrivatePki();
        using var otherName = push.Pki.Issue("somebody-else");
        using var otherRoot = foreign.Issue("localhost");
        using var expired = push.Pki.Issue("localhost", validFor: TimeSpan.FromMinutes(-5), age: TimeSpan.FromHours(1));
        foreach (var certificate in new[] { null, otherName, otherRoot, expired })
        {
            using var caller = push.Caller(certificate);
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => caller.PostAsync(PushRig.EventPath, PushRig.Xml(PushRig.NoEvents("VTN-SIM")), Ct));
        }

        var report = await push.Rig.GetAsync(VenRig.Path + "/doctor");
        Assert.Contains("the caller's certificate is valid from", report["push"]!["lastRefused"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.NotNull(report["push"]!["lastRefusedAt"]);
        Assert.Contains("The listener refused something at", report["advice"]!.ToJsonString(), StringComparison.Ordinal);

        // One push that is taken shows that it is healed.
        using var vtn = push.VtnCaller();
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(vtn, PushRig.NoEvents("VTN-SIM")));
        report = await push.Rig.GetAsync(VenRig.Path + "/doctor");
        Assert.Null(report["push"]!["lastRefused"]);
        Assert.DoesNotContain("refused something", report["advice"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_ids_and_illegible_content_are_answered_with_codes_and_nothing_else_happens()
    {
        await using var push = await PushRig.StartAsync();
        await push.RegisterAsync();
        using var vtn = push.VtnCaller();
        Assert.Contains(">452<", await SayAsync(vtn, PushRig.NoEvents("vtn-sim")), StringComparison.Ordinal);
        var reregister = PushRig.Message("oadrRequestReregistration", "<ei:venID>nobody</ei:venID>");
        Assert.Contains(">452<", await SayAsync(vtn, reregister, "/OpenADR2/Simple/2.0b/EiRegisterParty"), StringComparison.Ordinal);
        var illegible = PushRig.Message("oadrCancelReport", "<pyld:requestID>r-1</pyld:requestID>");
        var answer = await SayAsync(vtn, illegible, "/OpenADR2/Simple/2.0b/EiReport");
        Assert.Contains("oadrCanceledReport", answer, StringComparison.Ordinal);
        Assert.Contains("<pyld:requestID>r-1<", answer, StringComparison.Ordinal);
        Assert.Equal("registered", await push.Rig.StateAsync());
        var notes = (await push.Rig.GetAsync(VenRig.Path))["notes"]!.ToJsonString();
        Assert.Contains("A pushed oadrCancelReport was refused", notes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_venID_at_two_vtns_is_told_apart_by_the_certificate()
    {
        await using var push = await PushRig.StartAsync("--ven-id", "VEN-7");
        using var otherPki = new PrivatePki();
        using (var own = otherPki.Issue("localhost"))
        {
            otherPki.Write("localhost.pem", own);
        }

        await push.RegisterAsync();

        // The other VTN trusts our authority, so that the VEN gets in there; its own certificate is of another.
        var certificate = Path.Combine(otherPki.Folder, "localhost.pem");
        await using var other = await Vtn.StartAsync(0, "--https", "127.0.0.1:0", "--cert", certificate, "--key", certificate, "--ca", push.Pki.BundlePath, "--ven-id", "VEN-7");
        var config = push.Config("site-2", vtn: other);
        config["profile"]!["trustedRoots"] = otherPki.BundlePath;
        await push.RegisterAsync("site-2", config);
        await other.IssueAsync("other-1", start: "+PT1H");
        await push.Rig.HubHasAsync(e => e.SiteId == "site-2" && e.Segments.Any(s => s.Cause?.EventId == "other-1"));
        Assert.Empty((await push.Rig.GetAsync(VenRig.Path + "/events")).AsArray());
    }

    [Fact]
    public async Task A_path_is_one_tenants_and_another_is_refused_without_a_word_of_who_has_it()
    {
        await using var push = await PushRig.StartAsync();
        await push.RegisterAsync();
        var other = await push.Rig.Service.AddTokenAsync("other-operator", Hosting.Auth.Role.Operator, tenant: "other");
        var config = push.Config("site-9");

        // Their certificates are theirs: the files of the other tenant may not be named.
        config.Remove("profile");
        var (status, body) = await push.Rig.SendAsync(HttpMethod.Put, "/v1/vens/theirs", config.ToJsonString(), other);
        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Contains("another path", body!.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("site-1\"", body.ToJsonString(), StringComparison.Ordinal);

        // A dry run of many foresees it.
        var many = new JsonObject { ["vens"] = new JsonArray(new JsonObject { ["venKey"] = "theirs", ["config"] = config.DeepClone() }) };
        (status, body) = await push.Rig.SendAsync(HttpMethod.Put, "/v1/vens?dryRun=true", many.ToJsonString(), other);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("refused", body!["items"]![0]!["status"]!.GetValue<string>());

        config["transportAddress"] = push.Address + "/other";
        (status, body) = await push.Rig.SendAsync(HttpMethod.Put, "/v1/vens/theirs", config.ToJsonString(), other);
        Assert.Equal(HttpStatusCode.Created, status);
        Assert.DoesNotContain("site-1", body!.ToJsonString(), StringComparison.Ordinal);

        // Within a tenant several VENs may share one; the answer names the other.
        var shared = await push.Rig.PutAsync("/v1/vens/site-2", push.Config("site-2"));
        Assert.Contains("of the same VTN has the same address", shared.ToJsonString(), StringComparison.Ordinal);
        using var client = push.Rig.Service.Client(push.Rig.Service.Tokens.Operator);
        var metrics = await client.GetStringAsync("/metrics", Ct);
        Assert.DoesNotContain("theirs", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("ven=", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_push_ven_without_the_listener_is_refused_with_what_to_do()
    {
        await using var rig = await VenRig.StartAsync();
        var config = VenRig.Config(rig.Vtn.Url);
        (config["transport"], config["transportAddress"]) = ("push", "https://dr.example:8443");
        var (status, body) = await rig.SendAsync(HttpMethod.Put, VenRig.Path, config.ToJsonString());
        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        var fault = Assert.Single(body!["errors"]!.AsArray())!.ToJsonString();
        Assert.Contains("/transport", fault, StringComparison.Ordinal);
        Assert.Contains("Push:Listen", fault, StringComparison.Ordinal);
    }

    private static async Task<string?> RefusedAsync(PushRig push) => (await push.Rig.GetAsync(VenRig.Path + "/doctor"))["push"]!["lastRefused"]?.GetValue<string>();

    private static async Task<HttpStatusCode> StatusAsync(HttpClient vtn, string xml, Action<HttpContent>? change = null)
    {
        using var content = PushRig.Xml(xml);
        change?.Invoke(content);
        using var answer = await vtn.PostAsync(PushRig.EventPath, content, Ct);
        return answer.StatusCode;
    }

    private static async Task<string> SayAsync(HttpClient vtn, string xml, string path = PushRig.EventPath)
    {
        using var content = PushRig.Xml(xml);
        using var answer = await vtn.PostAsync(path, content, Ct);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync(Ct);
    }

    /// <summary>A body whose length nobody knows.</summary>
    private sealed class Endless(string text) : MemoryStream(Encoding.UTF8.GetBytes(text))
    {
        public override bool CanSeek => false;
    }
}

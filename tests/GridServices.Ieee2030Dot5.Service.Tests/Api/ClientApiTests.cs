using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Storage;
using GridServices.Ieee2030Dot5.Service.Tests.Rig;
using GridServices.Testing;

namespace GridServices.Ieee2030Dot5.Service.Tests.Api;

public sealed class ClientApiTests
{
    /// <summary>A client of a server that is not there.</summary>
    private static JsonObject Config(string site = "site-1") => new()
    {
        ["serverUrl"] = "http://127.0.0.1:9/dcap",
        ["lfdi"] = "3E4F45AB31EDFE5B67E343E5E4562E31984E23E5",
        ["siteId"] = site,
    };

    [Fact]
    public async Task Every_fault_of_a_configuration_is_named_at_once_with_its_place_and_how_to_mend_it()
    {
        await using var rig = await ServiceRig.StartAsync();
        var config = JsonNode.Parse("""
            { "serverUrl": "https://user:secret@utility.example/dcap", "siteId": "site-1", "pin": "111116",
              "nameplate": { "maxW": 5000, "setMaxW": 6000 },
              "transport": { "clientCertificate": "/nowhere/device.pem", "serverName": "pinned" } }
            """)!;

        var (status, body) = await rig.SendAsync(HttpMethod.Put, ServiceRig.Path, config.ToJsonString());

        Assert.Equal(422, (int)status);
        var faults = body!["errors"]!.AsArray().Select(e => e!["pointer"]!.GetValue<string>()).ToList();
        Assert.Equal(["/nameplate/setMaxW", "/pin", "/serverUrl", "/transport/clientCertificate", "/transport/serverPin"], faults.Order(StringComparer.Ordinal));
        Assert.Contains(body["errors"]!.AsArray(), e => e!["detail"]!.GetValue<string>().Contains("transport.clientCertificate /nowhere/device.pem can't be read", StringComparison.Ordinal));
        Assert.DoesNotContain("secret", body.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await rig.SendAsync(HttpMethod.Get, ServiceRig.Path)).Status);
    }

    [Fact]
    public async Task Another_tenants_certificates_are_refused_without_a_look_at_them()
    {
        await using var rig = await ServiceRig.StartAsync();
        var token = await rig.Service.AddTokenAsync("b", Role.Operator, "b");
        var config = Config("site-2");
        config["serverUrl"] = "https://utility.example/dcap";
        config["transport"] = new JsonObject { ["clientCertificate"] = "/nowhere/device.pem", ["trustedRoots"] = Path.Combine(rig.Folder, "ieee2030-5.db") };

        var (status, body) = await rig.SendAsync(HttpMethod.Put, "/v1/clients/site-2", config.ToJsonString(), token);

        Assert.Equal(422, (int)status);
        Assert.Equal(["/transport/clientCertificate", "/transport/trustedRoots"], body!["errors"]!.AsArray().Select(e => e!["pointer"]!.GetValue<string>()).Order(StringComparer.Ordinal));
        Assert.All(body["errors"]!.AsArray(), e => Assert.Contains("Certificates:Folder", e!["detail"]!.GetValue<string>(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{ "serverURL": "x" }""", "/serverURL", "did you mean serverUrl")]
    [InlineData("""{ "serverUrl": "http://utility.example/dcap", "siteId": "s", "lfdi": "3E4F45AB31EDFE5B67E343E5E4562E31984E23E5" }""", "/serverUrl", "must be https")]
    [InlineData("""{ "serverUrl": "https://utility.example/dcap", "siteId": "s" }""", "/transport/clientCertificate", "knows its clients by their certificates")]
    [InlineData("""{ "serverUrl": "http://localhost/dcap", "siteId": "s" }""", "/lfdi", "is missing")]
    [InlineData("""{ "serverUrl": "http://localhost/dcap?x=1", "siteId": "s" }""", "/serverUrl", "without ?")]
    [InlineData("""{ "serverUrl": "http://localhost/dcap", "siteId": "s", "transport": { "serverPin": "12" } }""", "/transport/serverPin", "40 hex digits")]
    [InlineData("""{ "polling": { "floor": "10 s" } }""", "/polling/floor", "PT10S")]
    [InlineData("""[ ]""", "", "must be an object")]
    [InlineData("""{ """, "", "not well-formed")]
    public async Task A_slip_is_named(string json, string pointer, string words)
    {
        await using var rig = await ServiceRig.StartAsync();

        var (status, body) = await rig.SendAsync(HttpMethod.Put, ServiceRig.Path, json);

        Assert.InRange((int)status, 400, 422);
        var fault = body!["errors"]!.AsArray().FirstOrDefault(e => e!["pointer"]!.GetValue<string>() == pointer && e["detail"]!.GetValue<string>().Contains(words, StringComparison.Ordinal));
        Assert.True(fault is not null, body.ToJsonString());
    }

    [Fact]
    public async Task An_LFDI_that_is_not_the_certificates_is_refused_and_without_one_it_is_worked_out()
    {
        using var pki = new PrivatePki();
        using var certificate = pki.Issue();
        var (file, key) = pki.Write("device", certificate);
        await using var rig = await ServiceRig.StartAsync();
        var config = Config();
        config["serverUrl"] = "https://localhost:9/dcap";
        config["transport"] = new JsonObject { ["clientCertificate"] = file, ["clientKey"] = key, ["trustedRoots"] = pki.CaFile };

        var (status, body) = await rig.SendAsync(HttpMethod.Put, ServiceRig.Path, config.ToJsonString());
        Assert.Equal((422, "/lfdi"), ((int)status, body!["errors"]![0]!["pointer"]!.GetValue<string>()));

        config.Remove("lfdi");
        var detail = await rig.PutAsync(ServiceRig.Path, config);
        Assert.Equal(Service.Transport.CertificateSummary.From(certificate).Lfdi, detail["condition"]!["lfdi"]!.GetValue<string>());
    }

    [Theory, ClassData(typeof(Testing.BothDatabases))]
    public async Task A_client_is_made_listed_changed_kept_over_a_restart_and_deleted(Dialect dialect)
    {
        await using var rig = await ServiceRig.StartAsync(dialect);
        Assert.Equal(201, (int)(await rig.SendAsync(HttpMethod.Put, ServiceRig.Path, Config().ToJsonString())).Status);
        Assert.Equal(200, (int)(await rig.SendAsync(HttpMethod.Put, ServiceRig.Path, Config().ToJsonString())).Status);
        var path = (await rig.GetAsync(ServiceRig.Path))["notificationPath"]!.GetValue<string>();

        await rig.StopServiceAsync();
        await rig.StartServiceAsync();

        Assert.Equal("site-1", (await rig.GetAsync("/v1/clients"))[0]!["clientKey"]!.GetValue<string>());
        Assert.Equal(path, (await rig.GetAsync(ServiceRig.Path))["notificationPath"]!.GetValue<string>());
        Assert.Equal(204, (int)(await rig.SendAsync(HttpMethod.Delete, ServiceRig.Path)).Status);
        Assert.Empty((await rig.GetAsync("/v1/clients")).AsArray());
        Assert.Equal(404, (int)(await rig.SendAsync(HttpMethod.Delete, ServiceRig.Path)).Status);
    }

    [Fact]
    public async Task Only_operators_of_the_tenant_and_the_site_see_a_client()
    {
        await using var rig = await ServiceRig.StartAsync();
        await rig.PutAsync(ServiceRig.Path, Config());
        var tokens = rig.Service.Tokens;
        var elsewhere = tokens.Add("elsewhere", Role.Operator, sites: ["site-2"]);
        var stranger = await rig.Service.AddTokenAsync("stranger", Role.Operator, "other");

        Assert.Equal(403, (int)(await rig.SendAsync(HttpMethod.Get, ServiceRig.Path, token: tokens.Controller)).Status);
        Assert.Equal(403, (int)(await rig.SendAsync(HttpMethod.Get, ServiceRig.Path, token: tokens.Publisher)).Status);
        Assert.Equal(404, (int)(await rig.SendAsync(HttpMethod.Get, ServiceRig.Path, token: stranger)).Status);
        Assert.Equal(403, (int)(await rig.SendAsync(HttpMethod.Get, ServiceRig.Path, token: elsewhere)).Status);
        Assert.Equal(403, (int)(await rig.SendAsync(HttpMethod.Put, "/v1/clients/mine", Config().ToJsonString(), elsewhere)).Status);
        Assert.Equal("[]", (await rig.SendAsync(HttpMethod.Get, "/v1/clients", token: elsewhere)).Body!.ToJsonString());
    }

    [Fact]
    public async Task Two_clients_do_not_speak_for_one_site()
    {
        await using var rig = await ServiceRig.StartAsync();
        await rig.PutAsync(ServiceRig.Path, Config());

        var (status, body) = await rig.SendAsync(HttpMethod.Put, "/v1/clients/another", Config().ToJsonString());

        Assert.Equal(409, (int)status);
        Assert.Contains("already speaks for site 'site-1'", body!["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(201, (int)(await rig.SendAsync(HttpMethod.Put, "/v1/clients/another", Config("site-2").ToJsonString())).Status);
    }

    [Fact]
    public async Task A_misspelt_action_is_told_what_there_is()
    {
        await using var rig = await ServiceRig.StartAsync();
        await rig.PutAsync(ServiceRig.Path, Config());

        var (status, body) = await rig.SendAsync(HttpMethod.Post, ServiceRig.Path + "/actions/redicsover");

        Assert.Equal(404, (int)status);
        Assert.Contains("did you mean rediscover", body!["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        await rig.PostAsync(ServiceRig.Path + "/actions/rediscover");
    }

    [Fact]
    public async Task A_notification_needs_the_path_that_was_drawn_for_the_client()
    {
        await using var rig = await ServiceRig.StartAsync();
        var path = (await rig.PutAsync(ServiceRig.Path, Config()))["notificationPath"]!.GetValue<string>();
        const string Xml = "<Notification xmlns=\"urn:ieee:std:2030.5:ns\"/>";

        Assert.Equal(204, (int)(await rig.SendAsync(HttpMethod.Post, path, Xml, type: "application/sep+xml")).Status);
        Assert.Equal(404, (int)(await rig.SendAsync(HttpMethod.Post, path[..^1] + (path[^1] == '0' ? '1' : '0'), Xml, type: "application/sep+xml")).Status);
        Assert.Equal(404, (int)(await rig.SendAsync(HttpMethod.Post, "/ieee2030-5/notifications/1", Xml, type: "application/sep+xml")).Status);
        Assert.Equal(415, (int)(await rig.SendAsync(HttpMethod.Post, path, Xml, type: "text/plain")).Status);
        Assert.Equal(413, await TooLargeAsync(rig, path));

        var messages = await ServiceRig.UntilAsync(() => rig.GetAsync(ServiceRig.Path + "/messages"), m => m["messages"]!.AsArray().Any(r => r!["direction"]!.GetValue<string>() == "received"));
        var row = messages["messages"]!.AsArray().Single(r => r!["direction"]!.GetValue<string>() == "received")!;
        Assert.Equal((Xml, "/ieee2030-5/notifications"), (row["request"]!.GetValue<string>(), row["href"]!.GetValue<string>()));
    }

    // The server says no before the body is sent; one that is being sent would meet a closed connection.
    private static async Task<int> TooLargeAsync(ServiceRig rig, string path)
    {
        // Without an answer it would send the body after a second.
        using var client = new HttpClient(new SocketsHttpHandler { Expect100ContinueTimeout = Until.Ceiling }) { BaseAddress = rig.Service.Address, Timeout = Until.Ceiling };
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(new string('x', 2_000_000), Encoding.UTF8, "application/sep+xml") };
        request.Headers.ExpectContinue = true;
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return (int)answer.StatusCode;
    }

    [Fact]
    public async Task A_notification_without_a_type_or_compressed_is_read()
    {
        await using var rig = await ServiceRig.StartAsync();
        var path = (await rig.PutAsync(ServiceRig.Path, Config()))["notificationPath"]!.GetValue<string>();
        var xml = Encoding.UTF8.GetBytes("<Notification xmlns=\"urn:ieee:std:2030.5:ns\"/>");
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionMode.Compress, leaveOpen: true))
        {
            await gzip.WriteAsync(xml, TestContext.Current.CancellationToken);
        }

        using var client = rig.Service.Client();
        foreach (var (body, encoding, expected) in new[] { (xml, (string?)null, 204), (packed.ToArray(), "gzip", 204), (packed.ToArray(), "x-gzip", 204), (xml, "gzip", 400), (xml, "br", 415) })
        {
            using var content = new ByteArrayContent(body);
            if (encoding is not null)
            {
                content.Headers.ContentEncoding.Add(encoding);
            }

            using var answer = await client.PostAsync(new Uri(path, UriKind.Relative), content, TestContext.Current.CancellationToken);
            Assert.Equal(expected, (int)answer.StatusCode);
        }
    }

    [Theory]
    [InlineData("?limits=3", "did you mean 'limit'?")]
    [InlineData("?zzz", "known are before, limit")]
    public async Task An_unknown_query_parameter_is_refused_with_the_nearest_known_one(string query, string words)
    {
        await using var rig = await ServiceRig.StartAsync();
        await rig.PutAsync(ServiceRig.Path, Config());
        var (status, body) = await rig.SendAsync(HttpMethod.Get, ServiceRig.Path + "/messages" + query);
        Assert.Equal(400, (int)status / 100 * 100);
        Assert.Contains(words, body!["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(400, (int)(await rig.SendAsync(HttpMethod.Get, "/v1/clients?site=1")).Status / 100 * 100);
    }

    [Fact]
    public async Task An_action_takes_no_member()
    {
        await using var rig = await ServiceRig.StartAsync();
        await rig.PutAsync(ServiceRig.Path, Config());
        Assert.Equal(400, (int)(await rig.SendAsync(HttpMethod.Post, ServiceRig.Path + "/actions/report", """{ "part": "status" }""")).Status);
        Assert.Equal(202, (int)(await rig.SendAsync(HttpMethod.Post, ServiceRig.Path + "/actions/report", "{}")).Status);
    }

    [Fact]
    public async Task A_missing_enterprise_number_is_asked_for_and_what_is_no_NMI_is_doubted()
    {
        await using var rig = await ServiceRig.StartAsync();
        var config = Config();
        config["nmi"] = "POLE-7";
        var warnings = (await rig.PutAsync(ServiceRig.Path, config))["warnings"]!.ToJsonString();
        Assert.Contains("00000000", warnings, StringComparison.Ordinal);
        Assert.Contains("is no NMI", warnings, StringComparison.Ordinal);

        config["edition"] = "csip-aus-1.3";
        var (status, body) = await rig.SendAsync(HttpMethod.Put, ServiceRig.Path, config.ToJsonString());
        Assert.Equal((422, "/pen"), ((int)status, body!["errors"]!.AsArray().Single()!["pointer"]!.GetValue<string>()));

        config["pen"] = 37244;
        config["nmi"] = "2001985732";
        Assert.Null((await rig.PutAsync(ServiceRig.Path, config))["warnings"]);

        config["edition"] = "ieee-2030.5-2018";
        Assert.Contains("is not put to a server that speaks plain IEEE 2030.5", (await rig.PutAsync(ServiceRig.Path, config))["warnings"]!.ToJsonString(), StringComparison.Ordinal);
    }
}

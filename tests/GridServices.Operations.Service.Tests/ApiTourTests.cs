using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using GridServices.Testing;

namespace GridServices.Operations.Service.Tests;

/// <summary>Every operation once, as a client uses it; each exchange is held against the document, and is an example in it.</summary>
public sealed class ApiTourTests
{
    private static readonly JsonSerializerOptions Plain = new();

    [Fact]
    public async Task Each_family_is_made_read_changed_listed_and_deleted()
    {
        await using var service = await OperationsUnderTest.StartAsync();
        var customer = await service.CustomerAsync();
        await TourAsync(service, "customers", $$"""{ "name": "Second Foods", "country": "DE" }""");
        await service.SiteAsync(customer);
        await TourAsync(service, "sites", OperationsUnderTest.SiteJson(customer, "site-2"));
        await TourAsync(service, "contacts", $$"""{ "customerId": "{{customer}}", "name": "Ana Silva", "email": "ana@example.com", "role": "eventPrimary" }""");
        await TourAsync(service, "meter-points", """{ "siteId": "site-1", "kind": "utility", "scheme": "OTHER", "identifier": "M-1" }""");
        await TourAsync(service, "assets", """{ "siteId": "site-1", "kind": "ess", "name": "Battery", "ratedW": 50000, "energyWh": 100000, "controllable": true }""");
        await TourAsync(service, "opt-plans", """{ "siteId": "site-1", "from": "2049-01-01T00:00:00Z", "until": "2050-01-01T00:00:00Z", "direction": "out", "reason": "x-schedule" }""");
        await service.PostAsync($"/v1/customers/{customer}/export", null, HttpStatusCode.OK);
        var site = "/v1/sites/" + (string)(await service.GetAsync("/v1/sites"))["items"]![0]!["id"]!;
        await service.GetAsync($"{site}/overview");
        await service.GetAsync($"{site}/connection-limit");
        await service.PostAsync($"{site}/connection-limit/confirm", null, HttpStatusCode.OK, "limit-1");
        await service.PostAsync($"/v1/customers/{customer}/erase", """{ "reason": "asked for by the customer" }""", HttpStatusCode.OK);
        Assert.Equal("erased", (string)(await service.GetAsync($"/v1/customers/{customer}"))["name"]!);
        Assert.True((bool)(await service.GetAsync("/v1/audit/verify"))["isSound"]!);
        await service.GetAsync("/v1/audit?limit=2");
        await service.GetAsync("/v1/services");
        await service.GetAsync("/v1/outbox");
    }

    [Fact]
    public async Task Enrollments_nominations_and_documents()
    {
        await using var service = await OperationsUnderTest.StartAsync();
        await service.SiteAsync(await service.CustomerAsync());
        const string body = """{ "siteId": "site-1", "program": "OPENADR-PLAIN", "period": { "from": "2027-01-01" } }""";
        await TourAsync(service, "enrollments", body, """{ "optPolicy": "manual" }""");
        var enrollment = (string)(await service.PostAsync("/v1/enrollments", body))["id"]!;
        await service.SendAsync(HttpMethod.Put, $"/v1/enrollments/{enrollment}/documents/agreement?fileName=agreement.txt", "signed", HttpStatusCode.OK, type: "application/octet-stream");
        await service.SendAsync(HttpMethod.Put, $"/v1/enrollments/{enrollment}/documents/agreement", "another", HttpStatusCode.PreconditionFailed, $"\"{enrollment}-0\"", type: "application/octet-stream");
        await service.SendAsync(HttpMethod.Put, $"/v1/enrollments/{enrollment}/documents/agreement", "signed", HttpStatusCode.OK, await TagAsync(service, $"/v1/enrollments/{enrollment}"), type: "application/octet-stream");
        using var document = await service.Http.GetAsync(new Uri($"/v1/enrollments/{enrollment}/documents/agreement", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal("signed", await document.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        await service.GetAsync($"/v1/enrollments/{enrollment}/status");
        await TourAsync(service, "nominations", $$"""{ "enrollmentId": "{{enrollment}}", "deliveryPeriod": "2049-07", "kw": 40 }""", """{ "kw": 50 }""");
        var nomination = (string)(await service.PostAsync("/v1/nominations", $$"""{ "enrollmentId": "{{enrollment}}", "deliveryPeriod": "2049-08", "kw": 40 }"""))["id"]!;
        Assert.Equal("submitted", (string)(await service.PostAsync($"/v1/nominations/{nomination}/submit", null, HttpStatusCode.OK))["state"]!);
        await service.PostAsync($"/v1/enrollments/{enrollment}/withdraw", """{ "reason": "the site is sold" }""", HttpStatusCode.OK);
        await service.PostAsync($"/v1/enrollments/{enrollment}/submit", "{}", HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task Certificates_are_made_installed_and_renewed_and_a_strange_one_is_refused()
    {
        await using var service = await OperationsUnderTest.StartAsync();
        var made = await service.PostAsync("/v1/certificates", """{ "kind": "2030.5-device", "subject": "CN=site-1, O=Example Foods, C=US" }""");
        var id = (string)made["certificate"]!["id"]!;
        Assert.Equal("csrMade", (string)(await service.GetAsync($"/v1/certificates/{id}"))["certificate"]!["state"]!);
        var installed = await service.PostAsync($"/v1/certificates/{id}/install", JsonSerializer.Serialize(new { pem = Issue((string)made["csr"]!) }, Plain), HttpStatusCode.OK);
        Assert.Equal(40, ((string)installed["certificate"]!["lfdi"]!).Length);
        using var strange = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var other = new CertificateRequest("CN=other", strange, HashAlgorithmName.SHA256).CreateSigningRequestPem();
        await service.PostAsync($"/v1/certificates/{id}/install", JsonSerializer.Serialize(new { pem = Issue(other) }, Plain), HttpStatusCode.UnprocessableEntity);
        await service.PostAsync($"/v1/certificates/{id}/renew", null);
        Assert.Equal(2, (await service.GetAsync("/v1/certificates"))["items"]!.AsArray().Count);
    }

    private static async Task<string> TagAsync(OperationsUnderTest service, string path)
    {
        using var answer = await service.Http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        return answer.Headers.ETag!.ToString();
    }

    [Fact]
    public async Task Programs_settings_webhooks_and_imports()
    {
        await using var service = await OperationsUnderTest.StartAsync();
        await service.GetAsync("/v1/programs?limit=1");
        var plain = await service.GetAsync("/v1/programs/OPENADR-PLAIN");
        plain["code"] = "MY-PROGRAM";
        await service.PutAsync("/v1/programs/MY-PROGRAM", plain.ToJsonString());
        plain["name"] = "Another name under the same version";
        await service.PutAsync("/v1/programs/MY-PROGRAM", plain.ToJsonString(), HttpStatusCode.Conflict);
        var next = (int)plain["version"]! + 1;
        plain["version"] = next;
        await service.PutAsync("/v1/programs/MY-PROGRAM", plain.ToJsonString(), HttpStatusCode.PreconditionFailed, "\"MY-PROGRAM-99\"");
        await service.PutAsync("/v1/programs/MY-PROGRAM", plain.ToJsonString(), ifMatch: await TagAsync(service, "/v1/programs/MY-PROGRAM"));
        Assert.Equal($"\"MY-PROGRAM-{next}\"", await TagAsync(service, "/v1/programs/MY-PROGRAM"));
        await service.GetAsync("/v1/settings");
        Assert.True((bool)(await service.PutAsync("/v1/settings", """{ "twoPersonRule": true }"""))["twoPersonRule"]!);
        var hook = await service.PostAsync("/v1/webhooks", """{ "url": "https://hooks.example/gridservices", "triggers": ["eventAnnounced"] }""");
        await service.PostAsync("/v1/webhooks", """{ "url": "http://hooks.example/plain" }""", HttpStatusCode.UnprocessableEntity);
        await service.GetAsync("/v1/webhooks");
        await service.GetAsync($"/v1/webhooks/{hook["webhook"]!["id"]}/deliveries");
        await service.SendAsync(HttpMethod.Delete, $"/v1/webhooks/{hook["webhook"]!["id"]}", null, HttpStatusCode.NoContent);
        await service.GetAsync("/v1/notifications");
        using var template = await service.Http.GetAsync(new Uri("/v1/imports/templates/sites", UriKind.Relative), TestContext.Current.CancellationToken);
        var csv = await template.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var import = (string)(await service.SendAsync(HttpMethod.Post, "/v1/imports?kind=sites", csv, HttpStatusCode.Accepted, type: "text/csv"))["id"]!;
        await Until.HoldsAsync(() => service.GetAsync($"/v1/imports/{import}"), i => (string)i["state"]! == "done");
        using var result = await service.Http.GetAsync(new Uri($"/v1/imports/{import}/result", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Contains("status", await result.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await service.PostAsync($"/v1/imports/{import}/cancel", null, HttpStatusCode.OK);
        await service.GetAsync("/v1/imports");
    }

    [Fact]
    public async Task Many_sites_are_opted_out_and_an_enrollment_is_ended_by_two_persons()
    {
        await using var land = await Provisioning.Installation.StartAsync();
        var id = await land.EnrollAsync();
        await Provisioning.Installation.UntilAsync(() => land.EnrollmentAsync(id), e => (string)e["state"]! == "testing");
        await Provisioning.Installation.UntilAsync(() => land.StatusAsync(id), s => (string)s["lamps"]!["registered"]!["state"]! == "on");
        await land.CallAsync("e1", "+PT1H");
        var eventId = (string)(await Provisioning.Installation.UntilAsync(() => land.Operations.GetAsync("/v1/events"), e => e["items"]!.AsArray().Count == 1))["items"]![0]!["id"]!;
        await land.Operations.PostAsync($"/v1/events/{eventId}/opt", """{ "direction": "out", "reason": "economic" }""", HttpStatusCode.OK);
        await land.Operations.GetAsync($"/v1/events/{eventId}");
        await land.Operations.GetAsync($"/v1/events/{eventId}/compliance");

        await land.Operations.PutAsync("/v1/settings", """{ "twoPersonRule": true }""");
        var asked = await land.ActAsync(id, "end", """{ "reason": "the customer leaves" }""", HttpStatusCode.Accepted);
        await land.Operations.PostAsync($"/v1/approvals/{asked["id"]}/grant", null, HttpStatusCode.Conflict);
        var second = land.Operations.Service.Client(await land.Operations.Service.AddTokenAsync("second", Hosting.Auth.Role.Operator));
        await land.Operations.SendAsync(HttpMethod.Post, $"/v1/approvals/{asked["id"]}/grant", null, HttpStatusCode.OK, http: second);
        await land.Operations.GetAsync("/v1/approvals");
        await Provisioning.Installation.UntilAsync(() => land.EnrollmentAsync(id), e => (string)e["state"]! == "ended");
        using var gone = await land.OpenAdrHttp.GetAsync(new Uri("/v1/vens/site-1", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    private static async Task TourAsync(OperationsUnderTest service, string path, string body, string patch = "{}")
    {
        var made = await service.PostAsync($"/v1/{path}", body);
        var id = (string)made["id"]!;
        await service.GetAsync($"/v1/{path}/{id}");
        await service.PutAsync($"/v1/{path}/{id}", body, ifMatch: $"\"{id}-1\"");
        await service.SendAsync(HttpMethod.Patch, $"/v1/{path}/{id}", patch, HttpStatusCode.OK, type: "application/merge-patch+json");
        Assert.NotEmpty((await service.GetAsync($"/v1/{path}?limit=5"))["items"]!.AsArray());
        await service.SendAsync(HttpMethod.Delete, $"/v1/{path}/{id}", null, HttpStatusCode.NoContent);
        await service.GetAsync($"/v1/{path}/{id}", HttpStatusCode.NotFound);
    }

    /// <summary>What an authority makes of a request.</summary>
    private static string Issue(string csr)
    {
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var authority = new CertificateRequest("CN=My SERCA", authorityKey, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        var request = CertificateRequest.LoadSigningRequestPem(csr, HashAlgorithmName.SHA256);
        using var issued = request.Create(authority.SubjectName, X509SignatureGenerator.CreateForECDsa(authorityKey), DateTimeOffset.UnixEpoch.AddYears(50), DateTimeOffset.UnixEpoch.AddYears(90), [1, 2, 3, 4]);
        return issued.ExportCertificatePem();
    }
}

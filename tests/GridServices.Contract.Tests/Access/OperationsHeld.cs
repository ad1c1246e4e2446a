using System.Text;
using System.Text.Json.Nodes;
using GridServices.Operations.Events;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Storage;
using GridServices.Testing;
using GridServices.Wire;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace GridServices.Contract.Tests.Access;

/// <summary>What tenant default holds in Operations, and what others say about it.</summary>
internal static class OperationsHeld
{
    private const string Site = """{"siteId":"{whose}-site","customerId":"{customers}","name":"{whose}-depot","timeZone":"America/Los_Angeles","address":{"line1":"1 Main St","city":"Oakland","region":"CA","postcode":"94607","country":"US"},"connection":{"importMaxW":80000,"exportMaxW":0}}""";
    private const string Contact = """{"customerId":"{customers}","siteId":"{whose}-site","name":"{whose}-ana","email":"ana@example.com","role":"eventPrimary"}""";
    private const string Meter = """{"siteId":"{whose}-site","kind":"utility","scheme":"OTHER","identifier":"{whose}-4711"}""";
    private const string Asset = """{"siteId":"{whose}-site","kind":"ess","name":"{whose}-battery","ratedW":50000,"energyWh":100000,"controllable":true}""";
    private const string OptPlan = """{"siteId":"{whose}-site","from":"2049-01-01T00:00:00Z","until":"2050-01-01T00:00:00Z","direction":"out","reason":"x-schedule","text":"{whose}-plan"}""";
    private const string Enrollment = """{"siteId":"{whose}-site","program":"OPENADR-PLAIN","period":{"from":"2027-01-01"},"meterPointIds":["{meter-points}"]}""";
    private const string Nomination = """{"enrollmentId":"{enrollments}","deliveryPeriod":"2049-07","kw":40}""";

    /// <summary>What is put by the operator before anybody asks.</summary>
    internal static readonly (string Method, string Path, string Body)[] Requests =
    [
        ("POST", "/v1/customers", """{"name":"home-foods","country":"US","billingEmail":"bills@example.com"}"""),
        ("POST", "/v1/sites", Site), ("POST", "/v1/contacts", Contact), ("POST", "/v1/meter-points", Meter), ("POST", "/v1/assets", Asset), ("POST", "/v1/opt-plans", OptPlan),
        ("POST", "/v1/enrollments", Enrollment), ("POST", "/v1/nominations", Nomination),
        ("POST", "/v1/certificates", """{"kind":"2030.5-device","subject":"CN=home-site, O=Example Foods, C=US"}"""),
        ("POST", "/v1/webhooks", """{"url":"https://hooks.example/home-hook","triggers":["eventAnnounced"]}"""),
        ("POST", "/v1/imports?kind=optPlans", "site_id,program_code,from_local,until_local,direction,reason\nhome-site,,2049-03-01T10:00,2049-03-01T12:00,out,economic\n"),
        ("PUT", "/v1/settings", """{"twoPersonRule":true,"twoPersonOptOutSites":1}"""),
    ];

    /// <summary>Bodies that name what <c>{whose}</c> holds.</summary>
    internal static readonly Dictionary<string, string> Bodies = new(StringComparer.Ordinal)
    {
        ["POST /v1/sites"] = Site,
        ["PUT /v1/sites/{id}"] = Site,
        ["PATCH /v1/sites/{id}"] = """{"criticalLoadW":5000}""",
        ["POST /v1/customers"] = """{"name":"other","country":"DE"}""",
        ["POST /v1/enrollments/{id}/{action}"] = """{"reason":"seen"}""",
        ["PUT /v1/customers/{id}"] = """{"name":"other","country":"DE"}""",
        ["PATCH /v1/customers/{id}"] = """{"notes":"seen"}""",
        ["POST /v1/customers/{id}/erase"] = """{"reason":"asked for"}""",
        ["POST /v1/contacts"] = Contact,
        ["PUT /v1/contacts/{id}"] = Contact,
        ["PATCH /v1/contacts/{id}"] = """{"phone":"+14155550100"}""",
        ["POST /v1/meter-points"] = Meter,
        ["PUT /v1/meter-points/{id}"] = Meter,
        ["PATCH /v1/meter-points/{id}"] = """{"intervalMinutes":15}""",
        ["POST /v1/assets"] = Asset,
        ["PUT /v1/assets/{id}"] = Asset,
        ["PATCH /v1/assets/{id}"] = """{"ratedW":60000}""",
        ["POST /v1/opt-plans"] = OptPlan,
        ["PUT /v1/opt-plans/{id}"] = OptPlan,
        ["PATCH /v1/opt-plans/{id}"] = """{"text":"seen"}""",
        ["POST /v1/enrollments"] = Enrollment,
        ["PUT /v1/enrollments/{id}"] = Enrollment,
        ["PATCH /v1/enrollments/{id}"] = """{"optPolicy":"manual"}""",
        ["PUT /v1/enrollments/{id}/documents/{name}"] = "signed",
        ["POST /v1/nominations"] = Nomination,
        ["PUT /v1/nominations/{id}"] = Nomination,
        ["PATCH /v1/nominations/{id}"] = """{"kw":50}""",
        ["PUT /v1/events/{id}/sites/{siteId}/opt"] = """{"direction":"out","reason":"economic"}""",
        ["POST /v1/events/{id}/opt"] = """{"direction":"out","reason":"economic","siteIds":["{whose}-site"]}""",
        ["POST /v1/site-actions"] = """{"action":"addTag","siteIds":["{whose}-site"],"tag":"seen"}""",
        ["POST /v1/certificates/{id}/install"] = """{"pem":"none"}""",
    };

    /// <summary>An event of a utility at home-site and one more, an opt-out that waits for a second person, and a program; none of these can be had by one request.</summary>
    internal static async Task AddAsync(ServiceApp app, HttpClient client, HeldIds ids)
    {
        var held = await app.App.Services.GetRequiredService<OperationsStore>().WriteAsync(Actor.Job("default", "test"), async transaction => (await EventStore.SaveAsync(transaction, [Event(transaction.Now)])).Single());
        ids.Add("events", held.Id);
        var approval = await SendAsync(client, "POST", $"/v1/events/{held.Id}/opt", """{"direction":"out","reason":"economic"}""");
        ids.Add("approvals", (string)approval["id"]!);
        var program = JsonNode.Parse(await client.GetStringAsync(new Uri("/v1/programs/OPENADR-PLAIN", UriKind.Relative)))!;
        program["code"] = "HOME-CODE";
        await SendAsync(client, "PUT", "/v1/programs/HOME-CODE", program.ToJsonString());
    }

    private static async Task<JsonNode> SendAsync(HttpClient client, string method, string path, string body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        using var answer = await client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {text}");
        return JsonNode.Parse(text)!;
    }

    private static Event Event(Instant now)
    {
        var (from, until) = (now + Duration.FromHours(1), now + Duration.FromHours(2));
        return new Event
        {
            Tenant = "default",
            Source = "openadr:vtn.example/home-event",
            Origin = EventOrigin.OpenAdr,
            Program = "http://utility.example/dr",
            TemplateCode = "OPENADR-PLAIN",
            AnnouncedAt = now,
            From = from,
            Until = until,
            Revisions = [new EventRevision { Number = 0, ToldAt = now, From = from, Until = until, Changes = [EventChange.Announced], Signals = [new EventSignal("SIMPLE", [new SignalValue(1)], "level")] }],
            Sites = new[] { "home-site", "home-annex" }.Select(site => new EventSite { SiteId = site, Through = "ven-" + site, From = from, Until = until, Revision = 0, ToldAt = now, State = SiteEventState.Held }).ToValueList(),
        };
    }
}

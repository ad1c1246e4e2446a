using System.Net;
using System.Text.Json.Nodes;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Storage;
using GridServices.OpenAdr.Service.Tests.Rig;
using GridServices.Testing;

namespace GridServices.OpenAdr.Service.Tests.Api;

/// <summary><c>GET /v1/events</c>, and for whom an opt was chosen.</summary>
public sealed class AllEventsTests
{
    [Fact]
    public async Task Events_of_all_VENs_are_listed_by_their_start_page_by_page_for_the_sites_of_the_token()
    {
        await using var rig = await VenRig.StartAsync();
        await rig.RegisterAsync();
        var second = VenRig.Config(rig.Vtn.Url);
        (second["venName"], second["siteId"]) = ("site-2", "site-2");
        await rig.PutAsync("/v1/vens/site-2", second);
        await VenRig.UntilAsync(async () => (await rig.GetAsync("/v1/vens/site-2"))["state"]!.GetValue<string>(), s => s == "registered");
        await rig.Vtn.IssueAsync("later", start: "+PT5H", duration: "PT1H");
        await rig.Vtn.IssueAsync("sooner", start: "+PT2H", duration: "PT1H");
        await VenRig.UntilAsync(() => ItemsAsync(rig), items => items.Count == 4);

        var all = await ItemsAsync(rig);
        Assert.Equal(["sooner site-1", "sooner site-2", "later site-1", "later site-2"], all.Select(Name));
        Assert.All(all, i => Assert.Equal(i["venKey"]!.GetValue<string>(), Assert.Single(i["sites"]!.AsArray())!.GetValue<string>()));
        Assert.All(all, i => Assert.Equal(("optIn", "far"), (i["event"]!["optType"]!.GetValue<string>(), i["event"]!["status"]!.GetValue<string>())));

        var (paged, next) = (new List<string>(), (string?)string.Empty);
        while (next is not null)
        {
            var page = await rig.GetAsync($"/v1/events?limit=3{(next.Length > 0 ? "&after=" + Uri.EscapeDataString(next) : string.Empty)}");
            paged.AddRange(page["items"]!.AsArray().Select(i => Name(i!)));
            next = page["next"]?.GetValue<string>();
        }

        Assert.Equal(all.Select(Name), paged);
        var end = DateTimeOffset.Parse(all[0]["event"]!["end"]!.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(["later site-1", "later site-2"], (await ItemsAsync(rig, $"?from={end:yyyy-MM-ddTHH:mm:ss.fffffff}Z")).Select(Name));
        Assert.Equal(["sooner site-1", "sooner site-2"], (await ItemsAsync(rig, $"?until={end:yyyy-MM-ddTHH:mm:ss.fffffff}Z")).Select(Name));
        Assert.Equal(422, (int)(await rig.SendAsync(HttpMethod.Get, "/v1/events?from=2027-01-01T00:00:00Z&until=2026-01-01T00:00:00Z")).Status);

        var customer = await rig.Service.AddTokenAsync("customer", Role.Customer, sites: ["site-2"]);
        var stranger = await rig.Service.AddTokenAsync("stranger", Role.Operator, "other");
        Assert.Equal(["sooner site-2", "later site-2"], (await rig.SendAsync(HttpMethod.Get, "/v1/events", token: customer)).Body!["items"]!.AsArray().Select(i => Name(i!)));
        Assert.Empty((await rig.SendAsync(HttpMethod.Get, "/v1/events", token: stranger)).Body!["items"]!.AsArray());
    }

    [Theory, ClassData(typeof(BothDatabases))]
    public async Task For_whom_a_dispatcher_opted_is_kept_beside_the_tokens_name_and_the_reason_over_a_restart(Dialect dialect)
    {
        await using var rig = await VenRig.StartAsync(dialect);
        await rig.RegisterAsync();
        await rig.Vtn.IssueAsync("e1", start: "+PT2H");
        await VenRig.UntilAsync(() => ItemsAsync(rig), items => items.Count == 1);
        var dispatcher = await rig.Service.AddTokenAsync("console", Role.Dispatcher);
        var viewer = await rig.Service.AddTokenAsync("viewer", Role.Viewer);
        const string choice = """{"optType":"optOut","reason":"hospital works","actor":"Maria Müller"}""";

        Assert.Equal(HttpStatusCode.Forbidden, (await rig.SendAsync(HttpMethod.Put, VenRig.Path + "/events/e1/opt", choice, viewer)).Status);
        Assert.Equal(422, (int)(await rig.SendAsync(HttpMethod.Put, VenRig.Path + "/events/e1/opt", """{"optType":"optOut","actor":"Maria\u202e"}""", dispatcher)).Status);
        Assert.Equal(HttpStatusCode.OK, (await rig.SendAsync(HttpMethod.Put, VenRig.Path + "/events/e1/opt", choice, dispatcher)).Status);
        Assert.Contains((await rig.GetAsync(VenRig.Path))["notes"]!.AsArray(), n => n!["text"]!.GetValue<string>().Contains("Maria Müller (a person) opted out", StringComparison.Ordinal));
        await rig.StopServiceAsync();
        await rig.StartServiceAsync();

        var held = Assert.Single(await ItemsAsync(rig))["event"]!;
        Assert.Equal(
            ("optOut", "console", "Maria Müller", "hospital works"),
            (held["optType"]!.GetValue<string>(), held["optBy"]!.GetValue<string>(), held["optActor"]!.GetValue<string>(), held["optReason"]!.GetValue<string>()));
    }

    private static async Task<List<JsonNode>> ItemsAsync(VenRig rig, string query = "") => [.. (await rig.GetAsync("/v1/events" + query))["items"]!.AsArray().Select(i => i!)];

    private static string Name(JsonNode item) => $"{item["event"]!["eventId"]!.GetValue<string>()} {item["venKey"]!.GetValue<string>()}";
}

using GridServices.Operations.Access;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Events;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Registry;
using GridServices.Operations.Service.Storage;
using GridServices.Wire;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace GridServices.Operations.Service.Tests.Pages;

/// <summary>Pages of an installation with more sites than a page shows: what is not on it can still be found, chosen and acted on.</summary>
public sealed class ManySitesTests
{
    private const int Count = 230;
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whatever_is_beyond_a_page_is_found_enrolled_planned_and_opted()
    {
        await using var service = await OperationsUnderTest.StartAsync(null, null, [.. Provisioning.OtherServices.Nowhere]);
        var last = $"depot-{Count - 1}";
        var customer = await SitesAsync(service);
        await service.PostAsync("/v1/meter-points", $$"""{ "siteId": "{{last}}", "kind": "utility", "scheme": "OTHER", "identifier": "M-4711", "meterNo": "1009876543" }""");
        var enrollment = await service.PostAsync("/v1/enrollments", $$"""{ "siteId": "{{last}}", "program": "OPENADR-PLAIN", "period": { "from": "2027-01-01" }, "identity": { "venKey": "ven-west" } }""");
        var held = await EventAsync(service);

        using var person = await Visitor.SignedInAsync(service, UserRole.Admin);
        Assert.Equal(50, (await person.DocumentAsync("/sites"))["items"]!.AsArray().Count);
        foreach (var (wanted, place) in new[]
        {
            (last, $"/sites/{last}"), ("M-4711", $"/sites/{last}"), ("1009876543", $"/sites/{last}"), ("ven-west", $"/enrollments/{enrollment["id"]}"), ((string)enrollment["id"]!, $"/enrollments/{enrollment["id"]}"),
            ("e17", $"/events/{held.Id}"), ("Example Foods", $"/sites?customer={customer}"), ("depot", "/sites?q=depot"),
        })
        {
            Assert.Equal(place, await person.PathAsync($"/sites?q={Uri.EscapeDataString(wanted)}"));
        }

        Assert.Contains("The first 50 sites by name.", await person.HtmlAsync("/enroll?program=OPENADR-PLAIN"), StringComparison.Ordinal);
        Assert.Contains($"value=\"{last}\"", await person.HtmlAsync($"/enroll?program=OPENADR-PLAIN&q={last}"), StringComparison.Ordinal);
        Assert.Contains($"value=\"{last}\" checked", await person.HtmlAsync($"/enroll?program=OPENADR-PLAIN&site={last}"), StringComparison.Ordinal);
        var (path, _) = await person.PostAsync($"/enroll?program=OPENADR-PLAIN&site={last}", "/enroll", ("program", "OPENADR-PLAIN"), ("site", last), ("period.from", "2028-01-01"));
        Assert.EndsWith("/meters", path, StringComparison.Ordinal);
        var lamps = (await person.DocumentAsync("/enrollments"))["items"]!.AsArray();
        Assert.Equal([last, last], lamps.Select(i => (string)i!["enrollment"]!["siteId"]!));
        Assert.All(lamps, i => Assert.NotNull(i!["lamps"]!["registered"]));
        var row = Assert.Single((await person.DocumentAsync("/sites?q=depot%20229"))["items"]!.AsArray())!;
        Assert.Equal(2, row["lamps"]!.AsArray().Count);

        await person.PostAsync("/calendar", "/calendar", ("siteId", last), ("from", "2049-07-01T10:00"), ("until", "2049-07-01T12:00"), ("direction", "out"), ("reason", "economic"));
        Assert.Contains("PDT", await person.HtmlAsync("/calendar"), StringComparison.Ordinal);
        Assert.Equal(last, (string)(await service.GetAsync("/v1/opt-plans"))["items"]![0]!["siteId"]!);

        await CalendarAsync(service, person, last);

        // The event is for all of them: a page shows a hundred, one tick opts out of all.
        var page = await person.HtmlAsync($"/events/{held.Id}");
        Assert.Contains("All 230 sites", page, StringComparison.Ordinal);
        Assert.DoesNotContain("/sites/depot-99\"", page, StringComparison.Ordinal);
        await person.PostAsync($"/events/{held.Id}", $"/events/{held.Id}", ("all", "1"), ("reason", "economic"), ("direction", "Out"), ("confirmed", "1"));
        Assert.Equal(Count, (await service.Service.App.Services.GetRequiredService<OptStore>().ListByEventAsync("default", held.Event.Source, Ct)).Count(c => c.IsOut));
    }

    [Fact]
    public async Task A_filter_of_events_is_kept_under_a_name_and_who_is_for_some_sites_sees_their_events_only()
    {
        await using var service = await OperationsUnderTest.StartAsync(null, null, [.. Provisioning.OtherServices.Nowhere]);
        await SitesAsync(service);
        var held = await EventAsync(service);
        using var person = await Visitor.SignedInAsync(service, UserRole.Dispatcher);
        Assert.Single((await person.DocumentAsync("/events?program=PGE-ELRP-A2"))["items"]!.AsArray());
        Assert.Empty((await person.DocumentAsync("/events?program=OTHER"))["items"]!.AsArray());
        await person.PostAsync("/events?program=PGE-ELRP-A2", "/filters", ("list", "/events"), ("query", "?program=PGE-ELRP-A2&after=x"), ("name", "ELRP"));
        Assert.Contains("<a href=\"/events?program=PGE-ELRP-A2\">ELRP</a>", await person.HtmlAsync("/events"), StringComparison.Ordinal);

        using var west = await Visitor.SignedInAsync(service, UserRole.Viewer, new AccessScope { Tags = ["west"] });
        Assert.Equal(23, (await west.DocumentAsync("/sites"))["items"]!.AsArray().Count);
        Assert.Equal(23, (await west.DocumentAsync($"/events/{held.Id}"))["event"]!["sites"]!.AsArray().Count);
        using var none = await Visitor.SignedInAsync(service, UserRole.Viewer, new AccessScope { Tags = ["north"] });
        Assert.Empty((await none.DocumentAsync("/events"))["items"]!.AsArray());
    }

    /// <summary>Of these two programs one is in its season, or less than three months before it, on any day of the year.</summary>
    private static async Task CalendarAsync(OperationsUnderTest service, Visitor person, string siteId)
    {
        await service.PostAsync("/v1/enrollments", $$"""{ "siteId": "{{siteId}}", "program": "PGE-ELRP-A2", "period": { "from": "2048-05-01" } }""");
        var id = (string)(await service.PostAsync("/v1/enrollments", $$"""{ "siteId": "{{siteId}}", "program": "HQ-COMMITMENT", "period": { "from": "2048-12-01" } }"""))["id"]!;
        var store = service.Service.App.Services.GetRequiredService<EnrollmentStore>();
        await service.Service.App.Services.GetRequiredService<OperationsStore>().WriteAsync(Actor.Job("default", "test"), async transaction =>
        {
            var action = new RequiredAction { Code = "signature.missing", Owner = ActionOwner.Customer, Pointer = "/consent", Text = "The customer has not signed.", Due = transaction.Now + Duration.FromDays(10), Blocks = true };
            var held = await store.FindAsync(transaction.Tx, "default", id);
            await transaction.UpdateAsync(store, held!, held! with { RequiredActions = [action] });
        }, Ct);
        var kinds = (await person.DocumentAsync("/calendar"))["items"]!.AsArray().Select(i => (string)i!["kind"]!).Distinct(StringComparer.Ordinal);
        Assert.Equal(["deadline", "event", "plan", "season"], kinds.Where(k => k != "excluded").Order(StringComparer.Ordinal));
        Assert.Contains("HQ-COMMITMENT: The customer has not signed yet.", await person.HtmlAsync("/calendar"), StringComparison.Ordinal);
    }

    private static async Task<string> SitesAsync(OperationsUnderTest service)
    {
        var (customer, handler) = (await service.CustomerAsync(), service.Service.App.Services.GetRequiredService<SiteHandler>());
        await service.Service.App.Services.GetRequiredService<OperationsStore>().WriteAsync(Actor.Job("default", "test"), async transaction =>
        {
            for (var i = 0; i < Count; i++)
            {
                await handler.CreateAsync(transaction, new SiteBody
                {
                    SiteId = $"depot-{i}",
                    CustomerId = customer,
                    Name = $"Depot {i:D3}",
                    TimeZone = "America/Los_Angeles",
                    Address = new AddressBody { Line1 = "1 Main St", City = "Oakland", Postcode = "94607", Country = "US", Region = "CA" },
                    Connection = new SiteConnection { ImportMaxW = 80_000, ExportMaxW = 0 },
                    Tags = i % 10 == 0 ? ["west"] : [],
                });
            }
        }, Ct);
        return customer;
    }

    private static async Task<HeldEvent> EventAsync(OperationsUnderTest service)
    {
        var now = SystemClock.Instance.GetCurrentInstant();
        var (from, until) = (now + Duration.FromHours(2), now + Duration.FromHours(4));
        var e = new Event
        {
            Tenant = "default",
            Source = "openadr:vtn.example/e17",
            Origin = EventOrigin.OpenAdr,
            TemplateCode = "PGE-ELRP-A2",
            AnnouncedAt = now,
            From = from,
            Until = until,
            Revisions = [new EventRevision { Number = 0, ToldAt = now, From = from, Until = until, Changes = [EventChange.Announced] }],
            Sites = Enumerable.Range(0, Count).Select(i => new EventSite { SiteId = $"depot-{i}", Through = $"ven-{i}", From = from, Until = until, Revision = 0, ToldAt = now, State = SiteEventState.Held })
                .OrderBy(s => s.SiteId, StringComparer.Ordinal).ToValueList(),
        };
        return (await service.Service.App.Services.GetRequiredService<OperationsStore>().WriteAsync(Actor.Job("default", "test"), transaction => EventStore.SaveAsync(transaction, [e]), Ct)).Single();
    }
}

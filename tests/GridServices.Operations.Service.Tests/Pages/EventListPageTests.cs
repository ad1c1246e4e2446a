using GridServices.Operations.Access;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Events;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Console;
using GridServices.Operations.Service.Console.Format;
using GridServices.Operations.Service.Console.Texts;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Registry;
using GridServices.Operations.Service.Storage;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace GridServices.Operations.Service.Tests.Pages;

/// <summary>Events as lists and their pages show them: to whom, and in which zone.</summary>
public sealed class EventListPageTests
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_is_for_one_site_is_told_nothing_of_the_others_of_an_event_also_as_JSON()
    {
        await using var service = await OperationsUnderTest.StartAsync(null, null, [.. Provisioning.OtherServices.Nowhere]);
        await SitesAsync(service, ("depot-1", "Europe/Berlin"), ("depot-2", "Europe/Berlin"));
        await EventAsync(service, Duration.FromHours(1), "depot-1", "depot-2");
        using var one = await Visitor.SignedInAsync(service, UserRole.Customer, new AccessScope { Sites = ["depot-2"] });
        foreach (var (path, items) in new[] { ("/events", "items"), ("/", "events") })
        {
            var held = Assert.Single((await one.DocumentAsync(path))[items]!.AsArray())!;
            Assert.Equal(["depot-2"], held["event"]!["sites"]!.AsArray().Select(s => (string)s!["siteId"]!));
            Assert.Contains("0 in, 0 out, 1 not asked", await one.HtmlAsync(path), StringComparison.Ordinal);
        }

        using var all = await Visitor.SignedInAsync(service, UserRole.Viewer);
        Assert.Equal(2, (await all.DocumentAsync("/events"))["items"]![0]!["event"]!["sites"]!.AsArray().Count);
    }

    [Fact]
    public async Task Each_site_of_an_event_is_shown_in_its_own_time_and_lists_are_in_the_sites()
    {
        await using var service = await OperationsUnderTest.StartAsync(null, null, [.. Provisioning.OtherServices.Nowhere]);
        await SitesAsync(service, ("depot-1", "Asia/Tokyo"), ("depot-2", "Africa/Nairobi"));
        var id = await EventAsync(service, Duration.FromHours(1), "depot-1", "depot-2");
        using var person = await Visitor.SignedInAsync(service, UserRole.Viewer);
        Assert.Contains("JST", await person.HtmlAsync("/"), StringComparison.Ordinal);
        Assert.Contains("JST", await person.HtmlAsync("/events"), StringComparison.Ordinal);
        var rows = (await person.HtmlAsync($"/events/{id}")).Split("<th scope=\"row\"><a href=\"/sites/");
        Assert.Contains("JST", Assert.Single(rows, r => r.StartsWith("depot-1", StringComparison.Ordinal)), StringComparison.Ordinal);
        var second = Assert.Single(rows, r => r.StartsWith("depot-2", StringComparison.Ordinal)).Split("</table>")[0];
        Assert.Contains("EAT", second, StringComparison.Ordinal);
        Assert.DoesNotContain("JST", second, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_nobody_measured_is_not_told_as_nothing_delivered_and_a_reason_is_a_word()
    {
        await using var service = await OperationsUnderTest.StartAsync(null, null, [.. Provisioning.OtherServices.Nowhere]);
        await SitesAsync(service, ("depot-1", "Europe/Berlin"));
        var id = await EventAsync(service, -Duration.FromHours(1), "depot-1");
        using var person = await Visitor.SignedInAsync(service, UserRole.Viewer);
        var page = await person.HtmlAsync($"/events/{id}");
        Assert.Contains("<dt>Delivered now</dt><dd>unknown, ", page, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("must run", page, StringComparison.Ordinal);
        Assert.DoesNotContain("mustRun", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deadline_is_told_in_the_utilitys_zone_wherever_the_site_is()
    {
        await using var service = await OperationsUnderTest.StartAsync(null, null, [.. Provisioning.OtherServices.Nowhere]);
        await SitesAsync(service, ("depot-1", "Asia/Tokyo"));
        var enrollment = await service.PostAsync("/v1/enrollments", """{ "siteId": "depot-1", "program": "PGE-ELRP-A2", "period": { "from": "2040-05-01" } }""");
        using var person = await Visitor.SignedInAsync(service, UserRole.Admin);
        var page = await person.HtmlAsync($"/enrollments/{enrollment["id"]}");
        Assert.Contains("2040 00:00 PDT", page, StringComparison.Ordinal);
        Assert.Contains("JST", page, StringComparison.Ordinal);
        Assert.Contains("2040 00:00 PDT", await person.HtmlAsync("/"), StringComparison.Ordinal);
    }

    [Fact]
    public void An_open_question_is_told_in_the_readers_language_and_UTC_is_named_once()
    {
        var open = new RequiredAction { Code = "field.missing", Subject = "generator", Text = "Back-up generator: on site?: not answered yet", Owner = ActionOwner.Us };
        Assert.Equal("Back-up generator: on site?: noch nicht beantwortet", RequiredActionText.Describe(new TextSet(Language.Find("de")!), open));
        var at = Instant.FromUtc(2027, 1, 15, 15, 2);
        Assert.Equal("Fri 15 Jan 2027 15:02 UTC", new Times(new TextSet(Language.English), ClockChoice.Utc, DateTimeZone.Utc).DateTime(at));
        Assert.Equal("Fri 15 Jan 2027 16:02 CET (UTC+1)", new Times(new TextSet(Language.English), ClockChoice.Site, DateTimeZone.Utc).DateTime(at, DateTimeZoneProviders.Tzdb["Europe/Berlin"]));
    }

    private static async Task SitesAsync(OperationsUnderTest service, params (string Id, string Zone)[] sites)
    {
        var customer = await service.CustomerAsync();
        await service.Service.App.Services.GetRequiredService<OperationsStore>().WriteAsync(
            OperationsParts.Admin,
            async transaction =>
            {
                foreach (var (id, zone) in sites)
                {
                    await service.Service.App.Services.GetRequiredService<SiteHandler>().CreateAsync(transaction, new SiteBody
                    {
                        SiteId = id,
                        CustomerId = customer,
                        Name = id,
                        TimeZone = zone,
                        Address = new AddressBody { Line1 = "Hauptstr. 1", City = "Berlin", Postcode = "10115", Country = "DE" },
                        Connection = new SiteConnection { ImportMaxW = 80_000, ExportMaxW = 0 },
                    });
                }
            },
            Ct);
    }

    private static async Task<string> EventAsync(OperationsUnderTest service, Duration startsIn, params string[] sites)
    {
        var from = SystemClock.Instance.GetCurrentInstant() + startsIn;
        var (until, opt) = (from + Duration.FromHours(3), startsIn < Duration.Zero ? new SiteOpt(OptState.In, OptSource.User, "dana", "mustRun", from) : SiteOpt.NotAsked);
        return (await service.Service.App.Services.GetRequiredService<OperationsStore>().WriteAsync(
            OperationsParts.Admin,
            transaction => EventStore.SaveAsync(transaction, [new Event
            {
                Tenant = "default",
                Source = "openadr:vtn.example/e1",
                Origin = EventOrigin.OpenAdr,
                AnnouncedAt = from,
                From = from,
                Until = until,
                Revisions = [new EventRevision { Number = 0, ToldAt = from, From = from, Until = until }],
                Sites = [.. sites.Select(id => new EventSite { SiteId = id, Through = $"ven-{id}", From = from, Until = until, Revision = 0, ToldAt = from, State = SiteEventState.Held, Opt = opt })],
            }]),
            Ct)).Single().Id;
    }
}

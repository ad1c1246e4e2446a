using System.Collections.Concurrent;
using System.Diagnostics;
using GridServices.Hosting.Storage;
using GridServices.Operations.Access;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Events;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Registry;
using GridServices.Operations.Service.Storage;
using GridServices.Testing;
using GridServices.Wire;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace GridServices.Operations.Service.Tests.Pages;

/// <summary>The list of sites as it is read with many of them, and what is done to many at once.</summary>
public sealed class SiteActionPageTests
{
    private const int Count = 60;
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_page_of_fifty_sites_is_read_in_as_many_statements_as_one_of_two()
    {
        await using var store = TestStores.Create(Dialect.PostgreSql);
        await using var service = await OperationsUnderTest.StartAsync(store, null, [.. Provisioning.OtherServices.Nowhere]);
        await SitesAsync(service);
        await EventAsync(service);
        using var person = await Visitor.SignedInAsync(service, UserRole.Admin);
        await person.HtmlAsync("/sites");
        var (few, rows) = await StatementsAsync(service, person, "/sites?tag=two");
        Assert.Equal(2, rows);
        var (many, allRows) = await StatementsAsync(service, person, "/sites");
        Assert.Equal(50, allRows);
        Assert.InRange(few, 1, 30);
        Assert.Equal(few, many);
    }

    [Fact]
    public async Task Many_sites_are_tagged_suspended_and_opted_out_after_a_page_that_counts_and_names_what_is_left_out()
    {
        await using var service = await OperationsUnderTest.StartAsync(null, null, [.. Provisioning.OtherServices.Nowhere]);
        await SitesAsync(service);
        var held = await EventAsync(service);
        using var person = await Visitor.SignedInAsync(service, UserRole.Admin);
        var list = await person.HtmlAsync("/sites");
        Assert.Contains("All 60 sites of this list", list, StringComparison.Ordinal);
        Assert.Contains("PGE-ELRP-A2", list, StringComparison.Ordinal);

        // Looked at first: nothing is written. The two that have the tag are named.
        var (_, page) = await person.PostAsync("/sites", "/sites/bulk", ("all", "1"), ("tag", "two"), ("action", "AddTag"));
        Assert.Contains("58 sites will get the tag two.", page, StringComparison.Ordinal);
        Assert.Contains("Left out: 2", page, StringComparison.Ordinal);
        Assert.Contains("/sites/depot-0\"", page, StringComparison.Ordinal);
        Assert.Equal(2, await TaggedAsync(service, "two"));
        var (_, done) = await person.ConfirmAsync(("all", "1"), ("tag", "two"), ("action", "AddTag"));
        Assert.Contains("Add tag: 58 done.", done, StringComparison.Ordinal);
        Assert.Equal(Count, await TaggedAsync(service, "two"));
        var (_, again) = await person.PostAsync("/sites", "/sites/bulk", ("all", "1"), ("tag", "two"), ("action", "AddTag"));
        Assert.Contains("There is nothing to do", again, StringComparison.Ordinal);
        await person.ConfirmAsync(("site", "depot-7"), ("tag", "two"), ("action", "RemoveTag"));
        Assert.Equal(Count - 1, await TaggedAsync(service, "two"));

        // Only the first ten are in the event; one of them has an enrollment that is active.
        var (_, out1) = await person.ConfirmAsync(("all", "1"), ("reason", "economic"), ("action", "OptOut"));
        Assert.Contains("Opt out: 10 done.", out1, StringComparison.Ordinal);
        Assert.Contains("Left out: 50", out1, StringComparison.Ordinal);
        Assert.Equal(10, (await service.Service.App.Services.GetRequiredService<OptStore>().ListByEventAsync("default", held.Event.Source, Ct)).Count(c => c.IsOut && c.Reason == "economic"));

        var (_, noText) = await person.PostAsync("/sites", "/sites/bulk", ("site", "depot-1"), ("action", "Suspend"), ("confirmed", "1"));
        Assert.Contains("Say why the enrollments are suspended.", noText, StringComparison.Ordinal);
        var (_, suspended) = await person.ConfirmAsync(("site", "depot-1"), ("site", "depot-2"), ("text", "Chillers away"), ("action", "Suspend"));
        Assert.Contains("Suspend: 1 done.", suspended, StringComparison.Ordinal);
        Assert.Equal(EnrollmentState.Suspended, (await service.Service.App.Services.GetRequiredService<EnrollmentStore>().ListBySiteAsync("default", "depot-1", Ct)).Single().State);
        var audit = (await service.GetAsync("/v1/audit?limit=1000"))["items"]!.AsArray().Select(e => (string)e!["write"]!["action"]!).ToLookup(a => a, StringComparer.Ordinal);
        Assert.Equal((59, 10, 1), (audit["site.changed"].Count(), audit["event.optedOut"].Count(), audit["enrollment.suspend"].Count()));
    }

    [Fact]
    public async Task Who_may_not_is_refused_and_whoever_is_for_some_sites_is_told_which_were_left_out()
    {
        await using var service = await OperationsUnderTest.StartAsync(null, null, [.. Provisioning.OtherServices.Nowhere]);
        await SitesAsync(service);
        await service.PutAsync("/v1/settings", """{ "twoPersonRule": true, "twoPersonOptOutSites": 5 }""");
        await EventAsync(service);
        using var viewer = await Visitor.SignedInAsync(service, UserRole.Viewer);
        Assert.DoesNotContain("action=\"/sites/bulk\"", await viewer.HtmlAsync("/sites"), StringComparison.Ordinal);
        Assert.Equal(403, await viewer.PostForStatusAsync("/account", "/sites/bulk", ("site", "depot-1"), ("tag", "x"), ("action", "AddTag"), ("confirmed", "1")));

        using var two = await Visitor.SignedInAsync(service, UserRole.Enroller, new AccessScope { Tags = ["two"] });
        var (_, left) = await two.ConfirmAsync(("site", "depot-0"), ("site", "depot-9"), ("tag", "north"), ("action", "AddTag"));
        Assert.Contains("Add tag: 1 done.", left, StringComparison.Ordinal);
        Assert.Contains("depot-9", left, StringComparison.Ordinal);

        // Whoever takes a site out of the reach of his own tag may not: the step is refused, and nothing is written.
        var (_, lost) = await two.ConfirmAsync(("site", "depot-0"), ("tag", "two"), ("action", "RemoveTag"));
        Assert.Contains("Remove tag: 0 done.", lost, StringComparison.Ordinal);
        Assert.Equal(2, await TaggedAsync(service, "two"));

        using var dispatcher = await Visitor.SignedInAsync(service, UserRole.Dispatcher);
        var (_, asks) = await dispatcher.PostAsync("/sites", "/sites/bulk", ("all", "1"), ("reason", "economic"), ("action", "OptOut"));
        Assert.Contains("a second person has to allow it first", asks, StringComparison.Ordinal);
        var (_, waits) = await dispatcher.ConfirmAsync(("all", "1"), ("reason", "economic"), ("action", "OptOut"));
        Assert.Contains("10 wait.", waits, StringComparison.Ordinal);

        // The same sent again, as a page that is loaded again does, asks nobody twice.
        await dispatcher.ConfirmAsync(("all", "1"), ("reason", "economic"), ("action", "OptOut"));
        Assert.Single((await service.GetAsync("/v1/approvals"))["items"]!.AsArray());
    }

    [Fact]
    public async Task What_has_changed_since_it_was_shown_is_shown_again_and_what_names_no_action_does_nothing()
    {
        await using var service = await OperationsUnderTest.StartAsync(null, null, [.. Provisioning.OtherServices.Nowhere]);
        await SitesAsync(service);
        var held = await EventAsync(service);
        using var person = await Visitor.SignedInAsync(service, UserRole.Admin);
        var mark = Visitor.ReadMark((await person.PostAsync("/sites", "/sites/bulk", ("all", "1"), ("filterTag", "two"), ("tag", "north"), ("action", "AddTag"))).Html);
        await person.ConfirmAsync(("site", "depot-5"), ("tag", "two"), ("action", "AddTag"));
        var (_, more) = await person.PostAsync("/sites", "/sites/bulk", ("all", "1"), ("filterTag", "two"), ("tag", "north"), ("action", "AddTag"), ("confirmed", mark));
        Assert.Contains("no longer what you were shown", more, StringComparison.Ordinal);
        Assert.Contains("3 sites will get the tag north.", more, StringComparison.Ordinal);
        Assert.Equal(0, await TaggedAsync(service, "north"));
        await person.PostAsync("/sites", "/sites/bulk", ("all", "1"), ("filterTag", "two"), ("tag", "north"), ("action", "AddTag"), ("confirmed", Visitor.ReadMark(more)));
        Assert.Equal(3, await TaggedAsync(service, "north"));

        foreach (var word in new[] { "Supend", "", "7", "OptOut,AddTag" })
        {
            Assert.Equal(422, await person.PostForStatusAsync("/sites", "/sites/bulk", ("site", "depot-1"), ("reason", "economic"), ("action", word)));
            Assert.Equal(422, await person.PostForStatusAsync("/sites", $"/events/{held.Id}", ("site", "depot-1"), ("reason", "economic"), ("direction", word), ("confirmed", "1")));
        }

        Assert.Empty(await service.Service.App.Services.GetRequiredService<OptStore>().ListByEventAsync("default", held.Event.Source, Ct));
    }

    [Fact]
    public async Task Notes_are_for_colleagues_and_may_have_paragraphs()
    {
        await using var service = await OperationsUnderTest.StartAsync(null, null, [.. Provisioning.OtherServices.Nowhere]);
        await SitesAsync(service);
        using var person = await Visitor.SignedInAsync(service, UserRole.Admin);
        const string Path = "/sites/depot-1?tab=notes";
        Assert.EndsWith("tab=notes", (await person.PostAsync(Path, "/sites/depot-1?handler=Note", ("text", "Key is at the gate\r\n\r\nAsk for Ann"))).Path, StringComparison.Ordinal);
        Assert.Contains("<p>Key is at the gate</p>", await person.HtmlAsync(Path), StringComparison.Ordinal);
        using var viewer = await Visitor.SignedInAsync(service, UserRole.Viewer);
        Assert.Contains("<p>Ask for Ann</p>", await viewer.HtmlAsync(Path), StringComparison.Ordinal);
        foreach (var role in new[] { UserRole.Customer, UserRole.ControllerVendor })
        {
            using var other = await Visitor.SignedInAsync(service, role, new AccessScope { Sites = ["depot-1"] });
            var page = await other.HtmlAsync(Path);
            Assert.Contains("Depot 001", page, StringComparison.Ordinal);
            Assert.DoesNotContain("Ask for Ann", page, StringComparison.Ordinal);
            Assert.DoesNotContain("tab=notes", await other.HtmlAsync("/sites/depot-1"), StringComparison.Ordinal);
        }

        // Who may issue tokens may not therefore run a readiness test.
        var enrollments = service.Service.App.Services.GetRequiredService<EnrollmentStore>();
        var id = (await enrollments.ListBySiteAsync("default", "depot-1", Ct)).Single().Id;
        await service.Service.App.Services.GetRequiredService<OperationsStore>().WriteAsync(Actor.Job("default", "test"), async transaction =>
        {
            var active = (await enrollments.FindAsync(transaction.Tx, "default", id))!;
            await transaction.UpdateAsync(enrollments, active, active with { State = EnrollmentState.Testing });
        }, Ct);
        Assert.Contains("Send a test limit", await person.HtmlAsync("/controllers/depot-1"), StringComparison.Ordinal);
        using var vendor = await Visitor.SignedInAsync(service, UserRole.ControllerVendor, new AccessScope { Sites = ["depot-1"] });
        Assert.DoesNotContain("Send a test limit", await vendor.HtmlAsync("/controllers/depot-1"), StringComparison.Ordinal);
        Assert.Equal(403, await vendor.PostForStatusAsync("/account", "/controllers/depot-1?handler=Test", ("id", id)));
    }

    private static async Task<int> TaggedAsync(OperationsUnderTest service, string tag) => (await service.GetAsync($"/v1/sites?filter=tags:{tag}"))["items"]!.AsArray().Count;

    /// <summary>Statements that the database was sent for a page, and rows on it.</summary>
    private static async Task<(int Statements, int Rows)> StatementsAsync(OperationsUnderTest service, Visitor person, string path)
    {
        Assert.NotNull(service.Service.Address);
        var traces = new ConcurrentBag<ActivityTraceId>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Npgsql",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                // A connection that is opened because the service's own work has the others is no statement.
                if (!activity.OperationName.StartsWith("CONNECT ", StringComparison.Ordinal))
                {
                    traces.Add(activity.TraceId);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        using var caller = new Activity("page").SetIdFormat(ActivityIdFormat.W3C).Start();
        var rows = (await person.DocumentAsync(path))["items"]!.AsArray().Count;
        return (traces.Count(id => id == caller.TraceId), rows);
    }

    private static async Task SitesAsync(OperationsUnderTest service)
    {
        var (customer, handler, enrollments) = (await service.CustomerAsync(), service.Service.App.Services.GetRequiredService<SiteHandler>(), service.Service.App.Services.GetRequiredService<EnrollmentStore>());
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
                    Tags = i < 2 ? ["two"] : [],
                });
            }
        }, Ct);
        var id = (string)(await service.PostAsync("/v1/enrollments", """{ "siteId": "depot-1", "program": "OPENADR-PLAIN", "period": { "from": "2026-01-01" } }"""))["id"]!;
        await service.Service.App.Services.GetRequiredService<OperationsStore>().WriteAsync(Actor.Job("default", "test"), async transaction =>
        {
            var draft = (await enrollments.FindAsync(transaction.Tx, "default", id))!;
            await transaction.UpdateAsync(enrollments, draft, draft with { State = EnrollmentState.Active });
        }, Ct);
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
            Sites = Enumerable.Range(0, 10).Select(i => new EventSite { SiteId = $"depot-{i}", Through = $"ven-{i}", From = from, Until = until, Revision = 0, ToldAt = now, State = SiteEventState.Held }).ToValueList(),
        };
        return (await service.Service.App.Services.GetRequiredService<OperationsStore>().WriteAsync(Actor.Job("default", "test"), transaction => EventStore.SaveAsync(transaction, [e]), Ct)).Single();
    }
}

using GridServices.Operations.Access;
using GridServices.Operations.Events;
using GridServices.Operations.Notifications;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Notify;
using GridServices.Operations.Service.Reconcile;
using GridServices.Operations.Service.Storage;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace GridServices.Operations.Service.Tests.Pages;

/// <summary>A live event as its page shows it, and its contacts.</summary>
public sealed class EventContactPageTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_live_event_shows_the_power_at_each_site_and_a_message_reaches_the_contacts_of_the_event()
    {
        await using var service = await OperationsUnderTest.StartAsync(null, null, [.. Provisioning.OtherServices.Nowhere]);
        var customer = await service.CustomerAsync();
        await service.SiteAsync(customer, "depot-a");
        await service.SiteAsync(customer, "depot-b");
        foreach (var (name, role, site) in new[] { ("Anna Primary", "eventPrimary", ""), ("Ben Backup", "eventBackup", """, "siteId": "depot-b" """), ("Bill Payer", "billing", "") })
        {
            await service.PostAsync("/v1/contacts", $$"""{ "customerId": "{{customer}}", "name": "{{name}}", "email": "{{role}}@example.com", "role": "{{role}}", "channels": ["email"]{{site}} }""");
        }

        var held = await LiveAsync(service, "depot-a", "depot-b");
        var view = service.Service.App.Services.GetRequiredService<Observations>().GetView("default");
        view.Sites["depot-a"] = new SiteSeen(1, null, null, null, new MinuteShare()) { NetPowerW = 41_500, NetPowerAt = SystemClock.Instance.GetCurrentInstant() };
        using var person = await Visitor.SignedInAsync(service, UserRole.Dispatcher);
        var live = (await person.DocumentAsync($"/events/{held.Id}"))["live"]!.AsArray();
        Assert.Equal(["depot-a", "depot-b"], live.Select(l => (string)l!["siteId"]!));
        Assert.All(live, l => Assert.Equal("noReport", (string)l!["because"]!));

        // The hub is away in this installation: what it said before is not the power now.
        Assert.All(live, l => Assert.Null(l!["netPowerW"]));
        var page = await person.HtmlAsync($"/events/{held.Id}");
        Assert.Contains("unknown: nothing has been worked out for this site yet", page, StringComparison.Ordinal);
        Assert.Contains("0 notified, 0 acknowledged", page, StringComparison.Ordinal);

        var path = $"/events/{held.Id}/contacts";
        Assert.Contains("This is needed.", (await person.PostAsync(path, path, ("text", " "))).Html, StringComparison.Ordinal);
        var look = (await person.PostAsync(path, path, ("text", "Gate 3 is closed\ntoday"))).Html;
        Assert.Contains("This goes to 2 contacts of 2 sites.", look, StringComparison.Ordinal);
        Assert.Empty(await service.Service.App.Services.GetRequiredService<ContactMessages>().ListByEventAsync("default", held.Id, Ct));
        Assert.EndsWith("done=sent", (await person.PostAsync(path, path, ("text", "Gate 3 is closed\ntoday"), ("confirmed", "1"))).Path, StringComparison.Ordinal);

        var all = await service.Service.App.Services.GetRequiredService<NoticeReader>().ReadAsync("default", new RunFaults(Ct), Ct);
        var notice = Assert.Single(all.Notices, n => n.Trigger == Trigger.ContactMessage);
        Assert.Equal("Gate 3 is closed today", notice.Arguments.Single(a => a.Name == "message").Text);
        var due = NotificationPlan.Due([notice], all.Recipients, [], new NotificationSettings(), SystemClock.Instance.GetCurrentInstant());
        Assert.Equal(2, due.Count);
        await service.Service.App.Services.GetRequiredService<OperationsStore>().WriteAsync(Actor.Job("default", "test"), async transaction =>
        {
            foreach (var message in due)
            {
                await NotificationStore.QueueAsync(transaction, message);
            }
        }, Ct);
        await SentAndAcknowledgedAsync(service, all.Recipients.Single(r => r.ContactRole == ContactRole.EventPrimary).Id, notice.Subject);
        var told = await person.HtmlAsync(path);
        Assert.Contains("Anna Primary", told, StringComparison.Ordinal);
        Assert.Contains("Ben Backup", told, StringComparison.Ordinal);
        Assert.DoesNotContain("Bill Payer", told, StringComparison.Ordinal);
        var items = (await person.DocumentAsync(path))["items"]!.AsArray();
        Assert.Contains(items, i => (string)i!["name"]! == "Anna Primary" && i["told"]!["ackAt"] is not null);
        Assert.Contains("1 acknowledged", await person.HtmlAsync($"/events/{held.Id}"), StringComparison.Ordinal);

        // Whoever sees the records of some of the sites is told nothing of how many there are at the others.
        using var some = await Visitor.SignedInAsync(service, UserRole.Dispatcher, new AccessScope { Sites = ["depot-b"] });
        var part = await some.HtmlAsync($"/events/{held.Id}");
        Assert.Contains("/contacts\"", part, StringComparison.Ordinal);
        Assert.DoesNotContain("1 acknowledged", part, StringComparison.Ordinal);

        // An event that has been over for two days: a message of an hour ago still waits for the end of somebody's quiet hours.
        var now = SystemClock.Instance.GetCurrentInstant();
        await service.Service.App.Services.GetRequiredService<OperationsStore>().WriteAsync(Actor.Job("default", "test"), transaction => EventStore.SaveAsync(
            transaction, [held.Event with { From = now - Duration.FromHours(60), Until = now - Duration.FromHours(48), Sites = [.. held.Event.Sites.Select(s => s with { From = now - Duration.FromHours(60), Until = now - Duration.FromHours(48) })] }]), Ct);
        var over = await service.Service.App.Services.GetRequiredService<NoticeReader>().ReadAsync("default", new RunFaults(Ct), Ct);
        Assert.Equal("Gate 3 is closed today", Assert.Single(over.Notices, n => n.Trigger == Trigger.ContactMessage).Arguments.Single(a => a.Name == "message").Text);
        Assert.Equal(2, NotificationPlan.Due(over.Notices.Where(n => n.Trigger == Trigger.ContactMessage), over.Recipients, [], new NotificationSettings(), now).Count);

        // Who has its data erased leaves no words behind, neither here nor in the audit.
        await service.PostAsync($"/v1/customers/{customer}/erase", """{ "reason": "asked for" }""", System.Net.HttpStatusCode.OK);
        Assert.Equal("erased", Assert.Single(await service.Service.App.Services.GetRequiredService<ContactMessages>().ListByEventAsync("default", held.Id, Ct)).Text);
        Assert.DoesNotContain("Gate 3", (await service.GetAsync("/v1/audit?limit=1000")).ToJsonString(), StringComparison.Ordinal);

        using var viewer = await Visitor.SignedInAsync(service, UserRole.Viewer);
        Assert.DoesNotContain("/contacts\"", await viewer.HtmlAsync($"/events/{held.Id}"), StringComparison.Ordinal);
        Assert.Equal(403, await viewer.PostForStatusAsync("/account", path, ("text", "x"), ("confirmed", "1")));
    }

    private static async Task SentAndAcknowledgedAsync(OperationsUnderTest service, string recipientId, string subject)
    {
        var store = service.Service.App.Services.GetRequiredService<NotificationStore>();
        foreach (var item in (await store.ListBySubjectAsync("default", subject, 100, Ct)).Where(i => i.RecipientId == recipientId))
        {
            await store.SentAsync("default", item.Id, SystemClock.Instance.GetCurrentInstant(), Ct);
        }

        var links = service.Service.App.Services.GetRequiredService<Acknowledgements>();
        await links.RedeemAsync(await links.IssueAsync("default", recipientId, subject, Ct), Ct);
    }

    private static async Task<HeldEvent> LiveAsync(OperationsUnderTest service, params string[] siteIds)
    {
        var now = SystemClock.Instance.GetCurrentInstant();
        var (from, until) = (now - Duration.FromHours(1), now + Duration.FromHours(20));
        var e = new Event
        {
            Tenant = "default",
            Source = "openadr:vtn.example/e18",
            Origin = EventOrigin.OpenAdr,
            TemplateCode = "OPENADR-PLAIN",
            AnnouncedAt = from,
            From = from,
            Until = until,
            Revisions = [new EventRevision { Number = 0, ToldAt = from, From = from, Until = until, Changes = [EventChange.Announced] }],
            Sites = [.. siteIds.Select(id => new EventSite { SiteId = id, Through = $"ven-{id}", From = from, Until = until, Revision = 0, ToldAt = from, State = SiteEventState.Held })],
        };
        return (await service.Service.App.Services.GetRequiredService<OperationsStore>().WriteAsync(Actor.Job("default", "test"), transaction => EventStore.SaveAsync(transaction, [e]), Ct)).Single();
    }
}

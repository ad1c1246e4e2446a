using GridServices.Operations.Events;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Notify;
using GridServices.Operations.Service.Registry;
using GridServices.Operations.Service.Sites;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Tests.Registry;

public sealed class PersonalDataTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_export_holds_the_notes_and_messages_about_a_customers_own_sites_until_they_are_erased()
    {
        await using var parts = await OperationsParts.MakeAsync();
        var customer = await parts.SitesAsync("depot-1", "depot-2");
        await parts.SitesAsync("other-1");
        var held = await EventAsync(parts, "depot-1", "depot-2", "other-1");
        await parts.WriteAsync(async transaction =>
        {
            await SiteNotes.AddAsync(transaction, "depot-1", "Mr Smith has the key");
            await SiteNotes.AddAsync(transaction, "other-1", "Mrs Jones has the key");
            await parts.Get<ContactMessages>().SendAsync(transaction, held, ["depot-1", "depot-2", "other-1"], "Ask for Anna");
            await parts.Get<ContactMessages>().SendAsync(transaction, held, ["other-1"], "Ask for Ben");
        });

        var export = await ExportAsync(parts, customer);
        Assert.Equal([("depot-1", "ann", "Mr Smith has the key")], export.Notes.Select(n => (n.SiteId, n.Author, n.Text)));
        var message = Assert.Single(export.Messages);
        Assert.Equal((held.Id, "ann", "Ask for Anna"), (message.EventId, message.By, message.Text));
        Assert.Equal(["depot-1", "depot-2"], message.SiteIds.Order(StringComparer.Ordinal));
        Assert.True(export.Notes[0].At > Instant.FromUtc(2026, 1, 1, 0, 0) && message.At > Instant.FromUtc(2026, 1, 1, 0, 0));

        await parts.WriteAsync(async transaction => await parts.Get<PersonalData>().EraseAsync(transaction, export.Customer, "asked for"));
        var erased = await ExportAsync(parts, customer);
        Assert.Empty(erased.Notes);
        Assert.Equal(PersonalData.Erased, Assert.Single(erased.Messages).Text);
    }

    private static Task<PersonalDataExport> ExportAsync(OperationsParts parts, string customer) => parts.WriteAsync(
        async transaction => await parts.Get<PersonalData>().ExportAsync(transaction, (await parts.Get<CustomerStore>().FindAsync(transaction.Tx, "default", customer))!));

    private static async Task<HeldEvent> EventAsync(OperationsParts parts, params string[] sites)
    {
        var (from, until) = (SystemClock.Instance.GetCurrentInstant(), SystemClock.Instance.GetCurrentInstant() + Duration.FromHours(3));
        return (await parts.WriteAsync(transaction => EventStore.SaveAsync(transaction, [new Event
        {
            Tenant = "default",
            Source = "openadr:vtn.example/e1",
            Origin = EventOrigin.OpenAdr,
            AnnouncedAt = from,
            From = from,
            Until = until,
            Revisions = [new EventRevision { Number = 0, ToldAt = from, From = from, Until = until }],
            Sites = [.. sites.Select(id => new EventSite { SiteId = id, Through = "ven-1", From = from, Until = until, Revision = 0, ToldAt = from, State = SiteEventState.Held })],
        }]))).Single();
    }
}

using Dapper;
using GridServices.Hosting.Storage;
using GridServices.Operations.Events;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Storage;
using GridServices.Testing;
using GridServices.Wire;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace GridServices.Operations.Service.Tests.Events;

public sealed class EventStoreTests
{
    private static readonly Instant From = Instant.FromUtc(2049, 7, 1, 16, 0);
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, ClassData(typeof(BothDatabases))]
    public async Task An_event_for_many_sites_is_found_by_each_is_audited_by_revision_and_is_what_was_committed_last(Dialect dialect)
    {
        await using var store = TestStores.Create(dialect);
        await using var service = await OperationsUnderTest.StartAsync(store);
        var events = service.Service.App.Services.GetRequiredService<EventStore>();
        var first = Told(600, Duration.FromHours(1), 0);
        var held = (await SaveAsync(service, first)).Single();
        Assert.Equal(held.Id, Assert.Single(await events.ListBySitesAsync("default", first.Sites.Select(s => s.SiteId), From, Ct)).Id);

        var later = Told(601, Duration.FromHours(3), 0, 1, 2);
        await SaveAsync(service, later);
        var after = From + Duration.FromHours(2);
        Assert.Equal((2, 3), GetVersion(Assert.Single(await events.ListBySiteAsync("default", "site-1", after, Ct))));
        Assert.Equal((2, 3), GetVersion(Assert.Single(await events.ListBySiteAsync("default", "site-601", after, Ct))));
        Assert.Equal(601L, await service.Service.App.Services.GetRequiredService<Store>().ReadAsync(db => db.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM event_sites"), Ct));
        var audited = (await service.GetAsync("/v1/audit?limit=100"))["items"]!.AsArray().Select(e => (string)e!["write"]!["action"]!).Where(a => a.StartsWith("event.", StringComparison.Ordinal));
        Assert.Equal(["event.changed", "event.changed", "event.announced"], audited);

        // What was taken back must not be shown by whoever looked at it in between.
        await Assert.ThrowsAsync<OperationCanceledException>(() => service.Service.App.Services.GetRequiredService<OperationsStore>().WriteAsync(Actor.Job("default", "test"), async transaction =>
        {
            await EventStore.SaveAsync(transaction, [Told(602, Duration.FromHours(3), 0, 1, 2, 3)]);
            Assert.Equal((3, 4), GetVersion(Assert.Single(await events.ListBySiteAsync(transaction.Tx, "default", "site-1", From))));
            throw new OperationCanceledException();
        }, Ct));
        Assert.Equal((2, 3), GetVersion((await events.FindAsync("default", held.Id, Ct))!));
        await SaveAsync(service, Told(603, Duration.FromHours(3), 0, 1, 2, 4));
        Assert.Equal(603, (await events.FindByEventIdAsync("default", "e1", Ct))!.Event.Sites.Count);
    }

    private static (int Version, int Revisions) GetVersion(HeldEvent held) => (held.Version, held.Event.Revisions.Count);

    private static Task<IReadOnlyList<HeldEvent>> SaveAsync(OperationsUnderTest service, Event e) =>
        service.Service.App.Services.GetRequiredService<OperationsStore>().WriteAsync(Actor.Job("default", "test"), transaction => EventStore.SaveAsync(transaction, [e]), Ct);

    private static Event Told(int sites, Duration length, params int[] revisions) => new()
    {
        Tenant = "default",
        Source = "openadr:vtn.example/e1",
        Origin = EventOrigin.OpenAdr,
        AnnouncedAt = From - Duration.FromDays(1),
        From = From,
        Until = From + length,
        Revisions = revisions.Select(number => new EventRevision { Number = number, ToldAt = From - Duration.FromDays(1) + Duration.FromMinutes(number), From = From, Until = From + length }).ToValueList(),
        Sites = Enumerable.Range(1, sites).Select(i => new EventSite { SiteId = $"site-{i}", Through = $"ven-{i}", From = From, Until = From + length, Revision = revisions[^1], ToldAt = From - Duration.FromDays(1), State = SiteEventState.Held })
            .OrderBy(s => s.SiteId, StringComparer.Ordinal).ToValueList(),
    };
}

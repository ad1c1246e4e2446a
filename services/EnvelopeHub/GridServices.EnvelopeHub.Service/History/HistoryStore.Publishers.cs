using System.Data;
using System.Data.Common;
using Dapper;
using GridServices.EnvelopeHub.History;
using GridServices.EnvelopeHub.Service.Nodes;

namespace GridServices.EnvelopeHub.Service.History;

/// <summary>What the store is told of publishers.</summary>
internal sealed partial class HistoryStore
{
    /// <summary>News of publishers.</summary>
    public Task SaveAsync(IReadOnlyList<KnownPublisher> publishers, CancellationToken ct) => store.WriteAsync(
        async tx =>
        {
            foreach (var known in InOrder(publishers))
            {
                // Another instance may have heard more of it: what it said once stays said. That its store was lost only a publication ends; until then it
                // has neither restated nor confirmed anything, whatever an instance took that did not know it.
                await tx.Connection!.ExecuteAsync(
                    """
                    INSERT INTO publisher (tenant, source, speaks, first_heard, restated, forgot, knew_hub, confirmed_run)
                    VALUES (@Tenant, @Source, @speaks, @FirstHeard, @Restated, @forgot, @knew, @ConfirmedRun)
                    ON CONFLICT (tenant, source) DO UPDATE
                    SET speaks = CASE WHEN publisher.speaks > excluded.speaks THEN publisher.speaks ELSE excluded.speaks END,
                        restated = CASE WHEN publisher.forgot = 1 AND @published = 0 THEN publisher.restated
                            WHEN publisher.restated = (SELECT epoch FROM hub_epoch WHERE one = 1) THEN publisher.restated ELSE excluded.restated END,
                        forgot = CASE WHEN publisher.forgot = 1 AND @published = 0 THEN 1 ELSE excluded.forgot END,
                        knew_hub = CASE WHEN publisher.knew_hub > excluded.knew_hub THEN publisher.knew_hub ELSE excluded.knew_hub END,
                        confirmed_run = CASE WHEN publisher.forgot = 1 AND @published = 0 THEN publisher.confirmed_run
                            WHEN publisher.confirmed_run > excluded.confirmed_run THEN publisher.confirmed_run ELSE excluded.confirmed_run END
                    """,
                    new
                    {
                        known.Id.Tenant,
                        known.Id.Source,
                        speaks = known.Speaks ? 1L : 0L,
                        known.FirstHeard,
                        known.Restated,
                        forgot = known.Forgot ? 1L : 0L,
                        knew = known.KnewHub ? 1L : 0L,
                        published = known.HasPublished ? 1L : 0L,
                        known.ConfirmedRun,
                    },
                    tx);
            }

            await CommitNotices.RaiseAsync(tx, CommitNotices.Publishers);
            return publishers.Count;
        },
        IsolationLevel.ReadCommitted,
        ct);

    /// <summary>Publishers that never say hello, inside the transaction of their publications: a hello that comes between tells more.</summary>
    public static async Task AddAsync(DbTransaction tx, IReadOnlyList<KnownPublisher> publishers)
    {
        foreach (var known in InOrder(publishers))
        {
            await tx.Connection!.ExecuteAsync(
                """
                INSERT INTO publisher (tenant, source, speaks, first_heard, restated) VALUES (@Tenant, @Source, 0, @FirstHeard, @Restated)
                ON CONFLICT (tenant, source) DO UPDATE SET restated = excluded.restated WHERE publisher.speaks = 0
                """,
                new { known.Id.Tenant, known.Id.Source, known.FirstHeard, known.Restated },
                tx);
        }
    }

    // Two instances that lock the same rows never wait for one another.
    private static IEnumerable<KnownPublisher> InOrder(IEnumerable<KnownPublisher> publishers) =>
        publishers.OrderBy(known => known.Id.Tenant, StringComparer.Ordinal).ThenBy(known => known.Id.Source, StringComparer.Ordinal);

    public Task RemoveAsync(PublisherId id, CancellationToken ct) => store.WriteAsync(
        async tx =>
        {
            await tx.Connection!.ExecuteAsync("DELETE FROM publisher WHERE tenant = @Tenant AND source = @Source", id, tx);
            return await CommitNotices.RaiseAsync(tx, CommitNotices.Publishers);
        },
        IsolationLevel.ReadCommitted,
        ct);

    public Task SettleAsync(IReadOnlyList<string> tenants, string epoch, CancellationToken ct) => store.WriteAsync(
        async tx =>
        {
            foreach (var tenant in tenants.Order(StringComparer.Ordinal))
            {
                await tx.Connection!.ExecuteAsync(
                    "INSERT INTO settled_tenant (tenant, epoch) VALUES (@tenant, @epoch) ON CONFLICT (tenant) DO UPDATE SET epoch = excluded.epoch", new { tenant, epoch }, tx);
            }

            return await CommitNotices.RaiseAsync(tx, CommitNotices.Publishers);
        },
        IsolationLevel.ReadCommitted,
        ct);
}

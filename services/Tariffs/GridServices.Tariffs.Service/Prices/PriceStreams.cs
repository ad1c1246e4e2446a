using System.Collections.Immutable;
using System.Data.Common;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Hosting.Hub;
using GridServices.Hosting.Publishing;
using GridServices.Tariffs.Prices;
using GridServices.Tariffs.Service.Meters;
using GridServices.Tariffs.Service.Registry;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Service.Prices;

/// <summary>
/// The price series of each site, <c>tariff/energy-price</c>: drawn from the tariff and the stored price series, said when another price holds at any moment of it, and drawn on by the hour.
/// Readings move it only by the tier, which is looked at every quarter of an hour; a changed tariff or price series at once.
/// </summary>
internal sealed class PriceStreams(PublisherName publisher, TariffStore tariffs)
{
    private static readonly Duration TierLook = Duration.FromMinutes(15);

    /// <summary>What must be said of a meter's prices now, stored as said in the same transaction.</summary>
    /// <param name="tx">The meter's step.</param>
    /// <param name="meter">Which.</param>
    /// <param name="versions">Of its tariff, at least one.</param>
    /// <param name="isReading">A reading alone: nothing is looked at before it is due.</param>
    /// <param name="now">When.</param>
    public async Task<PriceStep> StepAsync(DbTransaction tx, StoredMeter meter, ImmutableArray<CompiledTariff> versions, bool isReading, Instant now)
    {
        var states = meter.Plan.StatesPrices();
        if (isReading && !states)
        {
            return PriceStep.Nothing;
        }

        var held = await PublishedPriceStore.GetAsync(tx, meter.Tenant, meter.MeterId, meter.Plan.SiteId);
        var row = held.Find(r => r.SiteId == meter.Plan.SiteId);
        if (isReading && row?.MeterId == meter.MeterId && row.DueAt > now && row.DueAt <= now + StreamStore.Refresh)
        {
            return new PriceStep([], row.DueAt, IsDrawn: false, row.Draft is not null);
        }

        // Calculated before anything is stored: where it fails, nothing counts as said that was not sent.
        var drawn = states ? await DrawAsync(tx, meter, versions, row, now) : default;
        var items = await WithdrawAsync(tx, held.Where(r => r.MeterId == meter.MeterId && (!states || r.SiteId != meter.Plan.SiteId)), now);
        if (drawn.Next is not { } next)
        {
            return PriceStep.Nothing with { Items = items };
        }

        await PublishedPriceStore.SaveAsync(tx, next);
        items.AddRange(drawn.Item is { } item ? [item] : []);
        return new PriceStep(items, next.DueAt, IsDrawn: true, next.Draft is not null);
    }

    /// <summary>Prices that cannot be calculated: what was said stays for its own time, and they are tried again in a quarter of an hour, or as soon as a tariff or price series wakes them.</summary>
    public static async Task<PriceStep> PutOffAsync(DbTransaction tx, StoredMeter meter, ImmutableArray<CompiledTariff> versions, Instant now)
    {
        var due = now + TierLook;
        if (meter.Plan.StatesPrices())
        {
            await PublishedPriceStore.PutOffAsync(tx, meter, NameSeries(versions), now, due);
        }

        return PriceStep.Fail(due);
    }

    /// <summary>Withdraws all that a meter says of prices; it is gone.</summary>
    public async Task<List<OutboxItem>> WithdrawAllAsync(DbTransaction tx, string tenant, string meterId, Instant now) =>
        await WithdrawAsync(tx, await PublishedPriceStore.GetAsync(tx, tenant, meterId, string.Empty), now);

    private async Task<(PublishedPriceRow? Next, OutboxItem? Item)> DrawAsync(DbTransaction tx, StoredMeter meter, ImmutableArray<CompiledTariff> versions, PublishedPriceRow? row, Instant now)
    {
        // What is not known of the cycle is no price of its first tier.
        var (inputs, unknown) = await OutlookReader.ReadAsync(tx, tariffs, meter, versions, now, now + PriceDraft.Horizon, now);
        var draft = PriceDraft.Compute(meter.Plan, inputs with { IsCycleUnknown = unknown is not null }, now);
        var said = row?.FindSaid();
        var next = (row ?? new PublishedPriceRow { Tenant = meter.Tenant, SiteId = meter.Plan.SiteId, PublishedAt = now }) with
        {
            MeterId = meter.MeterId,
            Series = NameSeries(versions),
            DueAt = now + (OutlookReader.HasTiers(versions) ? TierLook : StreamStore.Refresh),
        };
        var isHeld = row?.Draft is null
            ? draft.Segments.IsEmpty
            : said is not null && row.PublishedAt <= now && row.PublishedAt > now - StreamStore.Refresh && draft.StatesSame(said, now, row.PublishedAt + PriceDraft.Horizon);
        if (isHeld)
        {
            return (next, null);
        }

        next = next with
        {
            Revision = next.Revision + 1,
            Draft = draft.Segments.IsEmpty ? null : JsonSerializer.Serialize(draft, ContractJson.Options),
            PublishedAt = now,
        };
        return (next, publisher.Item(meter.Tenant, draft.ToSeries(next.SiteId, Guid.CreateVersion7(), next.Revision), now));
    }

    /// <summary>As the store looks for them.</summary>
    private static string NameSeries(ImmutableArray<CompiledTariff> versions) => $"|{string.Join('|', OutlookReader.GetSeries(versions))}|";

    private async Task<List<OutboxItem>> WithdrawAsync(DbTransaction tx, IEnumerable<PublishedPriceRow> rows, Instant now)
    {
        var items = new List<OutboxItem>();
        foreach (var row in rows.Where(r => r.Draft is not null))
        {
            // A damaged row still names its stream: the withdrawal says as much as is known.
            var said = row.FindSaid() ?? new PriceDraft("XXX", [], new Provenance { Protocol = "tariff", Authority = "the meter no longer states it" });
            var next = row with { Revision = row.Revision + 1, Draft = null, PublishedAt = now };
            items.Add(publisher.Item(row.Tenant, (said with { Segments = [] }).ToSeries(row.SiteId, Guid.CreateVersion7(), next.Revision), now));
            await PublishedPriceStore.SaveAsync(tx, next);
        }

        return items;
    }
}

/// <summary>What a step does to a meter's prices.</summary>
/// <param name="Items">To be published.</param>
/// <param name="DueAt">When to look again; null = nothing is said by it.</param>
/// <param name="IsDrawn">Whether they were calculated in this step.</param>
/// <param name="Says">Whether a series is said.</param>
/// <param name="Failed">They cannot be calculated; what was said stays for its own time.</param>
internal sealed record PriceStep(List<OutboxItem> Items, Instant? DueAt, bool IsDrawn, bool Says, bool Failed = false)
{
    public static PriceStep Nothing => new([], null, IsDrawn: true, Says: false);

    /// <param name="dueAt">When they are tried again.</param>
    public static PriceStep Fail(Instant? dueAt) => new([], dueAt, IsDrawn: false, Says: true, Failed: true);
}

using System.Collections.Concurrent;
using GridServices.Contracts;
using GridServices.Hosting.Hub;
using GridServices.Tariffs.Prices;
using GridServices.Tariffs.Service.Prices;
using NodaTime;

namespace GridServices.Tariffs.Service.Meters;

/// <summary>
/// How well each publishing meter is heard, in memory: what the heartbeat of a site's stream says about demand, and whether what is said rests on a reading
/// from after the start.
/// </summary>
internal sealed class MeterHealth(HubLink hub, IClock clock) : IUpstreamHealth, IStreamHearing
{
    private readonly Instant began = clock.GetCurrentInstant();
    private readonly ConcurrentDictionary<(string Tenant, string MeterId), MeterStatus> meters = new();

    private readonly ConcurrentDictionary<(string Tenant, string MeterId), PriceStatus> prices = new();

    public bool IsReady { get; private set; }

    public void Load(IEnumerable<StreamRow> rows, IEnumerable<PublishedPriceRow> said)
    {
        foreach (var row in said)
        {
            prices.TryAdd((row.Tenant, row.MeterId), new PriceStatus(row.SiteId, null));
        }

        foreach (var meter in rows.GroupBy(r => (r.Tenant, r.MeterId)))
        {
            // What was noted since the rows were read is newer.
            meters.TryAdd(meter.Key, new MeterStatus(meter.First().SiteId, [.. meter.Select(r => r.Stream)], meter.Any(r => r.Said is not { IsStale: false }), null));
        }

        IsReady = true;
    }

    public void Note(StoredMeter meter, IReadOnlyList<StreamRow> rows, Instant? asOf) =>
        meters[(meter.Tenant, meter.MeterId)] = new MeterStatus(meter.Plan.SiteId, [.. rows.Select(r => r.Stream)], rows.Any(r => r.Said is { IsStale: true }), asOf);

    /// <summary>Its prices are known, whether or not it is read.</summary>
    public void Note(StoredMeter meter, PriceStep step)
    {
        var key = (meter.Tenant, meter.MeterId);
        if (!step.Says)
        {
            prices.TryRemove(key, out _);
        }
        else if (step.IsDrawn || step.Failed)
        {
            prices[key] = new PriceStatus(meter.Plan.SiteId, step.Failed ? null : clock.GetCurrentInstant(), step.Failed);
        }
    }

    /// <summary>Whether its prices could not be calculated when they were tried last.</summary>
    public bool IsUnpriced(StoredMeter meter) => prices.GetValueOrDefault((meter.Tenant, meter.MeterId)) is { Failed: true };

    /// <summary>It cannot be calculated: stale until a step of it is committed. Where it says nothing, nothing of it can be stale. False = it is known already.</summary>
    public bool Fail(string tenant, string meterId)
    {
        var held = meters.GetValueOrDefault((tenant, meterId)) ?? new MeterStatus(string.Empty, [], true, null);
        meters[(tenant, meterId)] = held with { IsStale = true, Failed = true };
        return !held.Failed;
    }

    public void Remove(string tenant, string meterId)
    {
        meters.TryRemove((tenant, meterId), out _);
        prices.TryRemove((tenant, meterId), out _);
    }

    public IEnumerable<UpstreamStream> Streams(Instant now) => meters
        .Where(m => m.Key.Tenant == hub.Tenant)
        .SelectMany(m => m.Value.Streams.Select(stream => new UpstreamStream
        {
            Stream = new StreamId("tariff", stream),
            Sites = [m.Value.SiteId],
            Status = m.Value.IsStale ? UpstreamStatus.Stale : UpstreamStatus.Ok,
            Since = now,
            Detail = m.Value.IsStale ? $"meter {m.Key.MeterId}: {DescribeStale(m.Value, now)}" : null,
        }))
        .Concat(prices.Where(p => p.Key.Tenant == hub.Tenant).Select(p => new UpstreamStream
        {
            Stream = new StreamId("tariff", PriceDraft.Stream),
            Sites = [p.Value.SiteId],
            Status = HasFailed(p) ? UpstreamStatus.Stale : UpstreamStatus.Ok,
            Since = now,
            Detail = HasFailed(p) ? $"meter {p.Key.MeterId}: cannot be calculated, see the log of this service" : null,
        }));

    private bool HasFailed(KeyValuePair<(string Tenant, string MeterId), PriceStatus> of) => of.Value.Failed || meters.GetValueOrDefault(of.Key) is { Failed: true };

    public string? WhyUnheard(SpokenStream stream)
    {
        if (stream.Stream.Key == PriceDraft.Stream)
        {
            return WhyUndrawn(stream);
        }

        var (id, meter) = meters.FirstOrDefault(m => m.Key.Tenant == stream.Tenant && m.Value.SiteId == stream.SiteId && m.Value.Streams.Contains(stream.Stream.Key));
        if (meter is null)
        {
            // What a person ended just now is known; what the store says of a meter that is gone may be older than what the hub was told since.
            return !IsReady ? "The meters are not loaded yet." : stream.IsFresh ? null
                : "No meter of this service states it any more: register the meter again, or strike this with DELETE /v1/outbox/{id}.";
        }

        return meter.Failed ? $"Meter '{id.MeterId}' cannot be calculated; the log of this service tells why." : meter.AsOf >= began ? null : $"Meter '{id.MeterId}' had no reading since this service began; with one, this goes on by itself.";
    }

    private string? WhyUndrawn(SpokenStream stream)
    {
        var found = prices.FirstOrDefault(p => p.Key.Tenant == stream.Tenant && p.Value.SiteId == stream.SiteId);
        return found.Value is not { } drawn
            ? !IsReady ? "The meters are not loaded yet."
            : stream.IsFresh ? null
            : "No meter of this service states these prices any more: register the meter again, or strike this with DELETE /v1/outbox/{id}."
            : HasFailed(found) ? $"The prices of meter '{found.Key.MeterId}' cannot be calculated; the log of this service tells why."
            : drawn.At >= began ? null : $"The prices of meter '{found.Key.MeterId}' were not drawn since this service began; within the hour they are, and this goes on by itself.";
    }

    private static string DescribeStale(MeterStatus meter, Instant now) =>
        meter.Failed ? "cannot be calculated, see the log of this service"
        : meter.AsOf is not { } at ? "no reading yet"
        : at > now ? $"the clock was set back: readings up to {at} are known" : $"silent since {at}";

    /// <param name="SiteId">Whose prices it states.</param>
    /// <param name="At">When they were drawn; null = not since the start.</param>
    /// <param name="Failed">They cannot be calculated.</param>
    private sealed record PriceStatus(string SiteId, Instant? At, bool Failed = false);

    /// <param name="SiteId">Where.</param>
    /// <param name="Streams">What it states.</param>
    /// <param name="IsStale">What it states is the fail-safe, or not to be counted on.</param>
    /// <param name="AsOf">Up to when it is read; null = no reading since the start.</param>
    /// <param name="Failed">Its last step could not be calculated.</param>
    private sealed record MeterStatus(string SiteId, IReadOnlyList<string> Streams, bool IsStale, Instant? AsOf, bool Failed = false);
}

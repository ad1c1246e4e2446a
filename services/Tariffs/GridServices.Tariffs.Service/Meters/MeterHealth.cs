using System.Collections.Concurrent;
using GridServices.Contracts;
using GridServices.Hosting.Hub;
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

    public bool IsReady { get; private set; }

    public void Load(IEnumerable<StreamRow> rows)
    {
        foreach (var meter in rows.GroupBy(r => (r.Tenant, r.MeterId)))
        {
            meters[meter.Key] = new MeterStatus(meter.First().SiteId, [.. meter.Select(r => r.Stream)], meter.Any(r => r.Said is not { IsStale: false }), null);
        }

        IsReady = true;
    }

    public void Note(StoredMeter meter, IReadOnlyList<StreamRow> rows, Instant? asOf) =>
        meters[(meter.Tenant, meter.MeterId)] = new MeterStatus(meter.Plan.SiteId, [.. rows.Select(r => r.Stream)], rows.Any(r => r.Said is { IsStale: true }), asOf);

    /// <summary>It cannot be calculated: stale until a step of it is committed. Where it says nothing, nothing of it can be stale. False = it is known already.</summary>
    public bool Fail(string tenant, string meterId)
    {
        var held = meters.GetValueOrDefault((tenant, meterId)) ?? new MeterStatus(string.Empty, [], true, null);
        meters[(tenant, meterId)] = held with { IsStale = true, Failed = true };
        return !held.Failed;
    }

    public void Remove(string tenant, string meterId) => meters.TryRemove((tenant, meterId), out _);

    public IEnumerable<UpstreamStream> Streams(Instant now) => meters
        .Where(m => m.Key.Tenant == hub.Tenant)
        .SelectMany(m => m.Value.Streams.Select(stream => new UpstreamStream
        {
            Stream = new StreamId("tariff", stream),
            Sites = [m.Value.SiteId],
            Status = m.Value.IsStale ? UpstreamStatus.Stale : UpstreamStatus.Ok,
            Since = now,
            Detail = m.Value.IsStale ? $"meter {m.Key.MeterId}: {DescribeStale(m.Value, now)}" : null,
        }));

    public string? WhyUnheard(SpokenStream stream)
    {
        var (id, meter) = meters.FirstOrDefault(m => m.Key.Tenant == stream.Tenant && m.Value.SiteId == stream.SiteId && m.Value.Streams.Contains(stream.Stream.Key));
        if (meter is null)
        {
            // What a person ended just now is known; what the store says of a meter that is gone may be older than what the hub was told since.
            return !IsReady ? "The meters are not loaded yet." : stream.IsFresh ? null
                : "No meter of this service states it any more: register the meter again, or strike this with DELETE /v1/outbox/{id}.";
        }

        return meter.Failed ? $"Meter '{id.MeterId}' cannot be calculated; the log of this service tells why." : meter.AsOf >= began ? null : $"Meter '{id.MeterId}' had no reading since this service began; with one, this goes on by itself.";
    }

    private static string DescribeStale(MeterStatus meter, Instant now) =>
        meter.Failed ? "cannot be calculated, see the log of this service"
        : meter.AsOf is not { } at ? "no reading yet"
        : at > now ? $"the clock was set back: readings up to {at} are known" : $"silent since {at}";

    /// <param name="SiteId">Where.</param>
    /// <param name="Streams">What it states.</param>
    /// <param name="IsStale">What it states is the fail-safe, or not to be counted on.</param>
    /// <param name="AsOf">Up to when it is read; null = no reading since the start.</param>
    /// <param name="Failed">Its last step could not be calculated.</param>
    private sealed record MeterStatus(string SiteId, IReadOnlyList<string> Streams, bool IsStale, Instant? AsOf, bool Failed = false);
}

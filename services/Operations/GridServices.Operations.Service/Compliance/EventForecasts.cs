using System.Collections.Concurrent;
using GridServices.Operations.Compliance;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Compliance;

/// <summary>
/// How live events have come so far, site by site: worked out every few minutes by the same report that is made at the end. Only in memory: after a restart it is worked out anew, and until then nothing is forecast.
/// </summary>
internal sealed class EventForecasts(EventStore events, ComplianceReader reader, LimitRecorder limits, ChangeFeed feed, IClock clock)
{
    private const int AtOnce = 4;
    private const int SitesPerLook = 200;
    private static readonly Duration Every = Duration.FromMinutes(5);
    private readonly ConcurrentDictionary<(string Tenant, string EventId, string SiteId), ForecastBasis> _bases = new();

    /// <summary>Works out those that were never worked out first, then the ones that were longest ago.</summary>
    internal async Task LookAsync(string tenant, CancellationToken ct)
    {
        var now = clock.GetCurrentInstant();
        var live = (await events.OverAfterAsync(tenant, now, ct)).Where(e => e.Event.PhaseAt(now) == EventPhase.Live).ToList();
        foreach (var gone in _bases.Keys.Where(k => k.Tenant == tenant && !live.Exists(e => e.Id == k.EventId)))
        {
            _bases.TryRemove(gone, out _);
        }

        var due = live.SelectMany(e => e.Event.Sites.Where(s => s is { State: SiteEventState.Held, EnrollmentId: not null } && s.From <= now && s.Opt.State != OptState.Out).Select(s => (Held: e, s.SiteId)))
            .Select(s => (s.Held, s.SiteId, At: _bases.GetValueOrDefault((tenant, s.Held.Id, s.SiteId))?.At ?? Instant.MinValue))
            .Where(s => now - s.At >= Every).OrderBy(s => s.At).Take(SitesPerLook).ToList();
        await Parallel.ForEachAsync(due, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct }, async (site, token) => await WorkOutAsync(tenant, site.Held, site.SiteId, token));
        feed.Tell([.. live.Select(e => new EntityChange(tenant, "event", e.Id, "observed", null))]);
    }

    /// <param name="held">A live event.</param>
    /// <param name="site">In it.</param>
    /// <param name="powerW">Net power now, W, import positive; null = not known.</param>
    internal VerdictForecast Of(HeldEvent held, EventSite site, long? powerW)
    {
        var basis = _bases.GetValueOrDefault((held.Event.Tenant, held.Id, site.SiteId));
        var limit = basis?.Measure == ComplianceMeasure.LimitKept ? limits.ImportLimitNow(held.Event.Tenant, site.SiteId) : null;
        return VerdictForecast.Compute(basis, site, site.Until, powerW / 1_000m, limit / 1_000m);
    }

    private async Task WorkOutAsync(string tenant, HeldEvent held, string siteId, CancellationToken ct)
    {
        if (await reader.WithTermsAsync(held, siteId, ct) is var (report, terms))
        {
            _bases[(tenant, held.Id, siteId)] = ForecastBasis.From(report, held.Event.Site(siteId)!, terms.Measure);
        }
    }
}

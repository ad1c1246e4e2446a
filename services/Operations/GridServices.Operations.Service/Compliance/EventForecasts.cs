using System.Collections.Concurrent;
using GridServices.Operations.Compliance;
using GridServices.Operations.Events;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Compliance;

/// <summary>
/// How live events have come so far, site by site: worked out every few minutes by the same report that is made at the end. Only in memory: after a restart it is worked out anew, and until then nothing is forecast.
/// </summary>
internal sealed partial class EventForecasts(EventStore events, ComplianceReader reader, LimitRecorder limits, ChangeFeed feed, IClock clock, ILogger<EventForecasts> logger)
{
    private const int AtOnce = 4;
    private const int SitesPerLook = 200;
    private static readonly Duration Every = Duration.FromMinutes(5);
    private readonly ConcurrentDictionary<(string Tenant, string EventId, string SiteId), Look> _looks = new();

    /// <summary>Works out those that were never worked out first, then the ones that were longest ago.</summary>
    internal async Task RefreshAsync(string tenant, CancellationToken ct)
    {
        var now = clock.GetCurrentInstant();
        var live = (await events.ListReadableAsync(tenant, now, ct)).Where(e => e.Event.PhaseAt(now) == EventPhase.Live).ToList();
        foreach (var gone in _looks.Keys.Where(k => k.Tenant == tenant && !live.Exists(e => e.Id == k.EventId)))
        {
            _looks.TryRemove(gone, out _);
        }

        var due = live.SelectMany(e => e.Event.Sites.Where(s => s is { State: SiteEventState.Held, EnrollmentId: not null } && s.From <= now && s.Opt.State != OptState.Out).Select(s => (Held: e, s.SiteId)))
            .Select(s => (s.Held, s.SiteId, At: _looks.GetValueOrDefault((tenant, s.Held.Id, s.SiteId))?.At ?? Instant.MinValue))
            .Where(s => now - s.At >= Every).OrderBy(s => s.At).Take(SitesPerLook).ToList();
        var changed = new ConcurrentDictionary<string, bool>(StringComparer.Ordinal);
        await Parallel.ForEachAsync(due, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct }, async (site, token) =>
        {
            if (await RefreshAsync(tenant, site.Held, site.SiteId, now, token))
            {
                changed[site.Held.Id] = true;
            }
        });
        feed.Publish([.. changed.Keys.Select(id => new EntityChange(tenant, "event", id, "observed", null))]);
    }

    /// <param name="held">A live event.</param>
    /// <param name="site">In it.</param>
    /// <param name="powerW">Net power now, W, import positive; null = not known.</param>
    internal VerdictForecast Compute(HeldEvent held, EventSite site, long? powerW)
    {
        var basis = _looks.GetValueOrDefault((held.Event.Tenant, held.Id, site.SiteId))?.Basis;
        var limit = basis?.Measure == ComplianceMeasure.LimitKept ? limits.ImportLimitNow(held.Event.Tenant, site.SiteId) : null;
        return VerdictForecast.Compute(basis, site, site.Until, powerW / 1_000m, limit / 1_000m);
    }

    /// <summary>Also what can't be worked out was looked at: it takes its turn after the others, and forecasts nothing.</summary>
    /// <returns>Whether there is another basis than before.</returns>
    private async Task<bool> RefreshAsync(string tenant, HeldEvent held, string siteId, Instant now, CancellationToken ct)
    {
        var key = (tenant, held.Id, siteId);
        ForecastBasis? basis = null;
        try
        {
            basis = await reader.WithTermsAsync(held, siteId, ct) is var (report, terms) ? ForecastBasis.From(report, held.Event.Site(siteId)!, terms.Measure) : null;
        }
        catch (Exception fault) when (fault is not OutOfMemoryException && !ct.IsCancellationRequested)
        {
            // One site's fault keeps nothing from the others.
            LogFailed(logger, held.Event.Source, siteId, fault);
        }

        var before = _looks.GetValueOrDefault(key)?.Basis;
        _looks[key] = new Look(now, basis);
        return basis is null ? before is not null : before is null || basis with { At = before.At } != before;
    }

    [LoggerMessage(EventIds.ForecastFailed, LogLevel.Error, "Event {Source}: nothing can be forecast for {SiteId}; it is tried again in five minutes")]
    private static partial void LogFailed(ILogger logger, string source, string siteId, Exception fault);

    /// <param name="At">When it was looked at last.</param>
    /// <param name="Basis">What came of it; null = nothing can be said.</param>
    private sealed record Look(Instant At, ForecastBasis? Basis);
}

using System.Collections.Concurrent;
using System.Text.Json;
using Dapper;
using GridServices.Contracts;
using GridServices.Hosting.Storage;
using GridServices.Operations.Events;
using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Events;
using NodaTime;

namespace GridServices.Operations.Service.Compliance;

/// <summary>What one look at the hub recorded.</summary>
/// <param name="At">When it was.</param>
/// <param name="From">Since when the same was seen at every look.</param>
/// <param name="Body">The limits, JSON.</param>
internal sealed record RecordedSample(Instant At, Instant From, string Body)
{
    /// <summary>A look speaks for no longer than this: where the next one comes later, what held in between is not known.</summary>
    internal static readonly Duration SpeaksFor = Duration.FromSeconds(30);

    internal Instant Until => At + SpeaksFor;

    /// <param name="last">Null: the look before did not take place, or saw nothing.</param>
    /// <param name="body">What is seen.</param>
    /// <param name="now">Also one that a clock was set back to: the times between are then not known either.</param>
    internal static RecordedSample After(RecordedSample? last, string body, Instant now) =>
        new(now, last is not null && last.Body == body && now >= last.At && now <= last.Until ? last.From : now, body);
}

/// <summary>During events, records the limits that hold at their sites as the hub says them: the report of an event is of what held, not of what was planned.</summary>
internal sealed class LimitRecorder(EventStore events, ServiceCalls calls, IEnvelopeHubApi hub, Store store, IClock clock)
{
    private const int AtOnce = 8;
    private static readonly Duration Every = Duration.FromSeconds(15);
    private readonly ConcurrentDictionary<(string Tenant, string SiteId), RecordedSample> _last = new();

    internal async Task CheckAsync(string tenant, CancellationToken ct)
    {
        var now = clock.GetCurrentInstant();
        var sites = (await events.ListReadableAsync(tenant, now, ct)).Where(e => e.Event.PhaseAt(now) == EventPhase.Live).SelectMany(e => e.Event.Sites).Select(s => s.SiteId).Distinct(StringComparer.Ordinal)
            .Where(s => !_last.TryGetValue((tenant, s), out var last) || now - last.At >= Every || now < last.At).ToList();
        await Parallel.ForEachAsync(sites, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct }, async (siteId, token) => await RecordAsync(tenant, siteId, token));
    }

    /// <summary>The import limit that the last look saw, W; null = none, or it is too long ago.</summary>
    internal long? ImportLimitNow(string tenant, string siteId) => _last.TryGetValue((tenant, siteId), out var look) && look.Until >= clock.GetCurrentInstant()
        ? JsonSerializer.Deserialize<EffectiveLimits>(look.Body, ContractJson.Options)?.ImportLimitW?.Value
        : null;

    /// <summary>What was recorded for a span, in order.</summary>
    internal Task<IReadOnlyList<EffectiveSegment>> ListAsync(string tenant, string siteId, Instant from, Instant until, CancellationToken ct) => store.ReadAsync<IReadOnlyList<EffectiveSegment>>(
        async db => [.. (await db.QueryAsync<LimitRow>(
            "SELECT from_at AS FromAt, until_at AS UntilAt, body AS Body FROM recorded_limits WHERE tenant = @tenant AND site_id = @siteId AND from_at < @until AND until_at > @from ORDER BY from_at",
            new { tenant, siteId, from, until })).Select(r => new EffectiveSegment { From = r.FromAt, Until = r.UntilAt, Limits = JsonSerializer.Deserialize<EffectiveLimits>(r.Body, ContractJson.Options)! })],
        ct);

    private async Task RecordAsync(string tenant, string siteId, CancellationToken ct)
    {
        var reply = await calls.CallAsync(ServiceName.EnvelopeHub, tenant, token => hub.GetEffectiveAsync(token, siteId, null, null, ct), ct);
        var now = clock.GetCurrentInstant();
        if (reply.As<EffectiveTimeline>() is not { } answer || HeldLimits.Find(answer, siteId) is not { } limits)
        {
            // Nothing was said, or not all: the span stays unknown.
            _last.TryRemove((tenant, siteId), out _);
            return;
        }

        var last = _last.GetValueOrDefault((tenant, siteId));
        var look = RecordedSample.After(last, JsonSerializer.Serialize(limits, ContractJson.Options), now);
        _last[(tenant, siteId)] = look;
        await store.WriteAsync(
            async tx =>
            {
                if (last is not null && last.From < look.From)
                {
                    // What was taken to hold on past the look before held until now at most.
                    await tx.Connection!.ExecuteAsync(
                        "UPDATE recorded_limits SET until_at = @From WHERE tenant = @tenant AND site_id = @siteId AND from_at = @Before AND until_at > @From", new { tenant, siteId, Before = last.From, look.From }, tx);
                }

                await tx.Connection!.ExecuteAsync(
                    """
                    INSERT INTO recorded_limits (tenant, site_id, from_at, until_at, body) VALUES (@tenant, @siteId, @From, @Until, @Body)
                    ON CONFLICT (tenant, site_id, from_at) DO UPDATE SET until_at = excluded.until_at
                    """,
                    new { tenant, siteId, look.From, look.Until, look.Body },
                    tx);
            },
            ct);
    }

    private sealed class LimitRow
    {
        public Instant FromAt { get; set; }
        public Instant UntilAt { get; set; }
        public string Body { get; set; } = string.Empty;
    }
}

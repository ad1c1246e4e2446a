using System.Collections.Concurrent;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.EnvelopeHub.History;
using GridServices.EnvelopeHub.Service.History;
using GridServices.EnvelopeHub.Service.Nodes;
using GridServices.EnvelopeHub.Service.Sites;
using GridServices.EnvelopeHub.Service.Upstream;
using GridServices.EnvelopeHub.Sites;
using GridServices.EnvelopeHub.Streaming;
using GridServices.Hosting.Health;
using Microsoft.Extensions.Options;
using NodaTime;

namespace GridServices.EnvelopeHub.Service.Streaming;

/// <summary>
/// Heartbeats for every site with subscribers, once per interval each, spread over the interval:
/// ten thousand at one moment would delay the events behind them. A site with a stream that goes stale sooner is told sooner: three times in its staleAfter.
/// </summary>
internal sealed partial class HeartbeatScheduler(
    SiteCache sites, HubHistory history, UpstreamReports upstreams, EffectiveTimelinePublisher effective, IClock clock, TimeProvider time,
    IOptions<EnvelopeHubOptions> options, Liveness liveness, StoreFreshness freshness, ILogger<HeartbeatScheduler> logger)
    : BackgroundService
{
    private const int WantedSpokes = 60;
    private const int BeatsBeforeStale = 3;
    private static readonly TimeSpan ShortestTick = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestTick = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan StuckAfter = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<SiteKey, bool> _failing = new();

    /// <summary>A heartbeat to all subscribers now: an upstream changed, or it is time. None where others may have committed what this instance has not seen.</summary>
    public void SendHeartbeat(SiteState state)
    {
        if (!freshness.MayTell)
        {
            return;
        }

        var (frame, now, about) = CreateHeartbeat(state);

        // Asked once more: this instance may have been stopped before it was made, and others have committed since.
        if (freshness.MayTell)
        {
            state.LastBeat = time.GetTimestamp();
            state.OfferHeartbeat(frame, now, about);
        }
    }

    /// <summary>The same; a site whose heartbeat can't be made keeps no other from its own: its subscribers fall safe by their own clocks.</summary>
    public void TrySendHeartbeat(SiteState state)
    {
        try
        {
            SendHeartbeat(state);
            _failing.TryRemove(state.Key, out _);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            if (_failing.TryAdd(state.Key, true))
            {
                LogFailed(logger, state.Key, fault);
            }
        }
    }

    /// <summary>A heartbeat of this moment for one who came in: what others were told before would set its clock wrong. Null where <see cref="SendHeartbeat"/> would tell none.</summary>
    public Frame? FindFirstHeartbeat(SiteState state)
    {
        var frame = CreateHeartbeat(state).Frame;
        return freshness.MayTell ? frame : null;
    }

    private (Frame Frame, Instant Now, TenantHistory About) CreateHeartbeat(SiteState state)
    {
        var now = clock.GetCurrentInstant();
        var about = history.GetTenantHistory(state.Key.Tenant);
        if (!ReferenceEquals(state.View.Effective?.About, about))
        {
            // "Nothing is missing any more" must not come before the timeline that holds what was missing.
            effective.Refresh(state);
        }

        var set = state.View.Set;
        var sequence = set.Sequence;
        var beat = new Heartbeat
        {
            SiteId = state.Key.SiteId,
            Epoch = about.Epoch,
            Sequence = new Cursor(about.Epoch, sequence).SequenceText,
            At = now,
            Upstreams = upstreams.GetHealth(state.Key, set.Lives),
        };
        return (Frame.WithoutId("heartbeat", sequence, JsonSerializer.SerializeToUtf8Bytes(beat.WithHistory(about.With(set)), ContractJson.Options)), now, about);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var interval = options.Value.HeartbeatInterval;
        var spokes = (int)Math.Clamp(interval / Clamp(interval / WantedSpokes), 1, int.MaxValue);
        using var timer = new PeriodicTimer(interval / spokes, time);
        using var beat = liveness.Watch("heartbeats", interval * 2 + StuckAfter);
        try
        {
            for (var spoke = 0; await timer.WaitForNextTickAsync(stoppingToken); spoke = (spoke + 1) % spokes)
            {
                beat.Beat();
                foreach (var cell in sites.Cells.Where(cell => cell.HasSubscribers && (cell.Bucket % spokes == spoke || IsDueSooner(cell))))
                {
                    TrySendHeartbeat(cell);
                    Renew(cell);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The hub stops.
        }
    }

    private bool IsDueSooner(SiteState state) => state.View.Set.ShortestStaleAfter is { } stale && stale < options.Value.HeartbeatInterval * BeatsBeforeStale
        && time.GetElapsedTime(state.LastBeat) >= stale / BeatsBeforeStale;

    private static TimeSpan Clamp(TimeSpan tick) => tick < ShortestTick ? ShortestTick : tick > LongestTick ? LongestTick : tick;

    [LoggerMessage(EventIds.HeartbeatFailed, LogLevel.Error, "No heartbeat can be made for site {Site}; it is tried again at each interval")]
    private static partial void LogFailed(ILogger logger, SiteKey site, Exception fault);

    private void Renew(SiteState state)
    {
        if (state.View.Effective?.IsOlderThan(Duration.FromTimeSpan(options.Value.EffectiveRenewal), clock.GetCurrentInstant()) == true)
        {
            effective.Schedule(state);
        }
    }
}

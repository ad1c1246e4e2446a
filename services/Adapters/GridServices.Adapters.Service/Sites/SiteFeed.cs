using GridServices.Adapters.Lines;
using GridServices.Client;
using GridServices.Contracts;
using Microsoft.Extensions.Logging;

namespace GridServices.Adapters.Service.Sites;

/// <summary>Follows one site at the hub by the controller's SDK, and shows it as adapters see it. What the peer was not told is not acknowledged to the hub.</summary>
internal sealed partial class SiteFeed : IDisposable
{
    /// <summary>A peer that was told nothing for longer than this is not reached.</summary>
    private static readonly TimeSpan LongestUntold = TimeSpan.FromMinutes(1);
    private readonly SitePlan plan;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly SiteSession _session;
    private readonly SemaphoreSlim _bell = new(0, 1);
    private volatile Tuple<SiteLimits, long>? _told;
    private volatile string _untoldParts = string.Empty;
    private volatile bool _voltsAsked;

    public SiteFeed(SitePlan plan, TimeProvider time, ILogger log)
    {
        (this.plan, this.time, this.log) = (plan, time, log);
        _session = new SiteSession(plan.Session with { Acknowledges = IsAccepted }, time: time);
        _session.MessageReceived += _ => Wake();
        _session.LimitsChanged += _ => Wake();
        _session.Notice += notice => LogNotice(log, plan.Adapter, SiteId, notice);
    }

    private string SiteId => plan.Session.Hub.SiteId;

    /// <summary>What is known at this moment, as adapters see it and as the SDK says it.</summary>
    public (SiteView View, SiteLimits Limits) GetSnapshot()
    {
        var limits = _session.Limits;
        var segments = Merged(limits.Timeline);
        var untold = DescribeUnservedParts(limits);
        ReportUnserved(untold);
        AskForVolts(segments);
        var view = new SiteView
        {
            SiteId = SiteId,
            At = limits.At,
            Segments = segments,
            IsKnown = limits.IsKnown && untold.Length == 0,
            State = EnumNames<SitePhase>.GetName(limits.Phase),
            SinceHeard = limits.SinceHeard,
            WhenSilent = new(() => limits.WhenSilent is { } silence ? Merged(silence) : []),
        };
        return (view, limits);
    }

    /// <summary>The peer took what follows from these limits.</summary>
    public void MarkAccepted(SiteLimits limits) => _told = Tuple.Create(limits, time.GetTimestamp());

    /// <summary>The peer is not reached.</summary>
    public void MarkUnreachable() => _told = null;

    /// <summary>True where the peer took, not long ago, what says the same as these limits.</summary>
    public bool IsAccepted(SiteLimits limits) => _told is { } last && time.GetElapsedTime(last.Item2) < LongestUntold && limits.SaysSameAs(last.Item1);

    /// <summary>Returns when something may have changed, at the latest after this time.</summary>
    public Task ChangedAsync(TimeSpan atMost, CancellationToken ct) => _bell.WaitAsync(atMost, ct);

    /// <summary>Wakes who waits for a change: something else came that it goes by.</summary>
    public void Wake()
    {
        try
        {
            if (_bell.CurrentCount == 0)
            {
                _bell.Release();
            }
        }
        catch (Exception rung) when (rung is SemaphoreFullException or ObjectDisposedException)
        {
            // It rings already, or nobody listens any more.
        }
    }

    public Task RunAsync(CancellationToken ct) => _session.RunAsync(ct);

    public void Dispose()
    {
        _session.Dispose();
        _bell.Dispose();
    }

    private IReadOnlyList<EffectiveSegment> Merged(EffectiveTimeline timeline) =>
        PartMerge.Merge([.. plan.Parts.Prepend(new EnvelopeTarget(TargetKind.Site, SiteId)).Select(part => timeline.Targets.FirstOrDefault(t => t.Target == part)?.Segments ?? [])]);

    // A limit of one circuit or station is not the site's: a peer that is told the site's alone can't keep it.
    private string DescribeUnservedParts(SiteLimits limits) => string.Join(", ", limits.Timeline.Targets
        .Where(t => t.Target.Kind != TargetKind.Site && !plan.Parts.Contains(t.Target) && !plan.PartsOfOthers.Contains(t.Target) && t.Segments.Any(s => s.Limits != EffectiveLimits.None))
        .Select(t => $"{EnumNames<TargetKind>.GetName(t.Target.Kind)}/{t.Target.Id}"));

    private void ReportUnserved(string parts)
    {
        if (string.Equals(_untoldParts, parts, StringComparison.Ordinal))
        {
            return;
        }

        _untoldParts = parts;
        if (parts.Length > 0)
        {
            LogUntold(log, plan.Adapter, SiteId, parts);
        }
    }

    private void AskForVolts(IReadOnlyList<EffectiveSegment> segments)
    {
        if (plan.AssumesPhaseVolts && !_voltsAsked && segments.Any(s => s.Limits.PerPhase is not null))
        {
            _voltsAsked = true;
            LogVolts(log, plan.Adapter, SiteId, plan.Rules.PhaseVolts);
        }
    }

    [LoggerMessage(EventIds.SiteNotice, LogLevel.Information, "{Adapter}, site {Site}: {Notice}")]
    private static partial void LogNotice(ILogger logger, string adapter, string site, string notice);

    [LoggerMessage(EventIds.SiteTargetsUntold, LogLevel.Warning, "{Adapter}, site {Site}: limits of parts of the site ({Parts}) reach nobody here, so that not all is known and fail-safe limits hold where nobody states any. "
        + "Name the parts in Parts where the peer is bound to them, in PartsOfOthers where somebody else keeps them")]
    private static partial void LogUntold(ILogger logger, string adapter, string site, string parts);

    [LoggerMessage(EventIds.SiteVoltsAssumed, LogLevel.Warning,
        "{Adapter}, site {Site}: limits in amperes are told as watts at {Volts} V, the lowest of any net, for PhaseVolts is not set: 207 where a phase has 230 V, 108 where it has 120 V")]
    private static partial void LogVolts(ILogger logger, string adapter, string site, decimal volts);
}

using GridServices.Adapters.Lines;
using GridServices.Client;
using GridServices.Contracts;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace GridServices.Adapters.Service.Sites;

/// <summary>Follows one site at the hub by the controller's SDK, and shows it as adapters see it.</summary>
internal sealed partial class SiteFeed : IDisposable
{
    private readonly string name;
    private readonly string siteId;
    private readonly Duration staleAfter;
    private readonly ILogger log;
    private readonly SiteSession session;
    private readonly LineWatch line;
    private readonly SemaphoreSlim bell = new(0, 1);
    private volatile bool untold;

    public SiteFeed(string name, SiteSessionOptions options, Duration staleAfter, TimeProvider time, ILogger log)
    {
        (this.name, siteId, this.staleAfter, this.log) = (name, options.Hub.SiteId, staleAfter, log);
        line = new LineWatch(time);
        session = new SiteSession(options, time: time);
        session.MessageReceived += line.Hear;
        session.MessageReceived += _ => Ring();
        session.LimitsChanged += _ => Ring();
        session.Notice += notice => LogNotice(log, this.name, siteId, notice);
    }

    /// <summary>What is known at this moment.</summary>
    public SiteView View()
    {
        var (limits, silence) = (session.Limits, line.Silence);
        TellUntold(limits);
        return new SiteView
        {
            SiteId = siteId,
            At = limits.At,
            Segments = limits.Timeline.Targets.FirstOrDefault(t => t.Target == new EnvelopeTarget(TargetKind.Site, siteId))?.Segments ?? [],
            IsKnown = limits.Phase == SitePhase.Controlled && limits.WaitingFor is null && silence < staleAfter,
            State = EnumNames<SitePhase>.GetName(limits.Phase),
            SinceHeard = silence,
        };
    }

    /// <summary>Returns when something may have changed, at the latest after this time.</summary>
    public Task ChangedAsync(TimeSpan atMost, CancellationToken ct) => bell.WaitAsync(atMost, ct);

    public Task RunAsync(CancellationToken ct) => session.RunAsync(ct);

    public void Dispose()
    {
        session.Dispose();
        bell.Dispose();
    }

    private void Ring()
    {
        try
        {
            if (bell.CurrentCount == 0)
            {
                bell.Release();
            }
        }
        catch (Exception rung) when (rung is SemaphoreFullException or ObjectDisposedException)
        {
            // It rings already, or nobody listens any more.
        }
    }

    // A limit of one circuit or station is not the site's: a peer that is told the site's alone can't keep it.
    private void TellUntold(SiteLimits limits)
    {
        var others = limits.Timeline.Targets
            .Where(t => t.Target.Kind != TargetKind.Site && t.Segments.Any(s => s.Limits != EffectiveLimits.None))
            .Select(t => t.Target.Id).ToList();
        if (others.Count > 0 && !untold)
        {
            untold = true;
            LogUntold(log, name, siteId, string.Join(", ", others));
        }
    }

    [LoggerMessage(EventIds.SiteNotice, LogLevel.Information, "{Adapter}, site {Site}: {Notice}")]
    private static partial void LogNotice(ILogger logger, string adapter, string site, string notice);

    [LoggerMessage(EventIds.SiteTargetsUntold, LogLevel.Warning, "{Adapter}, site {Site}: limits of parts of the site ({Targets}) are not told to the peer, which hears of the connection point alone")]
    private static partial void LogUntold(ILogger logger, string adapter, string site, string targets);
}

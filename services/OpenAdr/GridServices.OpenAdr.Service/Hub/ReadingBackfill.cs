using System.Collections.Concurrent;
using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.Hosting.Hub;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Service.Driver;
using NodaTime;

namespace GridServices.OpenAdr.Service.Hub;

/// <summary>
/// Fills the buffers of history channels with what the hub still keeps from before their first point: once for each channel after it was configured
/// and after each start, where it is not full. Readings may come in any order and more than once, so nothing here needs to be remembered.
/// </summary>
internal sealed partial class ReadingBackfill(HubLink hub, TelemetryPages pages, VenHost host, IClock clock, TimeProvider time, ILogger<ReadingBackfill> log) : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<(long Engine, string Site, ReportConfig Channel), bool> _filled = new();
    private volatile bool _isFailing;

    /// <summary>Each VEN by itself: one that waits for its VTN takes its readings later, and keeps no other waiting.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var running = new Dictionary<EngineId, Task>();
        while (!stoppingToken.IsCancellationRequested)
        {
            foreach (var channels in Histories().Where(h => FindKey(h.Ven, h.Channel) is { } key && !_filled.ContainsKey(key)).GroupBy(h => h.Ven.Id))
            {
                if (running.GetValueOrDefault(channels.Key, Task.CompletedTask) is { IsCompleted: true } before)
                {
                    await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    running[channels.Key] = FillAsync([.. channels], stoppingToken);
                }
            }

            await SharedTick.DelayAsync(time, LookEvery, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await Task.WhenAll(running.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>What the hub does not tell, or could not be stored, is tried again after a pause.</summary>
    private async Task FillAsync(IReadOnlyList<(VenView Ven, ReportConfig Channel)> channels, CancellationToken ct)
    {
        foreach (var (ven, channel) in channels)
        {
            try
            {
                // Asked before: a VEN that is made anew meanwhile has another key.
                var key = FindKey(ven, channel);
                if (await FillAsync(ven, channel, ct))
                {
                    if (key is { } filled)
                    {
                        _filled[filled] = true;
                    }

                    _isFailing = false;
                    continue;
                }
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // Unforeseen ones too: what fails for one VEN must not end the service, and all VENs with it.
                if (!_isFailing && !ct.IsCancellationRequested)
                {
                    LogUnheard(log, channel.RId, ven.Id.Key, SafeText.Line(e.Message));
                }

                _isFailing = true;
            }

            await Task.Delay(Pause, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }
    }

    private IEnumerable<(VenView Ven, ReportConfig Channel)> Histories() =>
        from ven in host.Views
        where ven.Config.Reports.Count > 0 && ven.Id.Tenant == hub.Tenant
        from channel in ven.Config.Reports
        where channel.Kind is ReportKind.HistoryUsage or ReportKind.HistoryGreenButton
        select (ven, channel);

    // A VEN that was deleted and made again, and a channel of another site, begin with an empty buffer.
    private (long Engine, string Site, ReportConfig Channel)? FindKey(VenView ven, ReportConfig channel) =>
        host.TryGet(ven.Id, out var engine) ? (engine.Number, GetSite(ven, channel), channel) : null;

    private static string GetSite(VenView ven, ReportConfig channel) => channel.SiteId ?? ven.Config.AllSites().First().SiteId;

    private async Task<bool> FillAsync(VenView ven, ReportConfig channel, CancellationToken ct)
    {
        var now = clock.GetCurrentInstant();
        var kept = ven.State.Points.GetValueOrDefault(channel.RId, []);
        var (from, until) = (now - (channel.SamplingInterval * ven.Config.ReportBufferPoints), kept.Count > 0 ? kept[0].At : now);
        if (kept.Count >= ven.Config.ReportBufferPoints || from >= until)
        {
            return true;
        }

        var site = GetSite(ven, channel);
        await foreach (var page in pages.ReadAsync(site, from, until, ct))
        {
            if (!await host.ApplyReadingsAsync(ven.Id, [.. page.Items.Select(i => new SiteReading(site, i.Reading))]))
            {
                return false;
            }
        }

        return true;
    }

    [LoggerMessage(EventIds.PastReadingsUnheard, LogLevel.Warning, "The hub does not tell the past of channel {Channel} of VEN {Ven}: {Reason}; it is asked again each minute")]
    private static partial void LogUnheard(ILogger logger, string channel, string ven, string reason);
}

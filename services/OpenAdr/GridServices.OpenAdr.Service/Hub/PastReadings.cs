using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Service.Driver;
using NodaTime;

namespace GridServices.OpenAdr.Service.Hub;

/// <summary>
/// Fills the buffers of history channels with what the hub still keeps from before their first point: once for each channel after it was configured
/// and after each start, where it is not full. Readings may come in any order and more than once, so nothing here needs to be remembered.
/// </summary>
internal sealed partial class PastReadings(HubLink hub, VenHost fleet, IClock clock, TimeProvider time, ILogger<PastReadings> log) : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(50);
    private bool _isFailing;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var filled = new HashSet<(EngineId Ven, ReportConfig Channel)>();
        while (!stoppingToken.IsCancellationRequested)
        {
            var isHeard = await FillAsync(filled, stoppingToken);
            await Task.Delay(isHeard ? LookEvery : Pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <returns>False: the hub did not answer, or the readings could not be stored; what is not filled is tried again.</returns>
    private async Task<bool> FillAsync(HashSet<(EngineId Ven, ReportConfig Channel)> filled, CancellationToken ct)
    {
        foreach (var (ven, channel) in Histories().Where(h => !filled.Contains((h.Ven.Id, h.Channel))).ToList())
        {
            try
            {
                if (!await FillAsync(ven, channel, ct))
                {
                    return false;
                }

                filled.Add((ven.Id, channel));
                _isFailing = false;
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                if (!_isFailing && !ct.IsCancellationRequested)
                {
                    LogUnheard(log, channel.RId, ven.Id.Key, SafeText.Line(e.Message));
                }

                _isFailing = true;
                return false;
            }
        }

        return true;
    }

    private IEnumerable<(VenView Ven, ReportConfig Channel)> Histories() =>
        from ven in fleet.Views
        where ven.Id.Tenant == hub.Tenant
        from channel in ven.Config.Reports
        where channel.Kind is ReportKind.HistoryUsage or ReportKind.HistoryGreenButton
        select (ven, channel);

    private async Task<bool> FillAsync(VenView ven, ReportConfig channel, CancellationToken ct)
    {
        var now = clock.GetCurrentInstant();
        var kept = ven.State.Points.GetValueOrDefault(channel.RId, []);
        var (from, until) = (now - (channel.SamplingInterval * ven.Config.ReportBufferPoints), kept.Count > 0 ? kept[0].At : now);
        if (kept.Count >= ven.Config.ReportBufferPoints || from >= until)
        {
            return true;
        }

        var site = channel.SiteId ?? ven.Config.AllSites().First().SiteId;
        for (SiteReadings? page = null; page is null or { Next: not null };)
        {
            page = await ReadAsync(site, from, until, page?.Next, ct);
            if (!await fleet.TakeReadingsAsync(ven.Id, [.. page.Items.Select(i => new SiteReading(site, i.Reading))]))
            {
                return false;
            }
        }

        return true;
    }

    private async Task<SiteReadings> ReadAsync(string site, Instant from, Instant until, string? after, CancellationToken ct)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        deadline.CancelAfter(Deadline);
        using var answer = await hub.Api.GetTelemetryAsync(site, TimeText.Format(from), TimeText.Format(until), after, deadline.Token);

        // A site of which the hub has never heard has no past there.
        return answer.SaysNotFound() ? new SiteReadings { Items = [] } : answer.Require();
    }

    [LoggerMessage(EventIds.PastReadingsUnheard, LogLevel.Warning, "The hub does not tell the past of channel {Channel} of VEN {Ven}: {Reason}; it is asked again each minute")]
    private static partial void LogUnheard(ILogger logger, string channel, string ven, string reason);
}

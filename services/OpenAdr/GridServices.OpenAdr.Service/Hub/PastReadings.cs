using System.Net;
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
    private static readonly Duration Pause = Duration.FromMinutes(1);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(50);

    /// <summary>VENs that are filled at once; each holds one page of readings.</summary>
    private const int MostFilled = 64;

    /// <summary>Pages asked of the hub at once.</summary>
    private const int MostAsked = 4;

    private readonly SemaphoreSlim _asking = new(MostAsked);
    private readonly HashSet<(EngineId Ven, ReportConfig Channel)> _filled = [];
    private readonly Dictionary<EngineId, Instant> _notBefore = [];
    private bool _isFailing;

    public override void Dispose()
    {
        base.Dispose();
        _asking.Dispose();
    }

    /// <summary>Each VEN for itself: one whose loop waits for a dead VTN takes nothing in meanwhile, and holds up nobody but itself.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var running = new Dictionary<EngineId, Task<(List<(EngineId, ReportConfig)> Filled, string? Problem)>>();
        while (!stoppingToken.IsCancellationRequested)
        {
            foreach (var (id, ended) in running.Where(r => r.Value.IsCompleted).ToList())
            {
                running.Remove(id);
                Note(id, await ended);
            }

            var now = clock.GetCurrentInstant();
            foreach (var ven in Histories().Where(h => !_filled.Contains((h.Ven.Id, h.Channel))).GroupBy(h => h.Ven.Id)
                .Where(v => !running.ContainsKey(v.Key) && !(_notBefore.GetValueOrDefault(v.Key) > now)).Take(MostFilled - running.Count).ToList())
            {
                running[ven.Key] = FillAsync([.. ven], stoppingToken);
            }

            await Task.Delay(LookEvery, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await Task.WhenAll(running.Values);
    }

    private void Note(EngineId ven, (List<(EngineId, ReportConfig)> Filled, string? Problem) ended)
    {
        _filled.UnionWith(ended.Filled);
        _notBefore.Remove(ven);
        if (ended.Problem is { } problem)
        {
            _notBefore[ven] = clock.GetCurrentInstant() + Pause;
            if (!_isFailing)
            {
                LogUnheard(log, ven.Key, problem);
            }
        }

        _isFailing = ended.Problem is not null;
    }

    /// <returns>What was filled, and why not all of it: the hub did not answer, or the readings could not be stored; that is tried again.</returns>
    private async Task<(List<(EngineId, ReportConfig)> Filled, string? Problem)> FillAsync(IReadOnlyList<(VenView Ven, ReportConfig Channel)> channels, CancellationToken ct)
    {
        var filled = new List<(EngineId, ReportConfig)>();
        foreach (var (ven, channel) in channels)
        {
            try
            {
                if (!await FillAsync(ven, channel, ct))
                {
                    return (filled, "the readings could not be stored");
                }

                filled.Add((ven.Id, channel));
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                return (filled, ct.IsCancellationRequested ? null : SafeText.Line(e.Message));
            }
        }

        return (filled, null);
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
        await _asking.WaitAsync(ct);
        try
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
            deadline.CancelAfter(Deadline);
            using var answer = await hub.Api.GetTelemetryAsync(site, TimeText.Format(from), TimeText.Format(until), after, deadline.Token);

            // A site of which the hub has never heard has no past there.
            return answer.StatusCode == HttpStatusCode.NotFound ? new SiteReadings { Items = [] } : answer.Require();
        }
        finally
        {
            _asking.Release();
        }
    }

    [LoggerMessage(EventIds.PastReadingsUnheard, LogLevel.Warning, "The past of VEN {Ven} is not told by the hub, or not stored: {Reason}; it is asked for again each minute")]
    private static partial void LogUnheard(ILogger logger, string ven, string reason);
}

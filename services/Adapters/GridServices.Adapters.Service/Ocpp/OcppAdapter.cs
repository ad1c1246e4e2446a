using GridServices.Adapters.Lines;
using GridServices.Adapters.Ocpp;
using GridServices.Adapters.Schedules;
using GridServices.Adapters.Service.Sites;
using GridServices.Client;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace GridServices.Adapters.Service.Ocpp;

/// <summary>Keeps the charging profiles of a site's stations true: what changed is sent at once, everything again after a while, what failed after a pause that grows.</summary>
internal sealed partial class OcppAdapter : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestUntold = TimeSpan.FromMinutes(1);
    private readonly string name;
    private readonly OcppPlan plan;
    private readonly CallbackServer? answers;
    private readonly SiteFeed feed;
    private readonly SiteRules rules;
    private readonly ILogger log;
    private readonly CsmsClient _system;
    private readonly StationsFile _file;
    private readonly RemovedStations _removed;
    private readonly StationLink[] _links;
    private readonly string?[] _told;
    private PowerCurve[] _kept;
    private string? _unwritten;
    private PowerCurve? _lastCap;
    private IReadOnlyList<PowerCurve> _lastTargets = [];
    private bool _isStirred;
    private readonly Lock _gate = new();
    private long _number;
    private long _lastUnwanted = -1;

    public OcppAdapter(string name, OcppPlan plan, CallbackServer? answers, SiteFeed feed, SiteRules rules, TimeProvider time, ILogger log)
    {
        (this.name, this.plan, this.answers, this.feed, this.rules, this.log) = (name, plan, answers, feed, rules, log);
        _file = new StationsFile(plan.StationsFile, KeptAt.From(plan));
        _links = [.. Known().Select(known => new StationLink(known, time, plan.Every, plan.Patience, plan.Schedule.Margin))];
        _system = new CsmsClient(plan.Csms, plan.Profile, plan.PatienceWithSystem, time, LastSent());
        _removed = new RemovedStations(name, plan, answers, _system, time, log);
        _number = _links.SelectMany(l => l.Record.Offers.Select(o => o.Number).Append(l.Record.HeldNumber)).Max() + 1;
        _kept = [.. _links.Select(l => l.Record.MayDo)];
        _told = new string?[_links.Length];
    }

    /// <summary>Runs until cancelled, and then leaves the fail-safe limits behind.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var clearing = _removed.RunAsync(_file.Left, stations => Rewrite(() => _file.Doubt(stations)), station => Rewrite(() => _file.Forget(station)), over.Token);
        try
        {
            while (!ct.IsCancellationRequested)
            {
                Round();
                await feed.ChangedAsync(Tick, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        finally
        {
            WantNoMore();
            feed.MarkUnreachable();
            await ShutDownAsync();
            await over.CancelAsync();
            await clearing;
        }
    }

    private bool Rewrite(Action change)
    {
        lock (_gate)
        {
            change();
            return TrySave([.. _links.Select(l => l.Record)]);
        }
    }

    // What waits for its turn at the end would only keep the fail-safe profiles from theirs.
    private void WantNoMore()
    {
        lock (_gate)
        {
            _lastUnwanted = _number;
        }
    }

    public void Dispose()
    {
        _system.Dispose();
        foreach (var ticket in _links.SelectMany(l => l.Tickets))
        {
            answers?.Remove(ticket);
        }
    }

    // By what was kept, which is written only where it differs: the same goes out again until its end is half over.
    private Instant? LastSent() =>
        _links.SelectMany(l => l.Record.Offers.Select(o => o.Curve).Append(l.Record.Held)).OfType<PowerCurve>().Max(c => (Instant?)c.Points[0].From) + plan.Schedule.ValidFor;

    // What is under way is not cut at the end: it may be at the system already.
    private void Round()
    {
        lock (_gate)
        {
            var (view, limits) = feed.GetSnapshot();
            var cap = StationPlanner.Cap(Line(view), view.At, plan.Schedule, rules.GetFailsafe(Quantity.ConsumptionW), plan.Stations, plan.SharePercent);
            Array.ForEach(_links, link => _isStirred |= link.CheckTimeout());
            var targets = TargetsAt(cap);
            Send([.. InOrder(targets, view.At).Where(i => _links[i].IsDue(targets[i], view.At))], targets, view.At, CancellationToken.None);
            if (_links.Where((link, i) => !link.Record.MayDo.IsEquivalentTo(_kept[i], view.At)).Any())
            {
                TrySave([.. _links.Select(l => l.Record)]);
            }

            Report(limits, _links.Select((link, i) => link.Has(targets[i], view.At, LongestUntold)).All(has => has));
        }
    }

    // One to whom the system hangs would keep all behind him from theirs: he goes last, of several the one of the latest silence. Those who were sent one longest ago go before their like.
    private IEnumerable<int> InOrder(IReadOnlyList<PowerCurve> targets, Instant now) => Enumerable.Range(0, _links.Length)
        .OrderBy(i => _system.SilenceTo(plan.Stations[i]))
        .ThenByDescending(i => _links[i].IsToHaveLess(targets[i], now))
        .ThenBy(i => _links[i].SentAt);

    // What is sent counts before it is on its way: on disk first, where it is more than what was kept.
    private Task[] Send(IReadOnlyList<int> due, IReadOnlyList<PowerCurve> targets, Instant now, CancellationToken ct)
    {
        var more = due.Where(i => !targets[i].IsWithin(_kept[i], now)).ToHashSet();
        var mayBeSent = more.Count == 0 || TrySave([.. _links.Select((l, i) => more.Contains(i) ? l.Record.Sent(_number + 1, targets[i]) : l.Record)]);
        List<Func<Task>> outgoing = [];
        foreach (var i in due.Where(i => mayBeSent || !more.Contains(i)))
        {
            var (link, own, target) = (_links[i], ++_number, targets[i]);
            var ticket = answers?.Expect(answer => HandleAnswer(link, own, answer));
            _isStirred = true;
            foreach (var old in link.Sends(own, target, ticket))
            {
                answers?.Remove(old);
            }

            outgoing.Add(() => SendAsync(i, own, target, now, ticket, ct));
        }

        return [.. outgoing.Select(send => send())];
    }

    // A file that can't be read is no reason to tell nobody: each station then counts with all it can draw.
    private IReadOnlyList<StationRecord> Known()
    {
        try
        {
            return _file.Read(plan.Stations);
        }
        catch (Exception unread) when (unread is not OutOfMemoryException)
        {
            LogUnread(log, name, unread.Message);
            return [.. plan.Stations.Select(s => new StationRecord(s))];
        }
    }

    // What could not be written leaves more on disk than is true, and nothing is sent that is more than that.
    private bool TrySave(IReadOnlyList<StationRecord> records)
    {
        try
        {
            _file.Write(records);
            _kept = [.. records.Select(r => r.MayDo)];
            _unwritten = null;
            return true;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            if (!string.Equals(_unwritten, fault.Message, StringComparison.Ordinal))
            {
                _unwritten = fault.Message;
                LogUnwritten(log, name, _unwritten);
            }

            return false;
        }
    }

    // Thought out anew only where the limit or something about a station is another than the last time.
    private IReadOnlyList<PowerCurve> TargetsAt(PowerCurve cap)
    {
        var now = cap.Points[0].From;
        if (_isStirred || !cap.IsEquivalentTo(_lastCap, now))
        {
            (_lastCap, _lastTargets, _isStirred) = (cap, Targets(cap), false);
        }

        return [.. _lastTargets.Select(t => t.From(now))];
    }

    private LimitLine Line(SiteView view) => LimitLine.From(view, Quantity.ConsumptionW, rules);

    private IReadOnlyList<PowerCurve> Targets(PowerCurve cap) => StationPlanner.Targets(
        [.. _links.Select(l => new StationStatus(l.Record.Station, l.Record.MayDo, l.Answers))], cap, plan.Schedule.Margin, plan.Schedule.MostEntries);

    // What is not accepted by every station is not acknowledged to the hub.
    private void Report(SiteLimits limits, bool all)
    {
        if (all)
        {
            feed.MarkAccepted(limits);
        }

        for (var i = 0; i < _links.Length; i++)
        {
            if (string.Equals(_told[i], _links[i].Trouble, StringComparison.Ordinal))
            {
                continue;
            }

            _told[i] = _links[i].Trouble;
            if (_told[i] is { } why)
            {
                LogTrouble(log, name, plan.Stations[i].Id, why);
            }
            else
            {
                LogReached(log, name, plan.Stations[i].Id);
            }
        }
    }

    private async Task SendAsync(int i, long own, PowerCurve curve, Instant now, string? ticket, CancellationToken ct)
    {
        var link = _links[i];
        ProfileAnswer answer;
        try
        {
            answer = await _system.SendAsync(
                link.Record.Station, curve, now, ticket is null ? null : CallbackServer.BuildAddress(plan.Answers!.Address, ticket), () => TryBegin(i, own, curve, now), ct);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            answer = new ProfileAnswer(ProfileOutcome.Unknown, ct.IsCancellationRequested ? "the charge-station system has not answered before the end" : fault.Message);
        }

        lock (_gate)
        {
            link.EndSend();
        }

        HandleAnswer(link, own, answer);
    }

    // What waited for its turn while the limit fell, or this program was told to end, is more than it is to have.
    private bool TryBegin(int i, long own, PowerCurve curve, Instant now)
    {
        lock (_gate)
        {
            var goes = own > _lastUnwanted && curve.IsWithin(_lastTargets[i], Instant.Max(now, _lastTargets[i].Points[0].From));
            if (goes)
            {
                _links[i].BeginWait(own);
            }
            else
            {
                _links[i].Withdrawn(own);
            }

            return goes;
        }
    }

    private void HandleAnswer(StationLink link, long own, ProfileAnswer answer)
    {
        lock (_gate)
        {
            link.Answered(own, answer);
            _isStirred = true;
        }

        feed.Wake();
    }

    // Nobody keeps the profiles true any more: fail-safe at once, or less where more is known to be forbidden later. Whoever does not get this has it at the end of his profile.
    // Sent after what is under way, so that nothing looser comes after it; what is still under way then may come after it, and counts so.
    private async Task ShutDownAsync()
    {
        using var under = new CancellationTokenSource(plan.PatienceWithSystem < LastWords ? plan.PatienceWithSystem : LastWords);
        await UntilAsync(link => !link.IsSending, under.Token);
        using var late = new CancellationTokenSource(LastWords);
        Task[] sent;
        HashSet<StationLink> overtaking;
        lock (_gate)
        {
            overtaking = [.. _links.Where(l => l.IsSending)];
            var (view, _) = feed.GetSnapshot();
            var targets = Targets(StationPlanner.GetShutdownCurve(Line(view), view.At, rules.GetFailsafe(Quantity.ConsumptionW), plan.Stations, plan.SharePercent));
            _lastTargets = targets;
            sent = Send([.. InOrder(targets, view.At)], targets, view.At, late.Token);
        }

        await Task.WhenAll(sent);
        await UntilAsync(link => !link.IsWaiting, late.Token);
        lock (_gate)
        {
            TrySave([.. _links.Select(l => overtaking.Contains(l) ? l.Record.Unordered() : l.Record)]);
        }
    }

    private async Task UntilAsync(Func<StationLink, bool> holds, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested && !Holds())
        {
            await Task.Delay(Breath, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        bool Holds()
        {
            lock (_gate)
            {
                return _links.All(holds);
            }
        }
    }

    [LoggerMessage(EventIds.StationTrouble, LogLevel.Warning,
        "{Adapter}: station {Station} does not have its limit: {Why}. It is tried again; until then the others share what it leaves of the site's limit")]
    private static partial void LogTrouble(ILogger logger, string adapter, string station, string why);

    [LoggerMessage(EventIds.StationsUnwritten, LogLevel.Error, "{Adapter}: what the stations hold can't be kept ({Why}); none is given more until it can. Make Ocpp:StationsFile writable")]
    private static partial void LogUnwritten(ILogger logger, string adapter, string why);

    [LoggerMessage(EventIds.StationsUnread, LogLevel.Warning, "{Adapter}: {Why}. Each station counts with all it can draw until it has accepted a profile")]
    private static partial void LogUnread(ILogger logger, string adapter, string why);

    [LoggerMessage(EventIds.StationReached, LogLevel.Information, "{Adapter}: station {Station} accepts its limits again")]
    private static partial void LogReached(ILogger logger, string adapter, string station);
}

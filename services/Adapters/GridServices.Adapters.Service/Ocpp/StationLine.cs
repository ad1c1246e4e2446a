using GridServices.Adapters.Lines;
using GridServices.Adapters.Ocpp;
using GridServices.Adapters.Service.Sites;
using GridServices.Client;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace GridServices.Adapters.Service.Ocpp;

/// <summary>Keeps the charging profiles of a site's stations true: what changed is sent at once, everything again after a while, what failed after a pause that grows.</summary>
internal sealed partial class StationLine : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan PatienceWithSystem = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestUntold = TimeSpan.FromMinutes(1);
    private readonly string name;
    private readonly OcppPlan plan;
    private readonly AnswerDoor? answers;
    private readonly SiteFeed feed;
    private readonly SiteRules rules;
    private readonly ILogger log;
    private readonly CsmsDoor system;
    private readonly StationLink[] links;
    private readonly string?[] told;
    private readonly Lock gate = new();
    private long number;

    public StationLine(string name, OcppPlan plan, AnswerDoor? answers, SiteFeed feed, SiteRules rules, TimeProvider time, ILogger log)
    {
        (this.name, this.plan, this.answers, this.feed, this.rules, this.log) = (name, plan, answers, feed, rules, log);
        system = new CsmsDoor(plan.Csms, plan.Profile);
        links = [.. plan.Stations.Select(s => new StationLink(s, time, plan.Every, plan.Patience))];
        told = new string?[links.Length];
    }

    /// <summary>Runs until cancelled, and then leaves the fail-safe limits behind.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        try
        {
            while (!ct.IsCancellationRequested)
            {
                Round(ct);
                await feed.ChangedAsync(Tick, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        finally
        {
            feed.Untold();
            await PartAsync();
        }
    }

    public void Dispose() => system.Dispose();

    private void Round(CancellationToken ct)
    {
        lock (gate)
        {
            var (view, limits) = feed.Look();
            var cap = StationPlanner.Cap(Line(view), view.At, plan.Schedule, rules.FailsafeOf(Quantity.ConsumptionW), plan.Stations, plan.SharePercent);
            Array.ForEach(links, link => link.LoseThePatience());
            var targets = Targets(cap);
            for (var i = 0; i < links.Length; i++)
            {
                if (links[i].IsDue(targets[i], view.At))
                {
                    _ = SendAsync(i, targets[i], view.At, ct);
                }
            }

            Report(limits, links.Select((link, i) => link.Has(targets[i], view.At, LongestUntold)).All(has => has));
        }
    }

    private LimitLine Line(SiteView view) => LimitLine.Of(view, Quantity.ConsumptionW, rules);

    private IReadOnlyList<PowerCurve> Targets(PowerCurve cap) => StationPlanner.Targets(
        [.. links.Select(l => new StationStatus(l.Record.Station, l.Record.MayDo, l.Answers))], cap, plan.Schedule.Margin, plan.Schedule.MostEntries);

    // What is not accepted by every station is not acknowledged to the hub.
    private void Report(SiteLimits limits, bool all)
    {
        if (all)
        {
            feed.Told(limits);
        }

        for (var i = 0; i < links.Length; i++)
        {
            if (string.Equals(told[i], links[i].Trouble, StringComparison.Ordinal))
            {
                continue;
            }

            told[i] = links[i].Trouble;
            if (told[i] is { } why)
            {
                LogTrouble(log, name, plan.Stations[i].Id, why);
            }
            else
            {
                LogReached(log, name, plan.Stations[i].Id);
            }
        }
    }

    // Called with the gate held: what is sent counts before it is on its way.
    private async Task SendAsync(int i, PowerCurve curve, Instant now, CancellationToken ct)
    {
        var (link, own) = (links[i], ++number);
        var ticket = answers?.Expect(answer => Take(link, own, answer));
        foreach (var old in link.Sends(own, curve, ticket))
        {
            answers?.Forget(old);
        }

        await Task.Yield();
        ProfileAnswer answer;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(PatienceWithSystem);
        try
        {
            answer = await system.SendAsync(link.Record.Station, curve, now, ticket is null ? null : AnswerDoor.AddressOf(plan.Answers!.Address, ticket), patience.Token);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            answer = new ProfileAnswer(ProfileOutcome.Unknown, patience.IsCancellationRequested ? $"the charge-station system has not answered within {PatienceWithSystem.TotalSeconds:0} s" : fault.Message);
        }

        lock (gate)
        {
            link.Handed();
        }

        Take(link, own, answer);
    }

    private void Take(StationLink link, long own, ProfileAnswer answer)
    {
        lock (gate)
        {
            link.Answered(own, answer);
        }

        feed.Ring();
    }

    // Nobody keeps the profiles true any more: fail-safe at once, or less where more is known to be forbidden later. Whoever does not get this has it at the end of his profile.
    private async Task PartAsync()
    {
        using var late = new CancellationTokenSource(LastWords);
        Task[] sent;
        lock (gate)
        {
            var (view, _) = feed.Look();
            var targets = Targets(StationPlanner.Parting(Line(view), view.At, rules.FailsafeOf(Quantity.ConsumptionW), plan.Stations, plan.SharePercent));
            sent = [.. targets.Select((target, i) => SendAsync(i, target, view.At, late.Token))];
        }

        await Task.WhenAll(sent);
    }

    [LoggerMessage(EventIds.StationTrouble, LogLevel.Warning, "{Adapter}: station {Station} does not have its limit: {Why}. It is tried again; until then the others share what it leaves of the site's limit")]
    private static partial void LogTrouble(ILogger logger, string adapter, string station, string why);

    [LoggerMessage(EventIds.StationReached, LogLevel.Information, "{Adapter}: station {Station} accepts its limits again")]
    private static partial void LogReached(ILogger logger, string adapter, string station);
}

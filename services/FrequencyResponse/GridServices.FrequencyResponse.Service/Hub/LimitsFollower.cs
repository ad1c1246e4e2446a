using System.Net;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.FrequencyResponse.Service.Storage;
using GridServices.Hosting.Hub;

namespace GridServices.FrequencyResponse.Service.Hub;

/// <summary>
/// Follows what others state for the sites of our pools, by the hub's long poll: a limit binds the response within moments of its publication.
/// While the hub is away the last known limits hold, also over a restart; while it is incomplete, what it leaves out holds, too.
/// </summary>
internal sealed partial class LimitsFollower(
    HubLink hub, PoolHost host, OtherLimits limits, MeasuredSites measured, LimitsStore store, TimeProvider time, ILogger<LimitsFollower> log) : BackgroundService
{
    private const int WaitSeconds = 30;
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(50);

    /// <summary>Before anything is followed, what was held when the service ended holds.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        limits.Follow(hub.Tenant);
        await measured.LoadAsync(hub.Tenant, cancellationToken);
        foreach (var (site, held) in await store.LoadAsync(hub.Tenant, cancellationToken))
        {
            try
            {
                limits.Set(site, held);
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                // As if nothing were kept: the site is not known until the hub has told of it.
                LogUnfollowed(log, site.Key, "the site counts as not known", fault);
            }
        }

        host.Refresh(p => p.Spec.Id.Tenant == hub.Tenant);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var followed = new Dictionary<EntryId, (CancellationTokenSource Stop, Task Following)>();
        while (!stoppingToken.IsCancellationRequested)
        {
            var wanted = host.Entries.Contracts.Where(c => c.Id.Tenant == hub.Tenant && c.Settings.HonourLimits).Select(c => new EntryId(c.Id.Tenant, c.Settings.SiteId)).ToHashSet();
            foreach (var site in wanted.Where(s => !followed.ContainsKey(s)))
            {
                var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                followed[site] = (stop, FollowAsync(site, stop.Token));
            }

            foreach (var gone in followed.Keys.Where(s => !wanted.Contains(s)).ToList())
            {
                await EndAsync(followed[gone]);
                followed.Remove(gone);
                limits.Remove(gone);
                await measured.RemoveAsync(gone, stoppingToken);
            }

            await MeasuredAsync(wanted, stoppingToken);
            await Task.Delay(LookEvery, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        foreach (var one in followed.Values)
        {
            await EndAsync(one);
        }
    }

    /// <summary>What was measured before its contract was put is stored without a further reading, which may never come; what no contract asks for is forgotten.</summary>
    private async Task MeasuredAsync(IReadOnlySet<EntryId> wanted, CancellationToken ct)
    {
        try
        {
            await measured.SaveAsync(wanted, ct);
            foreach (var site in measured.LeftOver())
            {
                await measured.RemoveAsync(site, ct);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The loop ends.
        }
    }

    private static async Task EndAsync((CancellationTokenSource Stop, Task Following) one)
    {
        await one.Stop.CancelAsync();
        await one.Following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        one.Stop.Dispose();
    }

    private async Task FollowAsync(EntryId site, CancellationToken ct)
    {
        var (since, failing, retaining) = ((string?)null, false, false);
        var kept = limits.Find(site);
        while (!ct.IsCancellationRequested)
        {
            try
            {
                var read = await ReadAsync(site.Key, since, ct);
                if (read is null)
                {
                    since = null;
                    continue;
                }

                var held = Apply(site, read);
                host.Refresh(p => p.Spec.Id.Tenant == site.Tenant && p.Spec.SiteId == site.Key);
                Report(site, held, ref retaining);
                kept = await SaveAsync(site, held, kept, ct);
                (since, failing) = ($"{read.Epoch}.{read.Sequence}", false);
            }
            catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !ct.IsCancellationRequested))
            {
                ReportUnheard(site, e, ref failing);
                await Task.Delay(Pause, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                // Whatever it is: a site that is followed no more would be bound by yesterday's limits for ever. All is asked for again.
                since = null;
                ReportUnfollowed(site, fault, ref failing);
                await Task.Delay(Pause, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>The answer binds from now on. One that can't be worked out may be tighter than what is held: the site is not known then.</summary>
    private HeldLimits Apply(EntryId site, SiteEnvelopes read)
    {
        try
        {
            var held = (limits.Find(site) ?? HeldLimits.Nothing).After(read);
            limits.Set(site, held);
            return held;
        }
        catch
        {
            limits.Doubt(site);
            host.Refresh(p => p.Spec.Id.Tenant == site.Tenant && p.Spec.SiteId == site.Key);
            throw;
        }
    }

    /// <summary>Stored by the process that commands; what can't be stored now is with the next answer.</summary>
    private async Task<HeldLimits?> SaveAsync(EntryId site, HeldLimits held, HeldLimits? kept, CancellationToken ct)
    {
        // That the hub counted on, by what we ourselves told it, is not worth a write.
        if (!host.IsWriter(site.Tenant) || (kept is not null && CanonicalJson.SameContent(kept with { Sequence = held.Sequence }, held)))
        {
            return kept;
        }

        try
        {
            await store.SaveAsync(site, held, ct);
            return held;
        }
        catch (Exception e) when (e is not (OperationCanceledException or OutOfMemoryException))
        {
            LogNotKept(log, site.Key, SafeText.Line(e.Message));
            return kept;
        }
    }

    private void Report(EntryId site, HeldLimits held, ref bool retaining)
    {
        if (held.Retained.Count > 0 && !retaining)
        {
            LogRetained(log, site.Key, held.Retained.Count);
        }

        retaining = held.Retained.Count > 0;
    }

    private void ReportUnfollowed(EntryId site, Exception fault, ref bool failing)
    {
        if (!failing)
        {
            LogUnfollowed(log, site.Key, limits.IsKnown(site) ? "the last known limits hold" : "nothing is imported or exported for a response", fault);
        }

        failing = true;
    }

    private void ReportUnheard(EntryId site, Exception why, ref bool failing)
    {
        if (!failing && limits.IsKnown(site))
        {
            LogUnheard(log, site.Key, SafeText.Line(why.Message));
        }
        else if (!failing)
        {
            LogUnknown(log, site.Key, SafeText.Line(why.Message));
        }

        failing = true;
    }

    /// <returns>Null: the cursor is too old, begin anew.</returns>
    private async Task<SiteEnvelopes?> ReadAsync(string site, string? since, CancellationToken ct)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        deadline.CancelAfter(Deadline);
        using var answer = await hub.Api.GetEnvelopesAsync(site, authorization: null, since, since is null ? null : WaitSeconds, deadline.Token);
        return answer.StatusCode == HttpStatusCode.Gone ? null : answer.Require();
    }

    [LoggerMessage(EventIds.LimitsFollowerUnheard, LogLevel.Warning, "The hub does not say what others state for site {Site}: {Reason}; the last known limits hold")]
    private static partial void LogUnheard(ILogger logger, string site, string reason);

    [LoggerMessage(EventIds.LimitsFollowerUnknown, LogLevel.Error,
        "What others state for site {Site} was never heard: {Reason}; until the hub says it nothing is imported or exported for a response")]
    private static partial void LogUnknown(ILogger logger, string site, string reason);

    [LoggerMessage(EventIds.LimitsFollowerUnfollowed, LogLevel.Error,
        "What the hub says that others state for site {Site} can't be followed; until it can {Consequence}; all of it is asked for again every two seconds")]
    private static partial void LogUnfollowed(ILogger logger, string site, string consequence, Exception fault);

    [LoggerMessage(EventIds.LimitsFollowerRetained, LogLevel.Warning, "The hub does not know yet all that was stated for site {Site}; {Count} envelopes that it leaves out still hold")]
    private static partial void LogRetained(ILogger logger, string site, int count);

    [LoggerMessage(EventIds.LimitsFollowerNotKept, LogLevel.Warning, "What others state for site {Site} can't be stored now: {Reason}; after a restart what was stored before would hold")]
    private static partial void LogNotKept(ILogger logger, string site, string reason);
}

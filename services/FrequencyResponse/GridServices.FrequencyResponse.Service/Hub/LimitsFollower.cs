using System.Net;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.Hosting;

namespace GridServices.FrequencyResponse.Service.Hub;

/// <summary>
/// Follows what others state for the sites of our pools, by the hub's long poll: a limit binds the response within moments of its publication.
/// While the hub is away the last known limits hold.
/// </summary>
internal sealed partial class LimitsFollower(HubLink hub, PoolHost fleet, OtherLimits limits, TimeProvider time, ILogger<LimitsFollower> log) : BackgroundService
{
    private const int WaitSeconds = 30;
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(50);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var followed = new Dictionary<EntryId, (CancellationTokenSource Stop, Task Following)>();
        while (!stoppingToken.IsCancellationRequested)
        {
            var wanted = fleet.Entries.Contracts.Where(c => c.Id.Tenant == hub.Tenant && c.Settings.HonourLimits).Select(c => new EntryId(c.Id.Tenant, c.Settings.SiteId)).ToHashSet();
            foreach (var site in wanted.Where(s => !followed.ContainsKey(s)))
            {
                var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                followed[site] = (stop, FollowAsync(site, stop.Token));
            }

            foreach (var gone in followed.Keys.Where(s => !wanted.Contains(s)).ToList())
            {
                await EndAsync(followed[gone]);
                followed.Remove(gone);
                limits.Forget(gone);
            }

            await Task.Delay(LookEvery, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        foreach (var one in followed.Values)
        {
            await EndAsync(one);
        }
    }

    private static async Task EndAsync((CancellationTokenSource Stop, Task Following) one)
    {
        await one.Stop.CancelAsync();
        await one.Following;
        one.Stop.Dispose();
    }

    private async Task FollowAsync(EntryId site, CancellationToken ct)
    {
        var (set, since, failing) = (LiveSet.Empty, (string?)null, false);
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

                set = read.Complete ? LiveSet.From(read.Envelopes, read.Withdrawn) : Apply(set, read);
                since = $"{read.Epoch}.{read.Sequence}";
                failing = false;
                limits.Set(site, set.Envelopes);
                fleet.Refresh(p => p.Spec.Id.Tenant == site.Tenant && p.Spec.SiteId == site.Key);
            }
            catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !ct.IsCancellationRequested))
            {
                if (!failing)
                {
                    LogUnheard(log, site.Key, SafeText.Line(e.Message));
                }

                failing = true;
                await Task.Delay(Pause, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private static LiveSet Apply(LiveSet set, SiteEnvelopes changes)
    {
        set = changes.Envelopes.Aggregate(set, (s, e) => s.Apply(e).Next);
        return (changes.Withdrawn ?? []).Aggregate(set, (s, w) => s.Apply(w).Next);
    }

    /// <returns>Null: the cursor is too old, begin anew.</returns>
    private async Task<SiteEnvelopes?> ReadAsync(string site, string? since, CancellationToken ct)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        deadline.CancelAfter(Deadline);
        using var answer = await hub.Api.GetEnvelopesAsync(site, authorization: null, since, since is null ? null : WaitSeconds, deadline.Token);
        return answer.StatusCode == HttpStatusCode.Gone ? null : answer.Require();
    }

    [LoggerMessage(EventIds.LimitsFollowerUnheard, LogLevel.Warning, "The hub does not tell what others state for site {Site}: {Reason}; the last known limits hold")]
    private static partial void LogUnheard(ILogger logger, string site, string reason);
}

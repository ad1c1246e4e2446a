using System.Collections.Concurrent;
using System.Security.Cryptography;
using GridServices.Contracts;
using GridServices.EnvelopeHub.History;
using GridServices.EnvelopeHub.Service.Feedback;
using GridServices.EnvelopeHub.Service.Nodes;
using GridServices.EnvelopeHub.Service.Sites;
using GridServices.EnvelopeHub.Service.Streaming;
using GridServices.Hosting;
using GridServices.Hosting.Storage;
using Microsoft.Extensions.Options;
using NodaTime;

namespace GridServices.EnvelopeHub.Service.History;

/// <summary>
/// Finds out at start, and from what publishers have seen, whether the store is of another history than before; begins a new epoch then,
/// and tells controllers that limits may be missing until every known publisher has restated.
/// </summary>
internal sealed partial class HistoryLoop(
    HubHistory history, HistoryStore store, HistoryMarkerFile marker, SiteCache sites, FeedbackQueue feedback, FeedbackLog feedbackLog, HeartbeatScheduler heartbeats,
    HubMetrics metrics, DamagedSites damage, StoreFreshness freshness, CommitHints hints, IClock clock, TimeProvider time, IOptions<EnvelopeHubOptions> options, ILogger<HistoryLoop> logger)
    : BackgroundService
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan RemindInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(5);
    private readonly Dictionary<string, TenantHistory> _announced = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _believed = new(StringComparer.Ordinal);
    private readonly AsyncSignal _wake = new();
    private volatile bool _restartDue;
    private long _remindedAt;
    private long _checkedAt;
    private long _namesCheckedAt;
    private long _damageAskedAt;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        var beside = marker.Read();
        var stored = await store.ReadAsync(names: true, cancellationToken);
        var why = HistoryCheck.FindMismatch(stored, beside, marker.IsExpected);
        if (why is not null)
        {
            var foreign = beside is not null && beside.Epoch != stored.Epoch ? [beside.Epoch] : Array.Empty<string>();
            await BeginAsync(why, beside, foreign, stored.Epoch, cancellationToken);
        }

        // Only after the verdict is stored: the numbers that it leaves out would hide from the next start that commits are missing.
        var run = await StartRunAsync(cancellationToken);
        var rows = await store.LoadAsync(cancellationToken);
        history.OwnRun = run ?? rows.Runs.Present + 1;
        history.Begin(rows);
        await base.StartAsync(cancellationToken);
    }

    /// <summary>A publisher says hello.</summary>
    public async Task<PublisherAnswer> HelloAsync(string tenant, PublisherHello hello, CancellationToken ct)
    {
        // It speaks of what another instance has taken, perhaps: that is shown here before it may complete anything.
        await freshness.RefreshAsync(ct);

        // A store is put back before a start, and one new epoch tells it: a tenant that finds it again and again is mistaken, and all others would pay for it.
        if (await FindRewindAsync(hello, ct) is { } why && !_believed.ContainsKey(tenant))
        {
            await RotateAsync(tenant, hello, why, ct);
        }

        if (history.Hello(new PublisherId(tenant, hello.Source), hello.RestatedEpoch, knowsHub: hello.Epoch is not null))
        {
            LogForgot(logger, hello.Source, tenant);
        }

        await SaveAsync(ct);
        Wake();
        var told = history.GetTenantHistory(tenant);
        return new PublisherAnswer
        {
            Epoch = told.Epoch,
            Head = history.Commits,
            Incomplete = told.Incomplete ? true : null,
            WaitingFor = told.Incomplete ? told.WaitingFor : null,
        };
    }

    /// <summary>Nobody waits for this publisher any more.</summary>
    public async Task<bool> RemoveAsync(PublisherId id, CancellationToken ct)
    {
        await store.RemoveAsync(id, ct);
        hints.Send();
        var struck = history.Remove(id);
        history.WriteMarker();
        Wake();
        return struck;
    }

    /// <summary>True where other epochs came before the present one.</summary>
    public bool HasPast => history.HasPast;

    /// <summary>Who waits for news gets them now.</summary>
    public void Wake() => _wake.Set();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var stopping = stoppingToken.UnsafeRegister(static wake => ((AsyncSignal)wake!).Set(), _wake);
        await using var tick = time.CreateTimer(static wake => ((AsyncSignal)wake!).Set(), _wake, LookInterval, LookInterval);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await CheckAsync(stoppingToken);
            }
            catch (StoreUnavailableException away)
            {
                LogPutOff(logger, away.Message);
                await Task.Delay(CheckInterval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                // Unforeseen ones too: without this loop no epoch, and no "complete", is ever told again, and the hub would end with it.
                LogFailed(logger, CheckInterval.TotalSeconds, fault);
                await Task.Delay(CheckInterval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            await _wake.WaitAsync();
        }
    }

    private async Task CheckAsync(CancellationToken ct)
    {
        await CheckStoreAsync(ct);
        if (_restartDue)
        {
            await UnderGateAsync(() => RestartSitesAsync(ct), ct);
        }

        await RequestDamagedAsync(ct);
        await SaveAsync(ct);
        var (news, settled) = history.Tick(_announced);
        if (settled.Tenants.Count > 0)
        {
            await store.SettleAsync(settled.Tenants, settled.Epoch, ct);
        }

        foreach (var tenant in news)
        {
            Announce(tenant);
        }

        metrics.Incomplete = _announced.Values.Count(told => told.Incomplete);
        Remind();
    }

    private void Announce(TenantHistoryChange change)
    {
        if (change.Now.Incomplete && change.Before?.Incomplete != true)
        {
            LogWaiting(logger, change.Tenant, Names(change.Now));
            _remindedAt = time.GetTimestamp();
        }
        else if (!change.Now.Incomplete && change.Before?.Incomplete == true)
        {
            LogComplete(logger, change.Tenant, change.Now.Epoch);
        }

        foreach (var cell in sites.Cells.Where(cell => string.Equals(cell.Key.Tenant, change.Tenant, StringComparison.Ordinal) && cell.HasSubscribers))
        {
            heartbeats.TrySendHeartbeat(cell);
        }
    }

    private void Remind()
    {
        if (time.GetElapsedTime(_remindedAt) < RemindInterval)
        {
            return;
        }

        _remindedAt = time.GetTimestamp();
        foreach (var (tenant, told) in _announced.Where(pair => pair.Value.Incomplete))
        {
            LogWaiting(logger, tenant, Names(told));
        }
    }

    private static string Names(TenantHistory history) => history.WaitingFor.Count == 0 ? "publishers that may come by" : string.Join(", ", history.WaitingFor);

    /// <summary>Rows of sites may go, on PostgreSQL a schema may be restored, or another node may begin another history, while this one runs.</summary>
    private async Task CheckStoreAsync(CancellationToken ct)
    {
        if (!damage.HasNew && time.GetElapsedTime(_checkedAt) < CheckInterval)
        {
            return;
        }

        // Each name is hashed: with many sites that is not for every five seconds.
        var names = time.GetElapsedTime(_namesCheckedAt) >= RemindInterval;
        _checkedAt = time.GetTimestamp();
        _namesCheckedAt = names ? _checkedAt : _namesCheckedAt;
        await CheckStoreAsync(names, ct);
    }

    private async Task CheckStoreAsync(bool names, CancellationToken ct)
    {
        // Before the store is read: it may only hold more.
        var own = new HistoryMarker(history.Epoch, history.Commits, []);
        var stored = await store.ReadAsync(names, ct);
        if (stored.Epoch is not null && stored.Epoch != own.Epoch && stored.Past.Contains(own.Epoch))
        {
            await UnderGateAsync(() => AdoptAnothersAsync(ct), ct);
        }
        else if (HistoryCheck.FindMismatch(stored, own, markerExpected: false) is { } why)
        {
            await UnderGateAsync(() => BeginAsync(why, history.Marker, [own.Epoch], stored.Epoch, ct), ct);
        }
    }

    /// <summary>What is damaged in the store only its publisher knows: another epoch has it say everything again.</summary>
    private async Task RequestDamagedAsync(CancellationToken ct)
    {
        if (_damageAskedAt != 0 && time.GetElapsedTime(_damageAskedAt) < RemindInterval)
        {
            return;
        }

        if (damage.HasNew)
        {
            _damageAskedAt = time.GetTimestamp();
            await UnderGateAsync(() => BeginAsync("stored streams in it are damaged", history.Marker, [], history.Epoch, ct), ct);
        }
    }

    private async Task<long?> StartRunAsync(CancellationToken ct)
    {
        try
        {
            return await store.StartRunAsync(1 + (BitConverter.ToInt64(RandomNumberGenerator.GetBytes(8)) & (CommitRuns.MostLeftOut - 1)), clock.GetCurrentInstant(), ct);
        }
        catch (StoreUnavailableException full)
        {
            // What holds is served all the same; the numbers of the run before go on.
            LogPutOff(logger, full.Message);
            return null;
        }
    }

    private async Task<string?> FindRewindAsync(PublisherHello hello, CancellationToken ct)
    {
        if (hello.Epoch is not { } seen)
        {
            return null;
        }

        if (string.Equals(seen, history.Epoch, StringComparison.Ordinal))
        {
            return hello.Head is { } head && !history.HasIssued(head)
                ? $"{hello.Source} has seen commit {head}, which the store does not hold: an older copy was put back"
                : null;
        }

        var stored = await store.ReadAsync(names: false, ct);

        if (stored.Past.Contains(seen) || string.Equals(seen, stored.Epoch, StringComparison.Ordinal))
        {
            return null;
        }

        if (stored.Commits > 0)
        {
            return $"{hello.Source} has seen epoch {seen}, which the store does not know: an older copy was put back";
        }

        await store.SavePastEpochAsync(seen, clock.GetCurrentInstant(), ct);
        return null;
    }

    private Task RotateAsync(string tenant, PublisherHello hello, string why, CancellationToken ct) => UnderGateAsync(
        async () =>
        {
            // Another publisher may have come with the same news meanwhile.
            if (!_believed.ContainsKey(tenant) && await FindRewindAsync(hello, ct) is not null)
            {
                await BeginAsync(why, history.Marker, hello.Epoch == history.Epoch ? [] : [hello.Epoch!], history.Epoch, ct);

                // Only what was stored is behind us: where that failed, the next hello proves it again.
                _believed[tenant] = why;
            }
        },
        ct);

    private async Task UnderGateAsync(Func<Task> change, CancellationToken ct)
    {
        await history.Writing.WaitAsync(ct);
        try
        {
            await change();
        }
        finally
        {
            history.Writing.Release();
        }
    }

    private async Task BeginAsync(string why, HistoryMarker? before, IReadOnlyList<string> foreign, string? expected, CancellationToken ct)
    {
        var epoch = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        if (!await store.BeginAsync(epoch, before, foreign, expected, clock.GetCurrentInstant(), ct))
        {
            await AdoptAnothersAsync(ct);
            return;
        }

        CrashPoint.Hit("hub.new-epoch");
        hints.Send();
        damage.MarkReported();
        await AdoptAsync(ct);
        if (why == HistoryCheck.First)
        {
            LogFirst(logger, epoch);
        }
        else
        {
            metrics.Rewound();
            LogAnother(logger, why, epoch, history.Publishers.Count, options.Value.SettleTime.TotalSeconds);
        }
    }

    private async Task AdoptAsync(CancellationToken ct)
    {
        history.Begin(await store.LoadAsync(ct));
        feedbackLog.Clear();
        feedback.WakeReaders();
        _restartDue = true;
        await RestartSitesAsync(ct);
        Wake();
    }

    private async Task RestartSitesAsync(CancellationToken ct)
    {
        await sites.RestartAsync(ct);
        _restartDue = false;
    }
}

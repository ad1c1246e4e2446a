using System.Collections.Concurrent;
using GridServices.EnvelopeHub.History;
using Microsoft.Extensions.Options;
using NodaTime;

namespace GridServices.EnvelopeHub.Service.History;

/// <summary>The present history in memory: its epoch, how many commits it holds, and what each tenant's controllers are told of it.</summary>
internal sealed class HubHistory(HistoryMarkerFile marker, IClock clock, TimeProvider time, IOptions<EnvelopeHubOptions> options) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly PublisherRegistry _registry = new(Duration.FromTimeSpan(options.Value.SettleTime));
    private readonly ConcurrentDictionary<string, TenantHistory> _told = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<PublisherId, string> _restated = new();
    private readonly ConcurrentDictionary<PublisherId, KnownPublisher> _unsaved = new();
    private volatile string? _epoch;
    private volatile CommitRuns _runs = new([], 0);
    private volatile bool _hasPast;

    // When the present epoch began, and when it did so for this process. Of the gate.
    private (Instant Began, long At) _wait;
    private long _publications;
    private long _feedback;

    // Of all instances at one moment; -1 where this one works alone. One's own count beside an old one of the others is a sum that never was.
    private long _counted = -1;

    /// <summary>Held while publications are committed, and while another history begins: never both.</summary>
    public SemaphoreSlim Writing { get; } = new(1, 1);

    /// <summary>Held while news of publishers are stored.</summary>
    public SemaphoreSlim Saving { get; } = new(1, 1);

    public string Epoch => _epoch ?? throw new InvalidOperationException("The epoch is read at start.");

    /// <summary>Transactions of publications and feedback; never falls while the store is the same.</summary>
    public long Commits => Interlocked.Read(ref _counted) is var counted and >= 0 ? counted : Interlocked.Read(ref _publications) + Interlocked.Read(ref _feedback);

    /// <summary>True where other epochs came before: a bare sequence may be of one of them.</summary>
    public bool HasPast => _hasPast;

    /// <summary>True where this store was in use before this start: what it has given out since may be lost, if it was put back.</summary>
    public bool HadRuns => _runs.Past.Count > 0;

    /// <summary>Whether a number of commits that somebody has seen in this epoch was given out by this store.</summary>
    public bool HasIssued(long head) => _runs.HasIssued(head, Commits);

    /// <summary>Who has news for the store: see <see cref="TakeUnsaved"/>.</summary>
    public bool HasUnsaved => !_unsaved.IsEmpty;

    /// <summary>News is on its way to the store.</summary>
    public bool IsSaving => Saving.CurrentCount == 0;

    public IReadOnlyList<KnownPublisher> Publishers
    {
        get
        {
            lock (_gate)
            {
                return [.. _registry.Known];
            }
        }
    }

    /// <summary>What the present history is to leave behind: its epoch, its count, its publishers.</summary>
    public HistoryMarker Marker
    {
        get
        {
            var known = Publishers;
            return new HistoryMarker(Epoch, Commits, Ids(_ => true)) { KnewHub = Ids(publisher => publisher.KnewHub), Silent = Ids(publisher => !publisher.Speaks) };

            IReadOnlyList<PublisherId> Ids(Func<KnownPublisher, bool> which) => [.. known.Where(which).Select(publisher => publisher.Id)];
        }
    }

    /// <summary>The first number of commits of this start.</summary>
    public long OwnRun { get; set; } = 1;

    public bool IsCurrent(string? epoch) => string.Equals(_epoch, epoch, StringComparison.Ordinal);

    /// <summary>What instances on one store have committed together, as it was at one moment; of another epoch it says nothing.</summary>
    public void Counted(string epoch, long commits)
    {
        lock (_gate)
        {
            if (!IsCurrent(epoch))
            {
                return;
            }

            Interlocked.Exchange(ref _counted, commits);
            marker.Count(commits);
        }
    }

    /// <summary>Takes what other instances on the store have heard of publishers; rows of another epoch than the present one say nothing.</summary>
    public void Merge(HistoryRows rows)
    {
        lock (_gate)
        {
            // Another one may begin at any time: what completed the one before completes nothing in it.
            if (!IsCurrent(rows.Epoch))
            {
                return;
            }

            (_runs, _hasPast) = (rows.Runs, rows.HasPast);
            var named = options.Value.ParsePublishers().ToHashSet();
            foreach (var struck in _registry.Merge(rows.Publishers, rows.Settled, rows.Runs.Present, _unsaved.ContainsKey, named.Contains))
            {
                _restated.TryRemove(struck, out _);
            }
        }

        foreach (var tenant in _told.Keys)
        {
            Refresh(tenant);
        }
    }

    public void Begin(HistoryRows rows)
    {
        lock (_gate)
        {
            var named = options.Value.ParsePublishers().Where(id => !rows.Publishers.Any(known => known.Id == id))
                .Select(id => new KnownPublisher { Id = id, Speaks = true, FirstHeard = NodaConstants.UnixEpoch });
            Interlocked.Exchange(ref _publications, rows.Publications);
            Interlocked.Exchange(ref _feedback, rows.Feedback);
            Interlocked.Exchange(ref _counted, Interlocked.Read(ref _counted) >= 0 ? rows.Publications + rows.Feedback : -1);
            (_runs, _hasPast) = (rows.Runs, rows.HasPast);
            _restated.Clear();
            _registry.Begin(rows.Epoch, rows.BeganAt, [.. rows.Publishers, .. named], rows.Settled, OwnRun, rows.Runs.Present);
            _wait = (rows.BeganAt, time.GetTimestamp());
            _epoch = rows.Epoch;
            _told.Clear();
        }

        WriteMarker();
    }

    /// <summary>After a commit of publications: how many there were by then.</summary>
    public void CommittedPublications(long commits) => Committed(ref _publications, commits);

    /// <summary>After a commit of feedback.</summary>
    public void CommittedFeedback(long commits) => Committed(ref _feedback, commits);

    /// <summary>What a tenant's controllers are told; the same object while it says the same.</summary>
    public TenantHistory GetTenantHistory(string tenant) => _told.TryGetValue(tenant, out var told) ? told : Refresh(tenant);

    /// <summary>A hello whose epoch and head fit this store.</summary>
    /// <returns>True: it has only now shown that its store was lost.</returns>
    public bool Hello(PublisherId id, string? restated, bool knowsHub)
    {
        KnownPublisher? news;
        lock (_gate)
        {
            news = _registry.Hello(id, restated, clock.GetCurrentInstant(), knowsHub);
            AddUnsaved(news);
        }

        Refresh(id.Tenant);
        return news?.Forgot == true;
    }

    /// <summary>Of those who publish and never say hello: what is new, and is to be stored in the transaction of the publications themselves.</summary>
    public IReadOnlyList<KnownPublisher> ToStoreWith(IEnumerable<PublisherId> publishers)
    {
        var (epoch, now) = (Epoch, clock.GetCurrentInstant());
        var unknown = publishers.Where(id => !(_restated.TryGetValue(id, out var known) && string.Equals(known, epoch, StringComparison.Ordinal))).Distinct().ToList();
        lock (_gate)
        {
            return [.. unknown.Select(id => _registry.ToStoreWith(id, now)).OfType<KnownPublisher>()];
        }
    }

    /// <summary>A publication of the source was taken, or held already. Cheap where that is nothing new.</summary>
    public void Published(string tenant, string source)
    {
        var id = new PublisherId(tenant, source);
        var epoch = Epoch;
        if (_restated.TryGetValue(id, out var known) && string.Equals(known, epoch, StringComparison.Ordinal))
        {
            return;
        }

        lock (_gate)
        {
            AddUnsaved(_registry.Published(id, clock.GetCurrentInstant()));
        }

        // Bounded as the board is: what it does not keep is not kept here either.
        if (_restated.Count < 10 * PublisherRegistry.MostSources)
        {
            _restated[id] = epoch;
        }

        Refresh(tenant);
    }

    public bool Remove(PublisherId id)
    {
        bool struck;
        lock (_gate)
        {
            struck = _registry.Remove(id);
            _unsaved.TryRemove(id, out _);
            _restated.TryRemove(id, out _);
        }

        Refresh(id.Tenant);
        return struck;
    }

    /// <summary>Looks at the clock.</summary>
    /// <returns>Tenants of which something else is to be told than before, and those that became complete for good, with the epoch in which they did: another may begin at any time.</returns>
    public (IReadOnlyList<TenantHistoryChange> News, (string Epoch, IReadOnlyList<string> Tenants) Settled) Tick(Dictionary<string, TenantHistory> announced)
    {
        (string Epoch, IReadOnlyList<string> Tenants) settled;
        List<string> tenants;
        lock (_gate)
        {
            settled = _registry.Settle(Waited);
            tenants = [.. _registry.Known.Select(known => known.Id.Tenant).Concat(_told.Keys).Distinct(StringComparer.Ordinal)];
        }

        var news = new List<TenantHistoryChange>();
        foreach (var tenant in tenants)
        {
            var now = Refresh(tenant);
            if (!announced.TryGetValue(tenant, out var before) || !before.IsEquivalentTo(now))
            {
                announced[tenant] = now;
                news.Add(new TenantHistoryChange(tenant, before, now));
            }
        }

        return (news, settled);
    }

    /// <summary>What the store is to be told of publishers.</summary>
    public IReadOnlyList<KnownPublisher> TakeUnsaved()
    {
        var unsaved = new List<KnownPublisher>();
        foreach (var id in _unsaved.Keys)
        {
            if (_unsaved.TryRemove(id, out var known))
            {
                unsaved.Add(known);
            }
        }

        return unsaved;
    }

    /// <summary>Puts back what could not be stored, unless there is newer news.</summary>
    public void RestoreUnsaved(IReadOnlyList<KnownPublisher> unsaved)
    {
        foreach (var known in unsaved)
        {
            _unsaved.TryAdd(known.Id, known);
        }
    }

    /// <summary>The marker with the present publishers.</summary>
    public void WriteMarker() => marker.Write(Marker);

    public void Dispose()
    {
        Writing.Dispose();
        Saving.Dispose();
    }

    private void Committed(ref long counter, long commits)
    {
        var before = Interlocked.Read(ref counter);
        while (commits > before)
        {
            var seen = Interlocked.CompareExchange(ref counter, commits, before);
            if (seen == before)
            {
                break;
            }

            before = seen;
        }

        marker.Count(Commits);
    }

    private void AddUnsaved(KnownPublisher? publisher)
    {
        if (publisher is not null)
        {
            _unsaved[publisher.Id] = publisher;
        }
    }

    // Each instance waits by its own steady clock, also after a start: the wall clock may be another's, or be set meanwhile.
    private Instant Waited => _wait.Began + Duration.FromTimeSpan(time.GetElapsedTime(_wait.At));

    private TenantHistory Refresh(string tenant)
    {
        lock (_gate)
        {
            var now = _registry.GetTenantHistory(tenant, Waited);
            return _told.AddOrUpdate(tenant, now, (_, before) => before.IsEquivalentTo(now) ? before : now);
        }
    }
}

/// <summary>Another thing is told to a tenant's controllers than before.</summary>
internal sealed record TenantHistoryChange(string Tenant, TenantHistory? Before, TenantHistory Now);

using System.Globalization;
using GridServices.Contracts;
using GridServices.EnvelopeHub.History;
using GridServices.Simulation.Publishing;
using NodaTime;

namespace GridServices.Simulation.Hub;

/// <summary>
/// The hub's history in one start of it: which epoch, who has restated, what controllers are told; in the order of <c>HistoryLoop</c> and <c>HubHistory</c>,
/// decided by <see cref="HistoryCheck"/>, <see cref="CommitRuns"/> and <see cref="PublisherRegistry"/>.
/// </summary>
internal sealed class HubPast(HubNode hub)
{
    private static readonly Duration LookInterval = Duration.FromMilliseconds(500);
    private readonly PublisherRegistry _registry = new(Duration.FromSeconds(10));
    private readonly Dictionary<string, KnownPublisher> _unsaved = new(StringComparer.Ordinal);
    private TenantHistory? _told;
    private TenantHistory? _announced;
    private CommitRuns _runs = new([], 0);
    private long _commits;
    private bool _believed;
    private (Instant Began, Duration At) _wait;

    public string Epoch { get; private set; } = string.Empty;

    public bool HadRuns => _runs.Past.Count > 0;

    public bool HasPast { get; private set; }

    public void Start()
    {
        var data = hub.Disk.Data;
        var marker = hub.Disk.Marker;
        var stored = new StoredHistory(data.Epoch, data.Commits, data.Past, null, null);
        if (HistoryCheck.FindMismatch(stored, marker, markerExpected: true) is { } why)
        {
            BeginEpoch(why, marker, marker is not null && marker.Epoch != data.Epoch ? [marker.Epoch] : []);
        }

        hub.Disk.WriteAtStart(d => d.StartRun(1 + hub.World.Chance.Below(1_000_000)));
        Load();
    }

    /// <summary>What controllers are told now; the same object while it says the same.</summary>
    public TenantHistory GetHistory()
    {
        var now = _registry.GetTenantHistory(HubNode.Tenant, Waited);
        return _told = _told?.IsEquivalentTo(now) == true ? _told : now;
    }

    public PublisherAnswer? Hello(PublisherHello hello)
    {
        try
        {
            if (!_believed && WhyRewound(hello) is { } why)
            {
                Rotate(why, hello.Epoch == Epoch ? [] : [hello.Epoch!]);
            }

            Keep(_registry.Hello(new PublisherId(HubNode.Tenant, hello.Source), hello.RestatedEpoch, hub.Wall, knowsHub: hello.Epoch is not null));
            Save();
        }
        catch (StoreAwayException)
        {
            return null;
        }

        var told = GetHistory();
        return new PublisherAnswer { Epoch = told.Epoch, Head = _commits, Incomplete = told.Incomplete ? true : null, WaitingFor = told.Incomplete ? told.WaitingFor : null };
    }

    /// <summary>A controller shows a cursor of this epoch that this store has never given out.</summary>
    /// <returns>True: another epoch began.</returns>
    public bool Doubt(string? held)
    {
        if (_believed || !Cursor.TryParse(held, out var cursor) || cursor.Epoch != Epoch || HasGivenOut(cursor.Sequence))
        {
            return false;
        }

        try
        {
            Rotate($"a controller has seen {cursor}", []);
            return true;
        }
        catch (StoreAwayException)
        {
            return false;
        }
    }

    /// <summary>What is to be stored with publications of those who never say hello.</summary>
    public IReadOnlyList<KnownPublisher> ToStoreWith(IEnumerable<string> sources) =>
        [.. sources.Distinct().Select(s => _registry.ToStoreWith(new PublisherId(HubNode.Tenant, s), hub.Wall)).OfType<KnownPublisher>()];

    /// <summary>Publications of these sources were taken or held already.</summary>
    public void Note(IEnumerable<string> sources)
    {
        foreach (var source in sources)
        {
            Keep(_registry.Published(new PublisherId(HubNode.Tenant, source), hub.Wall));
        }

        try
        {
            Save();
        }
        catch (StoreAwayException)
        {
            // Kept, and saved with the next look.
        }
    }

    public void Committed(long commits)
    {
        _commits = Math.Max(_commits, commits);
        hub.Disk.Marker = hub.Disk.Marker is { } marker && marker.Epoch == Epoch ? marker with { Commits = _commits } : Marker();
    }

    public async Task LookAsync()
    {
        while (true)
        {
            await hub.Pause(LookInterval);
            try
            {
                Save();
                if (_registry.Settle(Waited).Tenants.Count > 0)
                {
                    hub.Disk.Write(data => data with { IsSettled = true });
                }
            }
            catch (StoreAwayException)
            {
                continue;
            }

            var now = GetHistory();
            if (_announced?.IsEquivalentTo(now) != true)
            {
                hub.World.Log(hub, now.Incomplete ? $"waits for {string.Join(", ", now.WaitingFor)}" : $"is complete in epoch {Epoch}");
                _announced = now;
                hub.Streams.Beat();
            }
        }
    }

    private Instant Waited => _wait.Began + hub.World.Steady - _wait.At;

    private HistoryMarker Marker()
    {
        var known = _registry.Known.ToList();
        return new HistoryMarker(Epoch, _commits, [.. known.Select(k => k.Id)]) { KnewHub = [.. known.Where(k => k.KnewHub).Select(k => k.Id)], Silent = [.. known.Where(k => !k.Speaks).Select(k => k.Id)] };
    }

    private void Load()
    {
        var data = hub.Disk.Data;
        (Epoch, _commits, _runs, HasPast) = (data.Epoch!, data.Commits, data.CommitRuns(), data.Past.Count > 0);
        _registry.Begin(Epoch, data.BeganAt, data.Publishers.Values, data.IsSettled ? [HubNode.Tenant] : []);
        _wait = (data.BeganAt, hub.World.Steady);
        _told = null;
        hub.Disk.Marker = Marker();
    }

    private void BeginEpoch(string why, HistoryMarker? before, IReadOnlyList<string> foreign)
    {
        var epoch = hub.World.Chance.Draw().ToString("x16", CultureInfo.InvariantCulture);
        hub.Disk.WriteAtStart(data => data.Begin(epoch, before, foreign, hub.Wall));
        hub.World.Log(hub, $"begins epoch {epoch}: {why}");
    }

    private void Rotate(string why, IReadOnlyList<string> foreign)
    {
        BeginEpoch(why, Marker(), foreign);
        hub.MayDie("new-epoch");
        Load();
        hub.Restart(Epoch);
        _believed = true;
    }

    private string? WhyRewound(PublisherHello hello)
    {
        if (hello.Epoch is not { } seen)
        {
            return null;
        }

        if (seen == Epoch)
        {
            return hello.Head is { } head && !_runs.HasIssued(head, _commits) ? $"{hello.Source} has seen commit {head}" : null;
        }

        var data = hub.Disk.Data;
        if (data.Past.Contains(seen) || data.Epoch == seen)
        {
            return null;
        }

        if (data.Commits > 0)
        {
            return $"{hello.Source} has seen epoch {seen}";
        }

        hub.Disk.Write(d => d with { Past = d.Past.Add(seen) });
        return null;
    }

    private bool HasGivenOut(long sequence)
    {
        var data = hub.Disk.Data;
        return sequence == 0 || (data.Sequence >= sequence && (data.TrimmedTo >= sequence || data.Log.Any(entry => entry.Sequence == sequence)));
    }

    private void Keep(KnownPublisher? publisher)
    {
        if (publisher is not null)
        {
            _unsaved[publisher.Id.Source] = publisher;
        }
    }

    private void Save()
    {
        if (_unsaved.Count > 0)
        {
            var news = _unsaved.Values.OrderBy(p => p.Id.Source, StringComparer.Ordinal).ToList();
            hub.Disk.Write(data => data with { Publishers = data.Publishers.SetItems(news.Select(p => KeyValuePair.Create(p.Id.Source, p))) });
            _unsaved.Clear();
            hub.Disk.Marker = Marker();
        }
    }
}

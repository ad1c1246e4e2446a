using GridServices.EnvelopeHub.History;
using GridServices.EnvelopeHub.Service.History;
using GridServices.EnvelopeHub.Service.Streaming;
using GridServices.EnvelopeHub.Sites;
using GridServices.EnvelopeHub.Streaming;
using NodaTime;

namespace GridServices.EnvelopeHub.Service.Sites;

/// <summary>The one mutable thing of a site: which view is the present one, and who waits for the next.</summary>
internal sealed class SiteState(SiteKey key, HubHistory history)
{
    private readonly Lock _gate = new();
    private readonly List<AsyncSignal> _waiting = [];
    private volatile SiteModel? _view;
    private int _pins;
    private bool _evicted;
    private int _effectiveDue;
    private int _changes;

    public SiteKey Key { get; } = key;

    /// <summary>Which tick of the heartbeat wheel serves the site.</summary>
    public int Bucket { get; } = key.GetHashCode() & int.MaxValue;

    public long LastUsed { get; set; }

    /// <summary>When all subscribers were last told that the line is up; a timestamp of the monotonic clock.</summary>
    public long LastBeat { get; set; }

    /// <summary>Counts what other instances committed: who read the store while it went up may hold what was there before.</summary>
    public int Changes => Volatile.Read(ref _changes);

    public bool IsPinned => Volatile.Read(ref _pins) > 0;

    /// <summary>Null until it was loaded.</summary>
    public SiteModel? Loaded => _view;

    public SiteModel View => _view ?? throw new InvalidOperationException($"Site {Key} is used before it was loaded.");

    public bool HasSubscribers => Volatile.Read(ref _pins) > 0 && SubscriberCount > 0;

    public int SubscriberCount
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>Keeps the cell in memory; false when it was just put out, then ask the cache again.</summary>
    public bool TryPin(long now)
    {
        lock (_gate)
        {
            if (_evicted)
            {
                return false;
            }

            _pins++;
            LastUsed = now;
            return true;
        }
    }

    public void Unpin()
    {
        lock (_gate)
        {
            _pins--;
        }
    }

    public bool TryEvict()
    {
        lock (_gate)
        {
            _evicted = _pins == 0;
            return _evicted;
        }
    }

    public void Subscribe(AsyncSignal wake)
    {
        lock (_gate)
        {
            _waiting.Add(wake);
        }
    }

    public void Unsubscribe(AsyncSignal wake)
    {
        lock (_gate)
        {
            // The order doesn't matter: the last one takes the place.
            var place = _waiting.IndexOf(wake);
            _waiting[place] = _waiting[^1];
            _waiting.RemoveAt(_waiting.Count - 1);
        }
    }

    /// <summary>Takes what the store holds; a view that is as new or newer stays. Subscribers behind it read the log.</summary>
    /// <param name="set">What the store holds.</param>
    /// <param name="trimmedTo">The log holds everything after this sequence.</param>
    /// <param name="asOf"><see cref="Changes"/> before the store was read. Null: the site is held in the store.</param>
    /// <returns>False where more was committed meanwhile: it is read again, and a site that nobody has seen yet stays unseen until then.</returns>
    public bool Load(SiteSet set, long trimmedTo, int? asOf = null)
    {
        bool isNow;
        lock (_gate)
        {
            isNow = asOf is null || asOf == _changes;
            if (_view is null && !isNow)
            {
                return false;
            }

            if (_view is null || _view.Set.Sequence < set.Sequence)
            {
                _view = new SiteModel(set, ReplayWindow.StartingAfter(set.Sequence), trimmedTo, _view?.Epoch ?? history.Epoch) { Effective = _view?.Effective, Heartbeat = _view?.Heartbeat };
            }
        }

        WakeAll();
        return isNow;
    }

    /// <summary>Another instance has committed something, or another history has begun.</summary>
    public void MarkChanged()
    {
        // Whoever loads it either sees this, or has set the view that is brought up to date next.
        lock (_gate)
        {
            _changes++;
        }
    }

    /// <summary>Shows what another instance committed; <see cref="WakeAll"/> tells the subscribers.</summary>
    /// <param name="tail">What the log holds after a sequence that this view has reached.</param>
    /// <param name="entries">Its rows, read.</param>
    /// <param name="capacity">Of the window.</param>
    /// <param name="committedAt">For the measure of fan-out.</param>
    /// <param name="keepMissing">Whether publishers are still to be asked for streams of the site that nobody can name.</param>
    /// <returns>False where the entries do not lead from this view to the head: then the whole set is to be read.</returns>
    public bool TryFollow(SiteTail tail, IReadOnlyList<Entry> entries, int capacity, long committedAt, bool keepMissing)
    {
        lock (_gate)
        {
            // One of another history is read anew when that is taken over.
            if (_view is not { } view || view.Set.Sequence >= tail.Head || !string.Equals(view.Epoch, tail.Epoch, StringComparison.Ordinal))
            {
                return true;
            }

            if (tail.TrimmedTo > view.Set.Sequence)
            {
                return false;
            }

            // Nothing was trimmed after this view: what is not there was left out, or its row is gone, which the count of what is live tells.
            view = entries.Where(entry => entry.Sequence > view.Set.Sequence).Aggregate(view, (before, entry) => Follow(before, entry, capacity, committedAt, keepMissing));
            var fits = view.Set.Sequence == tail.Head && (tail.LiveCount < 0 || tail.LiveCount == view.Set.LiveCount);
            _view = fits ? view with { TrimmedTo = Math.Max(view.TrimmedTo, tail.TrimmedTo) } : _view;
            return fits;
        }
    }

    private static SiteModel Follow(SiteModel view, Entry entry, int capacity, long committedAt, bool keepMissing)
    {
        var leap = entry.Sequence > view.Set.Sequence + 1 ? new Leap(view.Set.Sequence, entry.Sequence - 1) : null;
        var window = leap is null ? view.Window : ReplayWindow.StartingAfter(leap.To);
        var frame = Frame.WithId("envelope", view.Epoch, entry.Sequence, entry.Event.Span) with { CommittedAt = committedAt };
        return view with { Set = view.Set.With(entry, keepMissing), Window = window.Add(frame, capacity), Leap = leap ?? view.Leap };
    }

    /// <summary>Another history has begun: what the store holds now is stated anew to every subscriber.</summary>
    public void Restart(SiteSet set, long trimmedTo)
    {
        lock (_gate)
        {
            _view = _view is null ? null : new SiteModel(set, ReplayWindow.StartingAfter(set.Sequence), trimmedTo, history.Epoch);
        }

        WakeAll();
    }

    /// <summary>Shows what was committed, to whoever looks; <see cref="WakeAll"/> tells the others. The frames follow one another.</summary>
    public void Advance(SiteSet set, IReadOnlyList<Frame> frames, int capacity, Leap? leap)
    {
        lock (_gate)
        {
            var view = View;
            if (leap is not null && leap.From == view.Set.Sequence)
            {
                _view = view with { Set = set, Leap = leap, Window = frames.Aggregate(ReplayWindow.StartingAfter(leap.To), (window, frame) => window.Add(frame, capacity)) };
            }
            else if (view.Set.Sequence + frames.Count != set.Sequence)
            {
                // Another node's commit was loaded in between: its window already lies behind this set, or this set behind it.
                _view = view.Set.Sequence >= set.Sequence ? view : view with { Set = set, Window = ReplayWindow.StartingAfter(set.Sequence) };
            }
            else
            {
                _view = view with { Set = set, Window = frames.Aggregate(view.Window, (window, frame) => window.Add(frame, capacity)) };
            }
        }
    }

    public void Trim(long trimmedTo)
    {
        lock (_gate)
        {
            _view = _view is null || _view.TrimmedTo >= trimmedTo ? _view : _view with { TrimmedTo = trimmedTo };
        }
    }

    /// <summary>Offers a merged timeline to all subscribers, unless a newer one is there.</summary>
    public void OfferEffective(Frame frame, Instant now, TenantHistory history) => OfferNotice(
        history, view => view.Effective?.Frame.Sequence > frame.Sequence ? view : view with { Effective = new LatestFrame((view.Effective?.Number ?? 0) + 1, frame, now, history) });

    /// <summary>Offers a heartbeat to all subscribers, unless a newer one is there.</summary>
    public void OfferHeartbeat(Frame frame, Instant now, TenantHistory history) => OfferNotice(
        history, view => view.Heartbeat?.Frame.Sequence > frame.Sequence ? view : view with { Heartbeat = new LatestFrame((view.Heartbeat?.Number ?? 0) + 1, frame, now, history) });

    /// <summary>Keeps a snapshot for whoever comes next.</summary>
    public void CacheSnapshot(Frame frame, Instant now, TenantHistory history)
    {
        lock (_gate)
        {
            var view = View;
            _view = view.Set.Sequence == frame.Sequence && IsSameEpoch(view, history) ? view with { Snapshot = new LatestFrame(0, frame, now, history) } : view;
        }
    }

    /// <summary>True for the first one to ask since <see cref="ClearEffectiveDue"/>.</summary>
    public bool MarkEffectiveDue() => Interlocked.Exchange(ref _effectiveDue, 1) == 0;

    public void ClearEffectiveDue() => Volatile.Write(ref _effectiveDue, 0);

    public void WakeAll()
    {
        lock (_gate)
        {
            foreach (var wake in _waiting)
            {
                wake.Set();
            }
        }
    }

    // Made of a history that has ended meanwhile: whoever made it makes another one.
    private static bool IsSameEpoch(SiteModel view, TenantHistory history) => string.Equals(view.Epoch, history.Epoch, StringComparison.Ordinal);

    private void OfferNotice(TenantHistory history, Func<SiteModel, SiteModel> change)
    {
        lock (_gate)
        {
            _view = IsSameEpoch(View, history) ? change(View) : View;
        }

        WakeAll();
    }
}

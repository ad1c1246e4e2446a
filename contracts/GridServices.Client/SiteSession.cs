using System.Collections.Immutable;
using GridServices.Contracts;
using NodaTime;

namespace GridServices.Client;

/// <summary>
/// A controller's whole dealing with the hub: subscribes, holds, falls safe, persists, acknowledges, sends telemetry.
/// Read <see cref="Limits"/> whenever power is set, or take <see cref="LimitsChanged"/>.
/// </summary>
public sealed class SiteSession : IDisposable
{
    private static readonly Duration WriteRetry = Duration.FromSeconds(5);
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(1);
    private readonly SiteSessionOptions _options;
    private readonly SessionClock _clock;
    private readonly TimeProvider _time;
    private readonly HubClient _hub;
    private readonly FeedbackQueue _feedback = new();
    private readonly HeldSetFile? _file;
    private readonly HandlerQueue<string> _notices;
    private readonly HandlerQueue<HubMessage> _messages;
    private readonly SessionMetrics _metrics;
    private readonly ClockNotice _clockNotice;
    private readonly Acknowledgements _acknowledgements;
    private readonly Backoff _backoff;
    private readonly Lock _gate = new();
    private readonly Lock _telling = new(); // taken before the gate, never inside it
    private bool _isPersisted;
    private volatile SiteHolding _holding;
    private ImmutableArray<LimitsPump> _pumps = [];
    private CancellationToken? _running;
    private SiteHolding? _written;
    private long? _writtenAhead;
    private IReadOnlyList<Shortfall> _shortfalls = [];
    private SiteLimits _limits;
    private Duration _nextWrite = Duration.MinValue;
    private string? _shownCursor;
    private bool _distrusted;

    /// <param name="options">Where, who, and the controller's own rules.</param>
    /// <param name="handler">Transport; null: plain HTTP(S).</param>
    /// <param name="clock">Wall clock, for as long as the hub's is not known; null: the system's.</param>
    /// <param name="time">Monotonic clock and timers; null: the system's. Time asleep counts where it is the system's.</param>
    public SiteSession(SiteSessionOptions options, HttpMessageHandler? handler = null, IClock? clock = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _time = time ?? TimeProvider.System;
        _clock = SessionClock.Create(clock, time);
        _hub = new HubClient(options.Hub, handler, _time);
        _file = options.StateFile is null ? null : new HeldSetFile(options.StateFile);
        _metrics = new SessionMetrics(options.Hub.SiteId, () => Limits.ClockAhead, _feedback);
        _notices = new HandlerQueue<string>(text => Notice?.Invoke(text), _ => _metrics.HandlerFailed());
        _messages = new HandlerQueue<HubMessage>(
            message => MessageReceived?.Invoke(message), fault => HandlerFailed($"a MessageReceived handler failed: {fault.GetType().Name}: {fault.Message}"));
        _clockNotice = new ClockNotice(_notices.Add);
        _acknowledgements = new Acknowledgements(options.Acknowledges, _feedback, HandlerFailed);
        _backoff = new Backoff(Duration.FromSeconds(1), options.Hub.LongestRetry, HubClient.RetryJitter);
        _holding = FailsafeMachine.Start(options.Hub.SiteId, _file?.Read(_notices.Add, options.Hub.SiteId, options.Hub.Hub.Authority,
            keepOther: options.Failsafe.InitLimits is null), options.Failsafe, Now);
        _limits = FailsafeMachine.LimitsAt(_holding, Now);
    }

    /// <summary>
    /// Raised when <see cref="RunAsync"/> begins, with what holds then (a handler added later: with what holds when it is added), and whenever limits,
    /// set-points or phases change: one at a time, with the latest limits, each handler on a task of its own. It may be called with what it knows already.
    /// A handler that throws is told in <see cref="Notice"/> and called again until it returns: its set-point may not have been written.
    /// </summary>
    public event Action<SiteLimits> LimitsChanged
    {
        add
        {
            lock (_gate)
            {
                var pump = new LimitsPump(() => Limits, value, HandlerFailed, _backoff, _time);
                _pumps = _pumps.Add(pump);
                _ = Start(pump);
            }
        }

        remove
        {
            lock (_gate)
            {
                _pumps = _pumps.RemoveAll(pump => pump.Handler == value);
            }
        }
    }

    /// <summary>Every message of the hub, after it was taken in; on a task of its own, in order. Of those that wait for a handler the last thousand are kept.</summary>
    public event Action<HubMessage>? MessageReceived;

    /// <summary>Things a person may want to know: a lost line, a wrong clock, a hub that lost its store, feedback that waits.</summary>
    public event Action<string>? Notice;

    /// <summary>
    /// The limits in force at this moment, also when nothing was heard for long: they fall safe by themselves, whether or not
    /// <see cref="RunAsync"/> runs. Takes no lock; holds before, during and after contact with the hub.
    /// </summary>
    public SiteLimits Limits
    {
        get
        {
            var now = Now;
            return FailsafeMachine.LimitsAt(FailsafeMachine.Tick(_holding, now), now);
        }
    }

    /// <summary>What waits to be told to the hub, and what was lost.</summary>
    public FeedbackQueue Feedback => _feedback;

    private Moment Now => _clock.Now;

    /// <summary>Tells the hub what was measured; kept while it is away.</summary>
    public void Report(Reading reading) => _feedback.Add(reading);

    /// <summary>States which limits can't be kept at present; an empty list: all can. Each envelope is reported once.</summary>
    public void ReportShortfalls(IReadOnlyList<Shortfall> present)
    {
        lock (_gate)
        {
            _shortfalls = present;
        }
    }

    /// <summary>Runs until cancelled. Whatever fails on the way is told in <see cref="Notice"/> and begun again.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var kept = new Supervisor(_backoff, _time, _notices.Add);
        Task[] parts =
        [
            kept.RunAsync("following the hub", ListenAsync, stop.Token),
            kept.RunAsync("watching the time", TickAsync, stop.Token),
            kept.RunAsync("sending feedback", end => _feedback.SendAsync(_hub, _time, _notices.Add, end), stop.Token),
        ];
        var handlers = StartHandlers(stop.Token);
        try
        {
            await await Task.WhenAny(parts);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Asked to.
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(parts).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

            // A handler that does not come back keeps nobody from stopping.
            await Task.WhenAny(handlers, Task.Delay(LastWords, CancellationToken.None));
        }
    }

    // On the thread pool: a handler that blocks at once would otherwise block who starts it.
    private Task StartHandlers(CancellationToken ct)
    {
        lock (_gate)
        {
            _running = ct;
            return Task.WhenAll([_messages.Start(ct), _notices.Start(ct), .. _pumps.Select(Start)]);
        }
    }

    private Task Start(LimitsPump pump) => _running is { IsCancellationRequested: false } ct ? pump.Start(ct) : Task.CompletedTask;

    /// <summary>Closes the line.</summary>
    public void Dispose()
    {
        _hub.Dispose();
        _metrics.Dispose();
    }

    private async Task ListenAsync(CancellationToken ct)
    {
        await foreach (var message in _hub.SubscribeAsync(ResumeFrom, () => _holding.Cursor, ct))
        {
            Handle(message);
            _shownCursor = message is LinkChanged ? null : _shownCursor; // what is shown to a hub that then starts anew is shown once more
            if (message is LinkChanged { Up: false } down)
            {
                _notices.Add($"line to the hub is down ({down.Detail}); next attempt in {down.RetryIn?.TotalSeconds:0.#} s");
            }

            if (message is not LinkChanged)
            {
                await FetchSetIfNeededAsync(ct);
                await ShowLostCursorAsync(ct);
            }
        }
    }

    // Before the first contact, and where a statement is owed, the hub is to state the whole set first (as LPC-913 asks of a guard).
    private Cursor? ResumeFrom()
    {
        lock (_gate)
        {
            return _holding is { Contacted: true, NeedsSet: false, Failsafes.IsEmpty: true, Cursor: { } cursor } && !_distrusted ? cursor : null;
        }
    }

    private async Task FetchSetIfNeededAsync(CancellationToken ct)
    {
        if (!_holding.NeedsSet)
        {
            return;
        }

        try
        {
            Handle(await _hub.GetSetAsync(ct));
        }
        catch (Exception fault) when (fault is HubTalkException or HttpRequestException or IOException)
        {
            _notices.Add($"the whole set is wanted and can't be had: {fault.Message}"); // asked again after the next message
        }
    }

    // A hub whose store was set back does not know it; a cursor that it gave out, and has not reached again, tells it.
    private async Task ShowLostCursorAsync(CancellationToken ct)
    {
        if (_holding.Set.RewoundFrom is not { } lost || string.Equals(lost, _shownCursor, StringComparison.Ordinal))
        {
            return;
        }

        try
        {
            await _hub.ShowCursorAsync(lost, ct);
            _shownCursor = lost;
        }
        catch (Exception refused) when (refused is HubTalkException or HttpRequestException or IOException)
        {
            _shownCursor = refused is HubTalkException { IsPassing: false } ? lost : null; // what the hub has not heard is shown again after the next message
            _notices.Add($"the hub was shown the lost cursor {lost}: {refused.Message}");
        }
    }

    private async Task TickAsync(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(_options.Tick.ToTimeSpan(), _time);
        do
        {
            Step(state => FailsafeMachine.Tick(state, Now));
            foreach (var pump in _pumps)
            {
                pump.Watch();
            }
        }
        while (await timer.WaitForNextTickAsync(ct));
    }

    private void Handle(HubMessage message)
    {
        _distrusted = true; // until it is taken in: what could not be is not to be had by resuming behind it
        Step(state => FailsafeMachine.Apply(state, message, Now));
        _distrusted = false;
        _messages.Add(message);
    }

    // One step at a time: state, limits, file; then receipts. What is acknowledged is on the disk first.
    private void Step(Func<SiteHolding, SiteHolding> next)
    {
        lock (_gate)
        {
            var before = (State: _holding, Limits: _limits);
            _holding = next(_holding);
            var now = Now;
            _limits = FailsafeMachine.LimitsAt(_holding, now);
            foreach (var notice in HistoryNotices.Between(before.State, _holding))
            {
                _notices.Add(notice);
            }

            _clockNotice.Watch(_limits.ClockAhead, _holding.Clock);
            if (!_limits.SaysSameAs(before.Limits))
            {
                foreach (var pump in _pumps)
                {
                    pump.Wake();
                }
            }

            _isPersisted = Persisted(_holding, now);
        }

        Acknowledge();
    }

    // Outside of the gate: who is asked may wait for a lock that is held around calls of the session.
    private void Acknowledge()
    {
        lock (_telling)
        {
            (bool IsPersisted, HeldSet Set, IReadOnlyList<Shortfall> Shortfalls, SiteLimits Limits) now;
            lock (_gate)
            {
                now = (_isPersisted, _holding.Set, _shortfalls, _limits);
            }

            if (now.IsPersisted)
            {
                _acknowledgements.QueueDue(now.Set, now.Shortfalls, now.Limits);
            }
        }
    }

    // A full disk must not stop the controller from obeying; it only keeps it from acknowledging.
    private bool Persisted(SiteHolding state, Moment now)
    {
        if (_file is null || !state.Contacted || (_written is not null && AreEquivalent(_written, state) && !IsClockElsewhere(state, now)))
        {
            return true;
        }

        if (now.Monotonic < _nextWrite)
        {
            return false;
        }

        try
        {
            _file.Write(state.ToPersist(now) with { Hub = _options.Hub.Hub.Authority });
            (_written, _writtenAhead) = (state, state.ClockAheadMsAt(now));
            return true;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            _nextWrite = now.Monotonic + WriteRetry;
            _notices.Add($"the last-known set can't be written to {_options.StateFile}: {fault.Message}");
            return false;
        }
    }

    private static bool AreEquivalent(SiteHolding written, SiteHolding state) =>
        ReferenceEquals(written.Set, state.Set) && written.Blank == state.Blank && written.Failsafes.Keys.ToHashSet().SetEquals(state.Failsafes.Keys)
        && written.LostUpstreams.Keys.ToHashSet().SetEquals(state.LostUpstreams.Keys);

    // A start without the hub goes by what the file says of this machine's clock: it must not say what is over.
    private bool IsClockElsewhere(SiteHolding state, Moment now) => Math.Abs((state.ClockAheadMsAt(now) ?? 0) - (_writtenAhead ?? 0)) > 1_000;

    private void HandlerFailed(string notice)
    {
        _metrics.HandlerFailed();
        _notices.Add(notice);
    }
}

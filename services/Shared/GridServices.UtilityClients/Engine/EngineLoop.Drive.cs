using System.Threading.Channels;
using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Storage;
using NodaTime;

namespace GridServices.UtilityClients.Engine;

/// <summary>
/// Drives one engine:
/// <code>
///   ┌▶ inbox ─▶ Next ─▶ send ─▶ Apply ─▶ [ state + journal + outbox: one commit ] ─┐
///   └──────────────────────────────────────────────────────────────────────────────┘
/// </code>
/// Nothing is sent to the utility before what led to it is on disk. An exchange that changes nothing writes nothing.
/// </summary>
public sealed partial class EngineLoop<TView, TConfig, TState, TInput, TKind> : EngineLoop
    where TView : EngineView<TConfig, TState, TKind>
    where TConfig : class
    where TState : class
    where TInput : class
    where TKind : struct, Enum
{
    private const int NotesKept = 50;
    private const string InternalFault = "an internal fault; see this service's log";

    private readonly EngineDependencies _with;
    private readonly IUtilityProtocol<TView, TConfig, TState, TInput, TKind> _protocol;
    private readonly Channel<EngineWork<TConfig, TInput, TKind>> _inbox =
        Channel.CreateUnbounded<EngineWork<TConfig, TInput, TKind>>(new UnboundedChannelOptions { SingleReader = true, AllowSynchronousContinuations = true });
    private readonly ITimer _alarmClock;
    private readonly EnginePersistence<TState> _disk;
    private IProtocolEngine<TView, TConfig, TState, TInput, TKind> _engine;
    private TState _state;
    private volatile TView _view;
    private volatile TConfig _claimed;
    private bool _removed;
    private int _changesWaiting;
    private CancellationToken _ending;

    /// <param name="dependencies">Store, journal, outbox, time.</param>
    /// <param name="protocol">The engine's protocol.</param>
    /// <param name="start">The engine and the state it starts from.</param>
    /// <param name="isStored">False: the engine is new and nothing of it is on disk.</param>
    /// <param name="fence">The number of this start (<see cref="EngineFence"/>); null: not checked.</param>
    public EngineLoop(
        EngineDependencies dependencies,
        IUtilityProtocol<TView, TConfig, TState, TInput, TKind> protocol,
        StoredEngine<TView, TConfig, TState, TInput, TKind> start,
        bool isStored,
        long? fence = null)
        : base(start.Id, protocol.Words.Title, dependencies.Log)
    {
        (_with, _protocol, _engine, _state, _claimed) = (dependencies, protocol, start.Engine, start.State, start.Engine.Config);
        _disk = new EnginePersistence<TState>(dependencies, protocol, Id, isStored ? _state : null, fence);
        _view = _engine.NewView(_state, dependencies.Clock.GetCurrentInstant());
        _alarmClock = dependencies.Time.CreateTimer(_ => _inbox.Writer.TryWrite(new EngineWork<TConfig, TInput, TKind>.Wake()), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        if (isStored)
        {
            OfferToStay();
        }

        if (isStored && _engine.NeedsResync(_state))
        {
            // What was received but not committed when the process died is lost to us.
            Offer(new EngineWork<TConfig, TInput, TKind>.Apply(_engine.Resync));
        }
    }

    public TView View => _view;

    /// <summary>The configuration in force, and the one on its way.</summary>
    public IEnumerable<TConfig> Claims => [_view.Config, _claimed];

    /// <summary>False for one that is being made: what it shows may be on disk, and may come to nothing.</summary>
    public bool IsStored => _disk.IsStored;

    /// <summary>True while a configuration or a removal waits or is being stored: <see cref="View"/> is not what was asked for last.</summary>
    public bool IsChanging => Volatile.Read(ref _changesWaiting) > 0;

    /// <summary>It ended because it was started elsewhere.</summary>
    public bool IsFenced => _disk.IsFenced;

    public override bool HasUnsaved => _disk.HasUnsaved(_view.State);

    public override UnsavedChanges? TryTakeUnsaved() => _disk.TryTakeUnsaved(() => _view.State);

    /// <summary>What waits for the write-behind, after a commit under way has ended; held until it is disposed; null where nothing waits.</summary>
    /// <exception cref="EngineFencedException">It was started elsewhere.</exception>
    public Task<UnsavedChanges?> TakeUnsavedAsync(CancellationToken ct) => _disk.TakeUnsavedAsync(() => _view.State, ct);

    /// <returns>False where the loop has ended.</returns>
    /// <exception cref="ProblemException">Eight people wait already behind a commit of which nobody knows whether it happened: nothing is begun (503).</exception>
    public bool Offer(EngineWork<TConfig, TInput, TKind> work)
    {
        // Whoever is told to ask again does so for as long as the store is away: what they all wanted would be done in one go, hours later.
        if (work.Hastens && _disk.IsOpen && Volatile.Read(ref _peopleWaiting) >= MostPeopleWaiting)
        {
            throw EngineWait.NotBegun();
        }

        if (work is EngineWork<TConfig, TInput, TKind>.Configure { Config: var config })
        {
            _claimed = config;
        }

        if (work.IsChange)
        {
            // Counted first: the work may be done before whoever hands it in goes on.
            Interlocked.Increment(ref _changesWaiting);
        }

        var taken = OfferAndHasten(work);
        if (work.IsChange && !taken)
        {
            Interlocked.Decrement(ref _changesWaiting);
        }

        if (work is EngineWork<TConfig, TInput, TKind>.Remove)
        {
            // A server that hangs can't keep an engine from being deleted.
            CutExchange();
        }

        return taken;
    }

    /// <summary>Hands in what a person wants, and waits until it is applied and, where it must be, stored.</summary>
    /// <exception cref="ProblemException">The engine ends; or it is not known within half a minute whether it was stored (see <see cref="EngineWait"/>).</exception>
    /// <exception cref="StoreUnavailableException">Nothing is changed.</exception>
    /// <exception cref="OperationCanceledException">The person has gone; what was wanted may be done all the same.</exception>
    public Task<IReadOnlyList<Note<TKind>>> SubmitAsync(TInput input, CancellationToken ct) =>
        EngineWait.ForAsync(HandInAsync(input, isPersons: true), _with.Time, ct);

    /// <summary>The same for one of our own, who waits as long as it takes; no exchange that hangs is cut for it.</summary>
    public Task<IReadOnlyList<Note<TKind>>> SubmitPatientlyAsync(TInput input, CancellationToken ct) => HandInAsync(input, isPersons: false).WaitAsync(ct);

    /// <summary>Runs until the engine is removed, was started elsewhere, or the service ends. A fault of one engine is logged, and its loop goes on.</summary>
    /// <param name="startAfter">How long to wait first.</param>
    /// <param name="ct">Ends the loop between two commits.</param>
    public async Task RunAsync(TimeSpan startAfter, CancellationToken ct)
    {
        _ending = ct;
        try
        {
            await Task.Delay(startAfter, _with.Time, ct);
            await StepUntilRemovedAsync(ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The service ends.
        }
        catch (EngineFencedException)
        {
            LogFenced();
        }
        finally
        {
            Close();
        }
    }

    internal static TaskCompletionSource<IReadOnlyList<Note<TKind>>> NewAnswer() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal async Task<IReadOnlyList<Note<TKind>>> AnswerAsync(TaskCompletionSource<IReadOnlyList<Note<TKind>>> done)
    {
        try
        {
            return await done.Task;
        }
        catch (OutcomeOpenException)
        {
            throw EngineWait.EndedOpen();
        }
        catch (OperationCanceledException)
        {
            throw BeingDeleted();
        }
    }

    internal ProblemException BeingDeleted() =>
        new(ErrorClass.Conflict, $"The {_protocol.Words.Name} '{Id.Key}' is being deleted, or the service ends; try again.");

    private Task<IReadOnlyList<Note<TKind>>> HandInAsync(TInput input, bool isPersons)
    {
        var done = NewAnswer();
        return Offer(new EngineWork<TConfig, TInput, TKind>.Apply(input, done) { IsPersons = isPersons }) ? AnswerAsync(done) : throw BeingDeleted();
    }

    protected override void Dispose(bool disposing)
    {
        _alarmClock.Dispose();
        _engine.Dispose();
        _disk.Dispose();
    }

    private async Task StepUntilRemovedAsync(CancellationToken ct)
    {
        var faults = 0;
        while (!_removed && !_leaves)
        {
            try
            {
                await StepAsync(ct);
                faults = 0;
            }
            catch (Exception e) when (e is not EngineFencedException && (e is not OperationCanceledException || !ct.IsCancellationRequested))
            {
                LogFault(e);
                _view = _view with { Faulted = true, Problem = InternalFault, ProblemSince = _view.ProblemSince ?? _with.Clock.GetCurrentInstant() };
                await Task.Delay(PauseAfter(++faults), _with.Time, ct);

                // What was received may be lost to us.
                Offer(new EngineWork<TConfig, TInput, TKind>.Apply(_engine.Resync));
            }
        }
    }

    private async Task StepAsync(CancellationToken ct)
    {
        while (!_removed && !ct.IsCancellationRequested && _inbox.Reader.TryRead(out var work))
        {
            await HandleAsync(work, ct);
        }

        ct.ThrowIfCancellationRequested();

        if (_removed || _leaves)
        {
            return;
        }

        if (_engine.Refreshed() is { } fresh)
        {
            await ReconfigureAsync(fresh, ct);
        }

        var now = _with.Clock.GetCurrentInstant();
        switch (_engine.Next(_state, now))
        {
            case EngineNext<TView, TInput>.Send send:
                await ExchangeAsync(send, isFarewell: false, ct);
                break;
            case EngineNext<TView, TInput>.WaitUntil { At: var at }:
                await WaitAsync(at, now, ct);
                break;
        }
    }

    /// <summary>Until then, or until something arrives; what is due by the clock alone (a control begins, an interval ends) is a tick.</summary>
    private async Task WaitAsync(Instant at, Instant now, CancellationToken ct)
    {
        if (at <= now && _engine.Tick is { } due)
        {
            // A pause, so that an engine that never has enough can't take a processor for itself.
            await ApplyAsync(due, patient: true, ct);
            await Task.Delay(EngineSleep.Shortest, _with.Time, ct);
            return;
        }

        _alarmClock.Change(EngineSleep.Until(at, now, SharedTick.GetPhase(_with.Time)), Timeout.InfiniteTimeSpan);
        await _inbox.Reader.WaitToReadAsync(ct);
        if (_engine.Tick is { } tick && _with.Clock.GetCurrentInstant() >= at)
        {
            await ApplyAsync(tick, patient: true, ct);
        }
    }

    /// <param name="input">For the engine.</param>
    /// <param name="patient">True: while the store is away, wait for it (the input can't be had again). False: give up and say so.</param>
    /// <param name="ct">The service ends.</param>
    private async Task<IReadOnlyList<Note<TKind>>> ApplyAsync(TInput input, bool patient, CancellationToken ct)
    {
        var now = _with.Clock.GetCurrentInstant();
        var step = _engine.Apply(_state, input, now, Seed());
        HitStep("after-apply", step.Publications.Count);
        if (step.MustStore)
        {
            await CommitAsync(step, patient, null, now, ct);
        }

        Update(_engine, step, now);
        return step.Notes;
    }

    private void Update(IProtocolEngine<TView, TConfig, TState, TInput, TKind> engine, EngineStep<TState, TKind> step, Instant now)
    {
        (_engine, _state) = (engine, step.State);
        IReadOnlyList<TimedNote<TKind>> notes = _view.Notes;
        if (step.Notes.Count > 0)
        {
            notes = [.. notes.Concat(step.Notes.Select(n => new TimedNote<TKind>(now, n.Level, n.Kind, n.Class, n.About, SafeText.Line(n.Text)))).TakeLast(NotesKept)];
            foreach (var note in step.Notes)
            {
                LogNote(note, _protocol.Words.About);
            }
        }

        _view = engine.Show(_view with { Config = engine.Config, State = step.State, Notes = notes });
    }
}

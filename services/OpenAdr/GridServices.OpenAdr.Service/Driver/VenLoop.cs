using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Threading.Channels;
using GridServices.Hosting;
using GridServices.OpenAdr.Service.Storage;
using NodaTime;

namespace GridServices.OpenAdr.Service.Driver;

/// <summary>
/// Drives one VEN:
/// <code>
///   ┌▶ inbox ─▶ Ven.Next ─▶ post ─▶ Ven.Apply ─▶ [ state + journal + outbox: one commit ] ─┐
///   └──────────────────────────────────────────────────────────────────────────────────────┘
/// </code>
/// Nothing is sent to the VTN before what led to it is on disk. An exchange that changes nothing writes nothing.
/// </summary>
internal sealed partial class VenLoop : IDisposable
{
    private const int NotesKept = 50;
    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ShortestSleep = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestPauseAfterFault = TimeSpan.FromMinutes(1);

    private readonly VenShell _shell;
    private readonly ILogger _log;
    private readonly Channel<VenWork> _inbox = Channel.CreateUnbounded<VenWork>(new UnboundedChannelOptions { SingleReader = true, AllowSynchronousContinuations = true });
    private readonly ITimer _alarmClock;
    private readonly VenOnDisk _disk;
    private VenConfig _config;
    private VenLine _line;
    private VenState _state;
    private volatile VenView _view;
    private volatile VenConfig _claimed;
    private CancellationTokenSource? _exchange;
    private bool _removed;

    public VenLoop(VenShell shell, StoredVen ven, bool isStored)
    {
        (_shell, _log, Id, _config, _claimed, _state) = (shell, shell.Log, ven.Id, ven.Config, ven.Config, ven.State);
        _disk = new VenOnDisk(shell, Id, isStored ? ven.State : null);
        _line = new VenLine(ven.Config);
        _view = new VenView { Id = Id, Config = _config, State = _state, Since = shell.Clock.GetCurrentInstant() };
        _alarmClock = shell.Time.CreateTimer(_ => _inbox.Writer.TryWrite(VenWork.Wake.Now), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public VenId Id { get; }

    public VenView View => _view;

    /// <summary>The configuration in force, and the one on its way.</summary>
    public IEnumerable<VenConfig> Claims => [_view.Config, _claimed];

    public ReceiptMemory Receipts { get; } = new();

    /// <returns>False where the loop has ended.</returns>
    public bool Offer(VenWork work)
    {
        if (work is VenWork.Configure { Config: var config })
        {
            _claimed = config;
        }

        var taken = _inbox.Writer.TryWrite(work);
        if (work is VenWork.Remove)
        {
            // A VTN that hangs can't hold a VEN in being.
            Interlocked.Exchange(ref _exchange, null)?.Cancel();
        }

        return taken;
    }

    public bool HasUnsaved => _disk.HasUnsaved(_view.State);

    public VenOnDisk.Unsaved? TryTakeUnsaved() => _disk.TryTakeUnsaved(() => _view.State);

    /// <summary>Runs until the VEN is removed or the service ends. A fault of one VEN is its own: it is logged and the loop goes on.</summary>
    public async Task RunAsync(TimeSpan startAfter, CancellationToken ct)
    {
        var faults = 0;
        try
        {
            await Task.Delay(startAfter, _shell.Time, ct);
            while (!_removed)
            {
                try
                {
                    await StepAsync(ct);
                    faults = 0;
                }
                catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
                {
                    LogFault(Id, e);
                    _view = _view with { Faulted = true };
                    await Task.Delay(PauseAfter(++faults), _shell.Time, ct);

                    // What was being taken in may be lost to us: ask for all events anew.
                    Offer(new VenWork.Take(new VenInput.OperatorAction(VenAction.RequestEvents), null));
                }
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The service ends.
        }
        finally
        {
            Close();
        }
    }

    public void Dispose()
    {
        _alarmClock.Dispose();
        _disk.Dispose();
    }

    private static TimeSpan PauseAfter(int faults) =>
        TimeSpan.FromSeconds(Math.Min(LongestPauseAfterFault.TotalSeconds, Math.Pow(2, Math.Min(faults - 1, 10))));

    private async Task StepAsync(CancellationToken ct)
    {
        while (!_removed && _inbox.Reader.TryRead(out var work))
        {
            await HandleAsync(work, ct);
        }

        if (_removed)
        {
            return;
        }

        var now = _shell.Clock.GetCurrentInstant();
        switch (Ven.Next(_config, _state, now))
        {
            case VenNext.SendRequest request:
                await ExchangeAsync(request, ct);
                break;
            case VenNext.WaitUntil { At: var at }:
                _alarmClock.Change(SleepUntil(at, now), Timeout.InfiniteTimeSpan);
                await _inbox.Reader.WaitToReadAsync(ct);
                break;
        }
    }

    /// <summary>Never longer than half a minute: the wall clock may be set while the timer runs. A little late, so that many VENs don't march in step.</summary>
    private static TimeSpan SleepUntil(Instant at, Instant now)
    {
        if (at - now >= Duration.FromTimeSpan(LongestSleep))
        {
            return LongestSleep;
        }

        var sleep = (at - now).ToTimeSpan();
        var jitter = TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(0, 1 + (int)Math.Min(25, Math.Max(0, sleep.TotalMilliseconds / 50))));
        return sleep + jitter > ShortestSleep ? sleep + jitter : ShortestSleep;
    }

    private async Task HandleAsync(VenWork work, CancellationToken ct)
    {
        switch (work)
        {
            case VenWork.Take { Input: var input, Done: var done }:

                // Only people can be told to come again; readings and our own orders can't be had a second time.
                await AnswerAsync(done, () => ApplyAsync(input, patient: done is null || input is VenInput.ReadingsArrived, ct));
                break;
            case VenWork.Configure { Config: var config, Done: var done }:
                await AnswerAsync(done, () => ConfigureAsync(config, ct));
                break;
            case VenWork.Remove { Done: var done }:
                await AnswerAsync(done, () => RemoveAsync(ct));
                break;
        }
    }

    /// <summary>Whoever ordered the work hears how it ended; a refusal of the store is theirs and no fault of the loop.</summary>
    private static async Task AnswerAsync(TaskCompletionSource<IReadOnlyList<VenNote>>? done, Func<Task<IReadOnlyList<VenNote>>> work)
    {
        try
        {
            var notes = await work();
            done?.TrySetResult(notes);
        }
        catch (Exception e) when (done is not null)
        {
            done.TrySetException(e);
        }
    }

    /// <param name="input">For the engine.</param>
    /// <param name="patient">True: while the store is away, wait for it with the input in hand (it can't be had again). False: give up and say so.</param>
    /// <param name="ct">The service ends.</param>
    private async Task<IReadOnlyList<VenNote>> ApplyAsync(VenInput input, bool patient, CancellationToken ct)
    {
        var now = _shell.Clock.GetCurrentInstant();
        var step = Ven.Apply(_config, _state, input, now, Seed());
        CrashPoint.Hit("after-apply");
        if (step.MustStore && !(input is VenInput.ReadingsArrived && VenStore.OnlyPointsDiffer(_state, step.State)))
        {
            await CommitAsync(step, patient, null, now, ct);
        }

        Become(_config, step, now);
        return step.Notes;
    }

    private async Task<IReadOnlyList<VenNote>> ConfigureAsync(VenConfig config, CancellationToken ct)
    {
        var now = _shell.Clock.GetCurrentInstant();
        var step = Ven.Apply(config, _state, new VenInput.ConfigChanged(_disk.IsStored ? _config : null), now, Seed());
        await CommitAsync(step, patient: false, tx => VenStore.SaveConfigAsync(tx, Id, config, now), now, ct);
        _line = new VenLine(config);
        Become(config, step, now);
        return step.Notes;
    }

    private async Task<IReadOnlyList<VenNote>> RemoveAsync(CancellationToken ct)
    {
        await SayGoodbyeAsync(ct);
        var now = _shell.Clock.GetCurrentInstant();
        var step = Ven.Apply(_config, _state, new VenInput.Removed(), now, Seed());
        await CommitAsync(step, patient: false, tx => VenStore.DeleteConfigAsync(tx, Id), now, ct);
        Become(_config, step, now);
        _removed = true;
        return step.Notes;
    }

    /// <summary>State, journal and publications in one transaction; only then does anything of it show.</summary>
    private async Task CommitAsync(VenStep step, bool patient, Func<System.Data.Common.DbTransaction, Task>? also, Instant now, CancellationToken ct)
    {
        var items = _shell.Publisher.Items(Id, step.Publications, now);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await _disk.WriteAsync(step.State, items, also, now, ct);
                break;
            }
            catch (StoreUnavailableException e) when (patient)
            {
                LogStoreAway(Id, OneLine.Of(e.Message), attempt);
                await Task.Delay(PauseAfter(attempt), _shell.Time, ct);
            }
        }

        CrashPoint.Hit("after-commit");
        if (items.Count > 0)
        {
            _shell.Outbox.Wake();
            _shell.Metrics.Published(items.Count);
        }
    }

    private void Become(VenConfig config, VenStep step, Instant now)
    {
        _config = config;
        _state = step.State;
        IReadOnlyList<TimedNote> notes = _view.Notes;
        if (step.Notes.Count > 0)
        {
            notes = [.. notes.Concat(step.Notes.Select(n => new TimedNote(now, n.Level, n.Kind, n.EventId, OneLine.Of(n.Text)))).TakeLast(NotesKept)];
            foreach (var note in step.Notes)
            {
                LogNote(note);
            }
        }

        _view = _view with { Config = config, State = step.State, Notes = notes };
    }

    private static ulong Seed()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    /// <summary>Nobody is left waiting for a loop that has ended.</summary>
    private void Close()
    {
        _inbox.Writer.TryComplete();
        while (_inbox.Reader.TryRead(out var work))
        {
            var done = work switch
            {
                VenWork.Take take => take.Done,
                VenWork.Configure configure => configure.Done,
                VenWork.Remove remove => remove.Done,
                _ => null,
            };
            done?.TrySetCanceled();
        }
    }
}

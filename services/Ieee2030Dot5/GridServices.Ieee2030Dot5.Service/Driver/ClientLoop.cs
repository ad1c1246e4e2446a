using System.Buffers.Binary;
using System.Data.Common;
using System.Security.Cryptography;
using System.Threading.Channels;
using GridServices.Hosting;
using GridServices.Ieee2030Dot5.Service.Storage;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Driver;

/// <summary>
/// Drives one client:
/// <code>
///   ┌▶ inbox ─▶ DerClient.Next ─▶ send ─▶ DerClient.Apply ─▶ [ state + journal + outbox: one commit ] ─┐
///   └──────────────────────────────────────────────────────────────────────────────────────────────────┘
/// </code>
/// Nothing is sent to the server before what led to it is on disk. An exchange that changes nothing writes nothing.
/// </summary>
internal sealed partial class ClientLoop : IDisposable
{
    private const int NotesKept = 50;
    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ShortestSleep = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestPauseAfterFault = TimeSpan.FromMinutes(1);

    private readonly ClientShell _shell;
    private readonly ILogger _log;
    private readonly Channel<ClientWork> _inbox = Channel.CreateUnbounded<ClientWork>(new UnboundedChannelOptions { SingleReader = true, AllowSynchronousContinuations = true });
    private readonly ITimer _alarmClock;
    private readonly ClientOnDisk _disk;
    private StoredClient _client;
    private ClientLine _line;
    private DerClientConfig _engine;
    private volatile ClientView _view;
    private volatile DerClientConfig _claimed;
    private CancellationTokenSource? _exchange;
    private bool _removed;

    public ClientLoop(ClientShell shell, StoredClient client, bool isStored)
    {
        (_shell, _log, _client, _claimed) = (shell, shell.Log, client, client.Config);
        _disk = new ClientOnDisk(shell, client.Id, isStored ? client.State : null);
        _line = new ClientLine(client.Config, client.NotificationId, shell);
        _engine = _line.ForEngine(client.Lfdi);
        _view = new ClientView
        {
            Id = client.Id,
            Config = client.Config,
            Engine = _engine,
            NotificationId = client.NotificationId,
            State = client.State,
            Lfdi = client.Lfdi,
            Since = shell.Clock.GetCurrentInstant(),
        };
        _alarmClock = shell.Time.CreateTimer(_ => _inbox.Writer.TryWrite(ClientWork.Wake.Now), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public ClientId Id => _view.Id;

    public ClientView View => _view;

    /// <summary>The configuration in force, and the one on its way.</summary>
    public IEnumerable<DerClientConfig> Claims => [_view.Config, _claimed];

    public bool HasUnsaved => _disk.HasUnsaved(_view.State);

    public ClientOnDisk.Unsaved? TryTakeUnsaved() => _disk.TryTakeUnsaved(() => _view.State);

    /// <returns>False where the loop has ended.</returns>
    public bool Offer(ClientWork work)
    {
        if (work is ClientWork.Configure { Config: var config })
        {
            _claimed = config;
        }

        var taken = _inbox.Writer.TryWrite(work);
        if (work is ClientWork.Remove)
        {
            // A server that hangs can't hold a client in being.
            Interlocked.Exchange(ref _exchange, null)?.Cancel();
        }

        return taken;
    }

    /// <summary>Runs until the client is removed or the service ends. A fault of one client is its own: it is logged and the loop goes on.</summary>
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

                    // What was being taken in may be lost to us: read everything anew.
                    Offer(new ClientWork.Take(new DerInput.Started(), null));
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
        _line.Dispose();
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

        await FollowIdentityAsync(ct);
        var now = _shell.Clock.GetCurrentInstant();
        switch (DerClient.Next(_engine, _client.State, now))
        {
            case DerNext.SendRequest request:
                await ExchangeAsync(request, ct);
                break;
            case DerNext.WaitUntil { At: var at }:
                await WaitAsync(at, now, ct);
                break;
        }
    }

    /// <summary>Until then, or until something arrives; what falls due by the clock alone (a control begins, an interval ends) is a tick.</summary>
    private async Task WaitAsync(Instant at, Instant now, CancellationToken ct)
    {
        if (at <= now)
        {
            // A pause, so that an engine that never has enough can't take a processor for itself.
            await ApplyAsync(new DerInput.Tick(), patient: true, ct);
            await Task.Delay(ShortestSleep, _shell.Time, ct);
            return;
        }

        _alarmClock.Change(SleepUntil(at, now), Timeout.InfiniteTimeSpan);
        await _inbox.Reader.WaitToReadAsync(ct);
        if (_shell.Clock.GetCurrentInstant() >= at)
        {
            await ApplyAsync(new DerInput.Tick(), patient: true, ct);
        }
    }

    /// <summary>Never longer than half a minute, a little late, so that many clients don't march in step.</summary>
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

    private async Task HandleAsync(ClientWork work, CancellationToken ct)
    {
        switch (work)
        {
            case ClientWork.Take { Input: var input, Done: var done }:

                // Only people can be told to come again; readings and notifications can't be had a second time.
                await AnswerAsync(done, () => ApplyAsync(input, patient: done is null || input is DerInput.ReadingsArrived, ct));
                break;
            case ClientWork.Notified { Body: var body }:
                await NotifyAsync(body, ct);
                break;
            case ClientWork.Configure { Config: var config, Done: var done }:
                await AnswerAsync(done, () => ConfigureAsync(config, ct));
                break;
            case ClientWork.Remove { Done: var done }:
                await AnswerAsync(done, () => RemoveAsync(ct));
                break;
        }
    }

    /// <summary>Whoever ordered the work hears how it ended; a refusal of the store is theirs and no fault of the loop.</summary>
    private static async Task AnswerAsync(TaskCompletionSource<IReadOnlyList<DerNote>>? done, Func<Task<IReadOnlyList<DerNote>>> work)
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
    private async Task<IReadOnlyList<DerNote>> ApplyAsync(DerInput input, bool patient, CancellationToken ct)
    {
        var now = _shell.Clock.GetCurrentInstant();
        var step = DerClient.Apply(_engine, _client.State, input, now, Seed());
        HitStep("after-apply", step.Publications.Count);
        if (step.MustStore)
        {
            await CommitAsync(step, patient, null, now, ct);
        }

        Become(_client with { State = step.State }, step, now);
        return step.Notes;
    }

    private async Task<IReadOnlyList<DerNote>> ConfigureAsync(DerClientConfig config, CancellationToken ct)
    {
        var fresh = new ClientLine(config, _client.NotificationId, _shell);
        try
        {
            var lfdi = fresh.Lfdi(null);
            var notes = await ReconfigureAsync(_client with { Config = config, Lfdi = lfdi }, fresh.ForEngine(lfdi), ct);
            (fresh, _line) = (_line, fresh);
            return notes;
        }
        finally
        {
            fresh.Dispose();
        }
    }

    /// <summary>A certificate was exchanged on disk: from now on we are somebody else, and must find or register ourselves anew.</summary>
    private async Task FollowIdentityAsync(CancellationToken ct)
    {
        var lfdi = _line.Lfdi(_client.Lfdi);
        if (!string.Equals(lfdi, _client.Lfdi, StringComparison.OrdinalIgnoreCase))
        {
            LogNewIdentity(Id, _client.Lfdi, lfdi);
            await ReconfigureAsync(_client with { Lfdi = lfdi }, _line.ForEngine(lfdi), ct);
        }
    }

    private async Task<IReadOnlyList<DerNote>> ReconfigureAsync(StoredClient client, DerClientConfig engine, CancellationToken ct)
    {
        var now = _shell.Clock.GetCurrentInstant();
        var step = DerClient.Apply(engine, client.State, new DerInput.ConfigChanged(_disk.IsStored ? _engine : null), now, Seed());
        await CommitAsync(step, patient: false, tx => ClientStore.SaveConfigAsync(tx, client, now), now, ct);
        _engine = engine;
        Become(client with { State = step.State }, step, now);
        return step.Notes;
    }

    private async Task<IReadOnlyList<DerNote>> RemoveAsync(CancellationToken ct)
    {
        var now = _shell.Clock.GetCurrentInstant();
        var step = DerClient.Apply(_engine, _client.State, new DerInput.Removed(), now, Seed());
        await CommitAsync(step, patient: false, tx => ClientStore.DeleteConfigAsync(tx, Id), now, ct);
        Become(_client with { State = step.State }, step, now);
        _removed = true;
        return step.Notes;
    }

    /// <summary>State, journal and publications in one transaction; only then does anything of it show.</summary>
    private async Task CommitAsync(DerStep step, bool patient, Func<DbTransaction, Task>? also, Instant now, CancellationToken ct)
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

        HitStep("after-commit", items.Count);
        if (items.Count > 0)
        {
            _shell.Outbox.Wake();
            _shell.Metrics.Published(items.Count);
        }
    }

    private void Become(StoredClient client, DerStep step, Instant now)
    {
        _client = client;
        IReadOnlyList<TimedNote> notes = _view.Notes;
        if (step.Notes.Count > 0)
        {
            notes = [.. notes.Concat(step.Notes.Select(n => new TimedNote(now, n.Level, n.Kind, n.Class, n.About is null ? null : OneLine.Of(n.About), OneLine.Of(n.Text)))).TakeLast(NotesKept)];
            foreach (var note in step.Notes)
            {
                LogNote(note);
            }
        }

        _view = _view with { Config = client.Config, Engine = _engine, State = client.State, Lfdi = client.Lfdi, Notes = notes };
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
            work.Answer?.TrySetCanceled();
        }
    }
}

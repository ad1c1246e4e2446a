using System.Collections.Concurrent;
using System.Threading.Channels;
using GridServices.FrequencyResponse.Performance;
using GridServices.FrequencyResponse.Service.HotPath;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.FrequencyResponse.Service.Storage;
using GridServices.FrequencyResponse.Service.Telemetry;
using GridServices.Hosting.Health;

namespace GridServices.FrequencyResponse.Service.Recording;

/// <summary>
/// Empties the rings of the hot path on a thread of its own: settlement, activations, evidence. What has to be stored or published
/// goes on to <see cref="Happenings"/>.
/// </summary>
internal sealed partial class Recorder(
    PoolTable pools, PoolHost host, RecorderSignal signal, SetpointFeed feed, EvidenceLogs evidence, AssetMeters meters, Reservoirs reservoirs, FrequencyMetrics metrics,
        ActivationStore activations, ReservoirStore stored, Liveness liveness, ILogger<Recorder> log) : IHostedService
{
    private const int WaitMs = 20;
    private static readonly TimeSpan StuckAfter = TimeSpan.FromSeconds(30);
    private readonly Channel<RecordedEvent> _happenings = Channel.CreateUnbounded<RecordedEvent>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ConcurrentDictionary<EntryId, PoolRecorder> _recorders = new();
    private IReadOnlyDictionary<EntryId, Activation> _unended = new Dictionary<EntryId, Activation>();
    private Thread? _thread;
    private TurnStep[]? _steps;
    private volatile bool _stopping;
    private readonly HashSet<object> _failing = new(ReferenceEqualityComparer.Instance);

    public ChannelReader<RecordedEvent> Happenings => _happenings.Reader;

    public ContractRecorder? Find(Pool pool, string contract) =>
        _recorders.TryGetValue(pool.Spec.Id, out var held) && ReferenceEquals(held.Pool, pool) ? held.Contracts.FirstOrDefault(c => c.Key == contract) : null;

    /// <summary>Minutes that run, as far as they are settled, of the tenants for which this process speaks.</summary>
    public IEnumerable<(EntryId Contract, PeriodRecord Minute)> Open() =>
        from pool in pools.All
        where host.IsWriter(pool.Spec.Id.Tenant)
        from contract in pool.Spec.Contracts
        let open = Find(pool, contract.Key)?.Open
        where open is not null
        select (new EntryId(pool.Spec.Id.Tenant, contract.Key), open);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _unended = await activations.UnendedAsync(cancellationToken);
        reservoirs.Load(await stored.LoadAsync(cancellationToken));
        _thread = new Thread(Run) { Name = "recorder", IsBackground = true };
        _thread.Start();
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _stopping = true;
        signal.Event.Set();
        _thread?.Join();
        _happenings.Writer.TryComplete();
        return Task.CompletedTask;
    }

    private void Run()
    {
        using var beat = liveness.Watch("recorder", StuckAfter);
        while (!_stopping)
        {
            beat.Beat();
            Try(this, Round);
            signal.Event.WaitOne(WaitMs);
        }

        Try(this, Round);
        foreach (var recorder in _recorders.Values)
        {
            // What was not delivered in the last minute is part of its period, too.
            Try(recorder, () => recorder.Close(_ => true, OnRecorded));
        }

        Try(meters, meters.Close);
        Try(evidence, evidence.Close);
    }

    /// <summary>What can't be recorded must not end the process, and with it the response, nor keep the other pools from being recorded; told once until it can.</summary>
    private void Try(object whose, Action part)
    {
        try
        {
            part();
            _failing.Remove(whose);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            if (_failing.Add(whose))
            {
                LogUnprocessed(log, fault);
            }
        }
    }

    private void Round()
    {
        // The last turns of a pool that is gone are part of its record, too.
        var all = pools.All;
        foreach (var gone in _recorders.Values.Where(r => !all.Contains(r.Pool)))
        {
            Try(gone, () =>
            {
                Process(gone);
                if (Array.Find(all, p => p.Spec.Id == gone.Pool.Spec.Id) is null)
                {
                    gone.Close(_ => true, OnRecorded);
                    meters.Close(gone.Pool.Spec.Id);
                }
            });
        }

        foreach (var pool in all)
        {
            Try(pool, () => Process(GetOrAddRecorder(pool)));
        }

        evidence.Maintain();
    }

    private void Process(PoolRecorder recorder)
    {
        var (pool, sent) = (recorder.Pool, false);
        var steps = _steps ??=
        [
            (PoolRecorder recorder, in HotRecord record) => recorder.Process(record, OnRecorded),
            (PoolRecorder recorder, in HotRecord record) => meters.Process(recorder.Pool, record),
            (PoolRecorder recorder, in HotRecord record) => reservoirs.Process(recorder.Pool, record, OnRecorded),
            (PoolRecorder recorder, in HotRecord record) => evidence.Process(recorder.Pool, record),
            (PoolRecorder _, in HotRecord record) => metrics.Recorded(record),
        ];
        while (pool.Ring.TryRead(out var record))
        {
            TurnSteps.Run(steps, recorder, record, Lost);
            sent |= record.SentNanos != 0;
        }

        if (sent)
        {
            feed.Changed();
        }
    }

    private PoolRecorder GetOrAddRecorder(Pool pool)
    {
        if (_recorders.TryGetValue(pool.Spec.Id, out var held) && ReferenceEquals(held.Pool, pool))
        {
            return held;
        }

        var path = host.Entries.Sources.TryGetValue(new EntryId(pool.Spec.Id.Tenant, pool.Spec.Sources[0]), out var source) ? source.Path.ToInt64Nanoseconds() : 0;
        var running = held is not null
            ? held.Contracts.Where(c => c.Tracker.Running is not null).ToDictionary(c => c.Key, c => c.Tracker.Running!)
            : _unended.Where(u => u.Key.Tenant == pool.Spec.Id.Tenant).ToDictionary(u => u.Key.Key, u => u.Value);
        var recorder = new PoolRecorder(pool, path, running, held?.Contracts);
        held?.Close(c => !recorder.Contracts.Contains(c), OnRecorded);
        return _recorders[pool.Spec.Id] = recorder;
    }

    /// <summary>One turn that can't be recorded must not stop the record of those after it.</summary>
    private void Lost(PoolRecorder recorder, Exception fault) => LogLost(log, recorder.Pool.Spec.Id.ToString(), fault);

    private void OnRecorded(RecordedEvent happening)
    {
        if (happening is RecordedEvent.Activated { Activation.EndedAt: null })
        {
            metrics.Activated();
        }

        _happenings.Writer.TryWrite(happening);
    }

    [LoggerMessage(EventIds.RecorderUnprocessed, LogLevel.Error, "What the pools did can't be recorded now; it is tried again")]
    private static partial void LogUnprocessed(ILogger logger, Exception fault);

    [LoggerMessage(EventIds.RecorderLost, LogLevel.Error, "A turn of pool {Pool} could not be recorded")]
    private static partial void LogLost(ILogger logger, string pool, Exception fault);
}

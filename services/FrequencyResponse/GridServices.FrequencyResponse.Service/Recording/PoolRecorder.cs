using GridServices.FrequencyResponse.Service.HotPath;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Registry;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Recording;

/// <summary>Takes a pool's turns in their order and says what is to be done about them. The recorder's thread only.</summary>
internal sealed class PoolRecorder
{
    private readonly TargetThrottle _throttle;
    private readonly EntryId _id;

    /// <param name="pool">The pool.</param>
    /// <param name="pathNanos">From the grid to the arrival of a sample, of the preferred source.</param>
    /// <param name="running">Activations that had not ended when the service did, by contract.</param>
    /// <param name="before">Of the pool before its settings were changed: a contract that is the same goes on.</param>
    public PoolRecorder(Pool pool, long pathNanos, IReadOnlyDictionary<string, Activation> running, IReadOnlyList<ContractRecorder>? before = null)
    {
        Pool = pool;
        _id = pool.Spec.Id;
        _throttle = new TargetThrottle(pool.Spec.Contracts.Sum(c => (double)c.QuantityW));
        var holdsStore = pool.Spec.Config.Settings.Energy is not null;
        Contracts = [.. pool.Spec.Contracts.Select(c => before?.FirstOrDefault(b => b.Continues(c, pathNanos, Periods.GetLength(c), holdsStore)) ?? Begin(c))];

        ContractRecorder Begin(PoolContract contract)
        {
            var recorder = new ContractRecorder(contract, pathNanos, Periods.GetLength(contract), holdsStore);
            if (running.TryGetValue(contract.Key, out var lasts))
            {
                recorder.Tracker.Resume(lasts);
            }

            return recorder;
        }
    }

    /// <summary>Nothing more comes of these contracts: what is left of their last minutes is told.</summary>
    public void Close(Func<ContractRecorder, bool> which, Action<RecordedEvent> happened)
    {
        foreach (var contract in Contracts.Where(which))
        {
            foreach (var slice in contract.Close())
            {
                happened(new RecordedEvent.Minute(_id, contract.Key, slice, contract.Compliance));
            }
        }
    }

    public Pool Pool { get; }

    public IReadOnlyList<ContractRecorder> Contracts { get; }

    public void Process(in HotRecord record, Action<RecordedEvent> happened)
    {
        var (began, lasts) = (false, false);
        List<(string Contract, Activation Activation)>? changed = null;
        for (var i = 0; i < Contracts.Count; i++)
        {
            var contract = Contracts[i];
            var service = record.Output.Services[i];
            if (contract.Process(service, record) is { } slice)
            {
                happened(new RecordedEvent.Minute(_id, contract.Key, slice, contract.Compliance));
            }

            if (contract.Tracker.Process(service, record) is { } activation)
            {
                (changed ??= []).Add((contract.Key, activation));
                began = true;
            }

            lasts |= contract.Tracker.Running is not null;
        }

        var target = TargetW(record);
        if (_throttle.TryAcquire(target ?? 0, record.NowNanos, lasts, began))
        {
            Report(Target(record, target), changed, happened);
        }
    }

    private void Report(PoolTarget target, List<(string Contract, Activation Activation)>? changed, Action<RecordedEvent> happened)
    {
        foreach (var (contract, activation) in changed ?? [])
        {
            happened(new RecordedEvent.Activated(_id, contract, activation, target));
        }

        if (changed is null)
        {
            happened(new RecordedEvent.Moved(_id, target));
        }
    }

    private PoolTarget Target(in HotRecord record, long? target)
    {
        var responses = new double[Contracts.Count];
        for (var i = 0; i < responses.Length; i++)
        {
            responses[i] = record.Output.Services[i].ResponseW;
        }

        var at = Instant.FromUnixTimeTicks(record.WallNanos / NodaConstants.NanosecondsPerTick);
        return new PoolTarget(
            target, responses, [.. Contracts.Select(c => c.Tracker.Running?.Id)], at,
            record.HasSample ? at - Duration.FromNanoseconds(Math.Max(0, record.NowNanos - record.Sample.ReceivedNanos)) : null);
    }

    /// <summary>An envelope counts + = import; what was sent is + = injection.</summary>
    private static long? TargetW(in HotRecord record) =>
        (record.Output.Reasons & (ControlReasons.DeviceDefault | ControlReasons.NotWriter)) != ControlReasons.None ? null
        : record.Output.Dispatch ? -record.GivenW
        : -(long)Math.Round(record.Output.PowerW);
}

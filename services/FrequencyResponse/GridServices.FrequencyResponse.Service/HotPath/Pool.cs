using System.Runtime.InteropServices;
using GridServices.FrequencyResponse.Allocation;
using GridServices.FrequencyResponse.Frames;
using GridServices.FrequencyResponse.Measurement;
using GridServices.FrequencyResponse.Safety;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Setpoints;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.HotPath;

/// <summary>
/// A pool on the hot path. A source's own thread steps it at each sample, the watchdog when no sample comes; nothing else waits on it.
/// <code>
/// sample ─▶ controller ─▶ split over assets ─▶ datagrams ─▶ ring ─▶ recorder (evidence, settlement, envelopes)
/// </code>
/// No allocation, no I/O but the datagrams.
/// </summary>
internal sealed class Pool : IDisposable
{
    private const int RingSize = 2_048;
    private readonly Lock _gate = new();
    private readonly MonotonicClock _clock;
    private readonly IClock _wall;
    private readonly EventWaitHandle _recorder;
    private readonly int[] _setpoints;
    private readonly SetpointSender _sender;
    private ControllerState _state;
    private AllocationPlan _plan;
    private AllocationMemory _stairs;
    private ControllerOutput _last;
    private long _due;
    private long _given;
    private ToldPower _told;
    private ToldPower _toldSince;
    private long _sequence;
    private long _decidedNanos;
    private bool _closed;
    private bool _owed;
    private ControllerState _marked;
    private volatile Mark _mark = Mark.Wanted;

    public Pool(PoolSpec spec, ControllerState state, AllocationPlan plan, SetpointSender sender, MonotonicClock clock, IClock wall, EventWaitHandle recorder)
    {
        (Spec, _state, _plan, _sender, _clock, _wall, _recorder) = (spec, state, plan, sender, clock, wall, recorder);
        _setpoints = new int[spec.Assets.Count];
        Switching = new Switching(spec.Assets.Count);
        Ring = new HotRing<HotRecord>(RingSize);
        _due = clock.Nanos;
    }

    public PoolSpec Spec { get; }

    /// <summary>When its assets went on and off; off the hot path.</summary>
    public Switching Switching { get; }

    /// <summary>Written by whoever steps the pool, read by the recorder.</summary>
    public HotRing<HotRecord> Ring { get; }

    /// <summary>When the next step is due without a sample.</summary>
    public long DueNanos => Volatile.Read(ref _due);

    /// <summary>The controller's memory before the turn that was marked; stands until <see cref="WantMark"/>.</summary>
    public ControllerState Marked => _marked;

    /// <summary>Rises with every decision that was sent.</summary>
    public long Sequence => Volatile.Read(ref _sequence);

    /// <summary>Datagrams of set-points that the system did not take.</summary>
    public long LostDatagrams => _sender.Lost;

    /// <summary>When the last decision was sent.</summary>
    public Instant DecidedAt => Instant.FromUnixTimeTicks(Volatile.Read(ref _decidedNanos) / NodaConstants.NanosecondsPerTick);

    /// <summary>The recorder is to be given the memory before some turn to come, so that it can begin a segment there.</summary>
    public void WantMark() => _mark = Mark.Wanted;

    /// <summary>A sample arrived.</summary>
    /// <param name="sample">With the source's index in this pool.</param>
    /// <param name="more">A newer one waits: this one is judged and remembered, its power is not sent any more.</param>
    public void Process(in FrequencySample sample, bool more)
    {
        _gate.Enter();
        try
        {
            if (!_closed)
            {
                Step(sample, more);
            }
        }
        finally
        {
            _gate.Exit();
        }
    }

    /// <summary>No sample came in time: holds, ramps, lets go, ends windows.</summary>
    public void Tick()
    {
        _gate.Enter();
        try
        {
            // A sample may have come while we waited.
            if (!_closed && _clock.Nanos >= _due)
            {
                Step(null, more: false);
            }
        }
        finally
        {
            _gate.Exit();
        }
    }

    /// <summary>What is known of the pool changed.</summary>
    public void Set(in SiteConditions conditions, AllocationPlan plan)
    {
        lock (_gate)
        {
            _state = _state.With(conditions);
            _plan = plan;
        }
    }

    /// <summary>The right to command is renewed, or ends, at once. A new one comes with what is known then.</summary>
    public void Renew(WriterLease lease)
    {
        lock (_gate)
        {
            if (lease == WriterLease.None || lease.Token == _state.Site.Lease.Token)
            {
                _state = _state.With(_state.Site with { Lease = lease });
            }
        }
    }

    /// <summary>What is known of its own power; one pool hands it on to the next on the same assets.</summary>
    public RestOfSite Rest { get; init; } = new();

    /// <summary>What others leave of the site's connection, as it was worked out last.</summary>
    public PoolRoom Room { get; set; } = PoolRoom.Unlimited;

    /// <summary>All that held since the last look; null: it commands nothing, and its assets do as they like.</summary>
    public ToldPower? ToldSince()
    {
        lock (_gate)
        {
            var since = _toldSince;
            _toldSince = _told;
            return _sequence == 0 || (_last.Reasons & (ControlReasons.DeviceDefault | ControlReasons.NotWriter)) != ControlReasons.None ? null : since;
        }
    }

    /// <summary>Other assets than before were never measured: what holds is told of these.</summary>
    public void SplitTold()
    {
        lock (_gate)
        {
            _toldSince = _told = ToldPower.Create(_given, _setpoints, Rest.Never);
        }
    }

    /// <summary>How the power is split now.</summary>
    public AllocationPlan Plan => _plan;

    /// <summary>What of the contracts the assets can't do as they stand, one line each.</summary>
    public IReadOnlyList<string> Shortcomings => _plan.Shortcomings;

    public SiteConditions Conditions
    {
        get
        {
            lock (_gate)
            {
                return _state.Site;
            }
        }
    }

    /// <summary>As it stands, for people and for the disk.</summary>
    public PoolView View()
    {
        lock (_gate)
        {
            return new PoolView(_state, _last, _given, _sequence, _clock.Nanos);
        }
    }

    /// <summary>The latest set-points, W, + = injection, and what they belong to.</summary>
    public long CopySetpoints(Span<int> to)
    {
        lock (_gate)
        {
            _setpoints.CopyTo(to);
            return _sequence;
        }
    }

    /// <summary>Nothing is stepped or sent after this; gives what the next pool on the same assets goes on from.</summary>
    public PoolView Close()
    {
        lock (_gate)
        {
            _closed = true;
        }

        return View();
    }

    public void Dispose()
    {
        Close();
        _sender.Dispose();
    }

    private void Step(in FrequencySample? sample, bool more)
    {
        var now = _clock.Nanos;
        var wall = _wall.GetCurrentInstant();
        var marked = _mark == Mark.Wanted;
        if (marked)
        {
            _marked = _state;
        }

        var conditions = _state.Site;
        var step = FrequencyController.Step(Spec.Config, in _state, sample, now, wall);
        _state = step.State;
        _last = step.Output;
        var sent = 0L;

        // Skipped for a newer sample, which may ask for the same: it is then said by that one.
        _owed |= step.Output.Dispatch;
        if (_owed && !more)
        {
            sent = Send(step.Output, wall);
            _owed = false;
        }

        Volatile.Write(ref _due, step.Output.NextDueNanos);
        if (Ring.TryWrite(new HotRecord(sample ?? default, sample.HasValue, now, UnixNanos(wall), step.Output, conditions, marked, _given, sent)) && marked)
        {
            _mark = Mark.Given;
        }

        if (sent != 0 || Ring.Waiting > RingSize / 2)
        {
            _recorder.Set();
        }
    }

    private long Send(in ControllerOutput output, Instant wall)
    {
        _given = _plan.Allocate((long)Math.Round(output.PowerW), _setpoints, ref _stairs).GivenW;
        _told = ToldPower.Create(_given, _setpoints, Rest.Never);
        _toldSince = _toldSince.Or(_told);
        _sequence++;
        Volatile.Write(ref _decidedNanos, UnixNanos(wall));
        _sender.Send(_setpoints, output.LeaseToken, UnixNanos(wall), Marks(output.Reasons));
        return _clock.Nanos;
    }

    private enum Mark
    {
        Wanted,
        Given,
    }

    private static SetpointMarks Marks(ControlReasons reasons) =>
        ((reasons & ControlReasons.Responding) != ControlReasons.None ? SetpointMarks.Responding : SetpointMarks.None)
        | ((reasons & ControlReasons.MeasurementLost) != ControlReasons.None ? SetpointMarks.FailSafe : SetpointMarks.None)
        | ((reasons & ControlReasons.DeviceDefault) != ControlReasons.None ? SetpointMarks.DeviceDefault : SetpointMarks.None);

    private static long UnixNanos(Instant wall) => wall.ToUnixTimeTicks() * NodaConstants.NanosecondsPerTick;
}

/// <summary>A pool as it stands.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct PoolView(ControllerState State, ControllerOutput Output, long GivenW, long Sequence, long NowNanos);

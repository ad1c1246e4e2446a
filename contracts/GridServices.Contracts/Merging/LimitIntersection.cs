namespace GridServices.Contracts;

/// <summary>The running intersection of all streams of a boundary: one <see cref="TournamentTree{T}"/> per quantity, made when first stated.</summary>
internal sealed class LimitIntersection(IReadOnlyList<Binding> streams)
{
    private readonly BoundIntersection<long> _import = new(streams);
    private readonly BoundIntersection<long> _export = new(streams);
    private readonly BoundIntersection<long> _charge = new(streams);
    private readonly BoundIntersection<long> _discharge = new(streams);
    private readonly BoundIntersection<long> _generation = new(streams);
    private readonly BoundIntersection<long> _load = new(streams);
    private readonly BoundIntersection<bool> _connect = new(streams);
    private readonly BoundIntersection<bool> _energize = new(streams);
    private readonly PhaseIntersection _l1 = new(streams);
    private readonly PhaseIntersection _l2 = new(streams);
    private readonly PhaseIntersection _l3 = new(streams);

    /// <summary>The stream at this rank states these limits from now on.</summary>
    public void Set(int stream, Limits limits)
    {
        _import.Set(stream, limits.ImportLimitW);
        _export.Set(stream, limits.ExportLimitW);
        _charge.Set(stream, limits.ChargeLimitW);
        _discharge.Set(stream, limits.DischargeLimitW);
        _generation.Set(stream, limits.GenerationLimitW);
        _load.Set(stream, limits.LoadLimitW);
        _connect.Set(stream, limits.Connect);
        _energize.Set(stream, limits.Energize);
        _l1.Set(stream, limits.PerPhase?.L1);
        _l2.Set(stream, limits.PerPhase?.L2);
        _l3.Set(stream, limits.PerPhase?.L3);
    }

    public EffectiveLimits Bounds()
    {
        var (l1, l2, l3) = (_l1.Bounds(), _l2.Bounds(), _l3.Bounds());
        return new EffectiveLimits
        {
            ImportLimitW = _import.Bound(),
            ExportLimitW = _export.Bound(),
            ChargeLimitW = _charge.Bound(),
            DischargeLimitW = _discharge.Bound(),
            GenerationLimitW = _generation.Bound(),
            LoadLimitW = _load.Bound(),
            PerPhase = l1 is null && l2 is null && l3 is null ? null : new EffectivePhases { L1 = l1, L2 = l2, L3 = l3 },
            Connect = _connect.Bound(),
            Energize = _energize.Bound(),
        };
    }

    private sealed class PhaseIntersection(IReadOnlyList<Binding> streams)
    {
        private readonly BoundIntersection<decimal> _import = new(streams);
        private readonly BoundIntersection<decimal> _export = new(streams);

        public void Set(int stream, PhaseLimit? limit)
        {
            _import.Set(stream, limit?.ImportLimitA);
            _export.Set(stream, limit?.ExportLimitA);
        }

        public EffectivePhase? Bounds()
        {
            var (import, export) = (_import.Bound(), _export.Bound());
            return import is null && export is null ? null : new EffectivePhase { ImportLimitA = import, ExportLimitA = export };
        }
    }
}

/// <summary>A lane with its streams' names; keeps the last answer while nothing changes.</summary>
internal sealed class BoundIntersection<T>(IReadOnlyList<Binding> streams)
    where T : struct, IComparable<T>
{
    private TournamentTree<T>? _lane;
    private Bound<T>? _bound;

    public void Set(int stream, T? value)
    {
        if (_lane is null && value is null)
        {
            return;
        }

        (_lane ??= new TournamentTree<T>(streams.Count)).Set(stream, value);
    }

    public Bound<T>? Bound()
    {
        if (_lane is { Changed: true })
        {
            _bound = Read(_lane);
            _lane.Settle();
        }

        return _bound;
    }

    private Bound<T>? Read(TournamentTree<T> lane)
    {
        if (lane.First < 0)
        {
            return null;
        }

        var second = lane.Second();
        var next = second < 0 ? null : new RunnerUp<T>(streams[second].Service, streams[second].Key, lane.GetValue(second));
        return new Bound<T>(lane.GetValue(lane.First), streams[lane.First], next);
    }
}

using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Performance;
using GridServices.FrequencyResponse.Service.HotPath;
using GridServices.FrequencyResponse.Service.Pools;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Recording;

/// <summary>Follows one contract: activations, compliance, availability, energy. One thread.</summary>
internal sealed class ContractRecorder
{
    private const long LookNanos = 1_000_000_000;
    private static readonly Duration Slice = Duration.FromMinutes(1);
    private readonly PoolContract _contract;
    private readonly ContractAccount _account;
    private readonly UnavailableReasons _always;
    private readonly (long Path, Duration Period) _ground;
    private volatile Shown _shown;
    private volatile PeriodRecord? _open;
    private long _openNanos;
    private bool _closed;

    /// <param name="contract">The contract.</param>
    /// <param name="pathNanos">From the grid to the arrival of a frequency sample.</param>
    /// <param name="period">Settlement period.</param>
    /// <param name="holdsStore">The pool has a store whose energy can be known.</param>
    public ContractRecorder(PoolContract contract, long pathNanos, Duration period, bool holdsStore)
    {
        (_contract, _ground) = (contract, (pathNanos, period));

        _always = Always(contract, holdsStore);
        _account = new ContractAccount(contract.Service, contract.QuantityW, period, Slice, pathNanos);
        _shown = new Shown(_account.Compliance, null);
        Tracker = new ActivationTracker(contract.Key, contract.Service.Kind);
    }

    public string Key => _contract.Key;

    public ActivationTracker Tracker { get; }

    /// <summary>How it does in the running settlement period; any thread.</summary>
    public ComplianceNow Compliance => _shown.Now;

    /// <summary>The last five minutes of a signal that are over; null: none are, or it follows none. Any thread.</summary>
    public RegulationWindow? LastWindow => _shown.LastWindow;

    /// <summary>The minute that runs, as far as it is settled, at most a second old; any thread. Whoever stores it finds what it tells after a kill.</summary>
    public PeriodRecord? Open => _open;

    /// <summary>The same contract, measured the same way: it goes on after others of its pool were changed.</summary>
    public bool Continues(PoolContract contract, long pathNanos, Duration period, bool holdsStore) =>
        !_closed && contract.Runs(_contract)
        && _ground == (pathNanos, period) && _always == Always(contract, holdsStore);

    /// <summary>Nothing more comes: what is left of the last minute.</summary>
    public IReadOnlyList<PeriodRecord> Close()
    {
        if (_closed)
        {
            return [];
        }

        (_closed, _open) = (true, null);
        return _account.Close();
    }

    /// <summary>What ended with this turn, if a minute did.</summary>
    public PeriodRecord? Process(in ServiceOutput service, in HotRecord record)
    {
        var ended = _account.Add(new AccountTurn(record.NowNanos, record.WallNanos, record.Output.WantedW, record.Output.ResponseW, record.Output.Reasons, service,
            record.Output.BaselineW, record.Conditions.Measured), _always);
        _shown = new Shown(_account.Compliance, _account.LastWindow);
        if (ended is not null || record.NowNanos - _openNanos >= LookNanos)
        {
            // Before the minute that ended is told: nobody sees it twice.
            (_open, _openNanos) = (_account.SoFar, record.NowNanos);
        }

        return ended;
    }

    /// <summary>NESO, state of energy: without a store whose energy is told there is none that could meet the requirement.</summary>
    private static UnavailableReasons Always(PoolContract contract, bool holdsStore) =>
        holdsStore || contract.Service.Settlement != SettlementRule.GbDynamic ? UnavailableReasons.None : UnavailableReasons.Energy;

    private sealed record Shown(ComplianceNow Now, RegulationWindow? LastWindow);
}

using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Performance;
using GridServices.FrequencyResponse.Service.HotPath;
using GridServices.FrequencyResponse.Service.Pools;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Recording;

/// <summary>Follows one contract: activations, compliance, availability, energy. One thread.</summary>
internal sealed class ContractRecorder
{
    private static readonly Duration Slice = Duration.FromMinutes(1);
    private readonly PoolContract _contract;
    private readonly ContractAccount _account;
    private readonly UnavailableReasons _always;
    private volatile Shown _shown;

    /// <param name="contract">The contract.</param>
    /// <param name="pathNanos">From the grid to the arrival of a frequency sample.</param>
    /// <param name="period">Settlement period.</param>
    /// <param name="holdsStore">The pool has a store whose energy can be known.</param>
    public ContractRecorder(PoolContract contract, long pathNanos, Duration period, bool holdsStore)
    {
        _contract = contract;

        // NESO, state of energy: without a store whose energy is told there is none that could meet the requirement.
        _always = holdsStore || contract.Service.Settlement != SettlementRule.GbDynamic ? UnavailableReasons.None : UnavailableReasons.Energy;
        _account = new ContractAccount(contract.Service, contract.QuantityW, period, Slice, pathNanos);
        _shown = new Shown(_account.Compliance);
        Tracker = new ActivationTracker(contract.Key, contract.Service.Kind);
    }

    public string Key => _contract.Key;

    public ActivationTracker Tracker { get; }

    /// <summary>How it does in the running settlement period; any thread.</summary>
    public ComplianceNow Compliance => _shown.Now;

    /// <summary>What ended with this turn, if a minute did.</summary>
    public PeriodRecord? Take(in ServiceOutput service, in HotRecord record)
    {
        var ended = _account.Add(new AccountTurn(record.NowNanos, record.WallNanos, record.Output.WantedW, record.Output.ResponseW, record.Output.Reasons, service, record.Output.BaselineW, record.Conditions.Measured), _always);
        _shown = new Shown(_account.Compliance);
        return ended;
    }

    private sealed record Shown(ComplianceNow Now);
}

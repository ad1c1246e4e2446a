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
    private readonly DelayedResponse _delayed;
    private readonly PeriodLedger _ledger;
    private readonly Duration _period;
    private readonly VirtualCompliance _compliance;
    private Instant _periodStart;
    private volatile Shown _shown;

    public ContractRecorder(PoolContract contract, long delayNanos, Duration period)
    {
        _contract = contract;
        _period = period;
        _delayed = new DelayedResponse(delayNanos);
        _ledger = new PeriodLedger(contract.QuantityW, Slice, contract.Service.Settlement == SettlementRule.GbDynamic);
        _compliance = new VirtualCompliance(contract.Service);
        _shown = new Shown(_compliance.Now);
        Tracker = new ActivationTracker(contract.Key, contract.Service.Kind);
    }

    public string Key => _contract.Key;

    public ActivationTracker Tracker { get; }

    /// <summary>How it does in the running settlement period; any thread.</summary>
    public ComplianceNow Compliance => _shown.Now;

    /// <summary>What ended with this turn, if a minute did.</summary>
    public PeriodRecord? Take(in ServiceOutput service, in HotRecord record)
    {
        var wall = Instant.FromUnixTimeTicks(record.WallNanos / NodaConstants.NanosecondsPerTick);
        NewPeriod(wall);
        var pu = _delayed.Add(record.NowNanos, service.Pu);
        if (service.Procured)
        {
            _compliance.Add(record.NowNanos, service.FrequencyHz, pu);
            _shown = new Shown(_compliance.Now);
        }

        var entry = new LedgerEntry(service.ResponseW, double.IsNaN(service.TargetPu) ? 0 : service.TargetPu * _contract.QuantityW, service.Procured, Unavailable(service, record.Output));
        return _ledger.Add(record.NowNanos, wall, entry, _compliance.Now);
    }

    private void NewPeriod(Instant wall)
    {
        var start = Periods.StartOf(wall, _period);
        if (start > _periodStart)
        {
            if (_periodStart > default(Instant))
            {
                _compliance.NewPeriod();
            }

            _periodStart = start;
        }
    }

    private static UnavailableReasons Unavailable(in ServiceOutput service, in ControllerOutput output)
    {
        var reasons = UnavailableReasons.None;
        if (service.Procured && service.Rung is not (Safety.FailSafeRung.Valid or Safety.FailSafeRung.Hold))
        {
            reasons |= UnavailableReasons.Measurement;
        }

        reasons |= (output.Reasons & ControlReasons.NotWriter) != ControlReasons.None ? UnavailableReasons.NotWriter : UnavailableReasons.None;
        reasons |= (output.Reasons & ControlReasons.EnvelopeLimit) != ControlReasons.None ? UnavailableReasons.Limits : UnavailableReasons.None;
        reasons |= (output.Reasons & ControlReasons.Headroom) != ControlReasons.None ? UnavailableReasons.Headroom : UnavailableReasons.None;
        reasons |= (output.Reasons & ControlReasons.Energy) != ControlReasons.None ? UnavailableReasons.Energy : UnavailableReasons.None;
        return reasons;
    }

    private sealed record Shown(ComplianceNow Now);
}

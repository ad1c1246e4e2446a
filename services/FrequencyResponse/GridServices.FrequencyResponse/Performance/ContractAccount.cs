using System.Runtime.InteropServices;
using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Safety;
using NodaTime;

namespace GridServices.FrequencyResponse.Performance;

/// <summary>What a turn means for one contract.</summary>
/// <param name="NowNanos">The monotonic clock of the turn.</param>
/// <param name="WallUnixNanos">The wall clock of the turn.</param>
/// <param name="WantedW">What all services of the pool wanted.</param>
/// <param name="GivenW">What the pool gave of it, before losses on the way.</param>
/// <param name="Reasons">Of the pool.</param>
/// <param name="Service">This contract's part.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct AccountTurn(
    long NowNanos, long WallUnixNanos, double WantedW, double GivenW, ControlReasons Reasons, ServiceOutput Service)
{
    /// <param name="nowNanos">As given to the step.</param>
    /// <param name="wallUnixNanos">As given to the step.</param>
    /// <param name="output">What it decided.</param>
    /// <param name="contract">Index of the contract in the settings.</param>
    public static AccountTurn Of(long nowNanos, long wallUnixNanos, in ControllerOutput output, int contract) =>
        new(nowNanos, wallUnixNanos, output.WantedW, output.ResponseW, output.Reasons, output.Services[contract]);
}

/// <summary>One contract's compliance and ledger, fed turn by turn: by the recorder while it runs, by <c>EvidenceSettlement</c> from the log. Same turns, same bits.</summary>
public sealed class ContractAccount
{
    private readonly double _quantityW;
    private readonly VirtualCompliance _compliance;
    private readonly PeriodLedger _ledger;

    /// <param name="service">Of the contract.</param>
    /// <param name="quantityW">Contracted, W.</param>
    /// <param name="period">Settlement period; null = <see cref="PeriodOf"/>.</param>
    public ContractAccount(ServiceDefinition service, double quantityW, Duration? period = null)
    {
        ArgumentNullException.ThrowIfNull(service);
        (_quantityW, _compliance) = (quantityW, new VirtualCompliance(service));
        _ledger = new PeriodLedger(quantityW, period ?? PeriodOf(service), service.Settlement == SettlementRule.GbDynamic);
    }

    /// <summary>How the running period is going.</summary>
    public ComplianceNow Compliance => _compliance.Now;

    public Instant PeriodStart => _ledger.PeriodStart;

    /// <summary>Length of a settlement period: GB half an hour, NEM five minutes, ERCOT, FCR and what people define a quarter, Nordic and PJM an hour.</summary>
    public static Duration PeriodOf(ServiceDefinition service)
    {
        ArgumentNullException.ThrowIfNull(service);
        return Duration.FromMinutes(service.Settlement switch
        {
            SettlementRule.GbDynamic => 30,
            SettlementRule.StaticHold when service.Id.StartsWith("GB-", StringComparison.Ordinal) => 30,
            SettlementRule.AemoContingency => 5,
            SettlementRule.NordicFcr or SettlementRule.FastReserve or SettlementRule.PjmRegulation => 60,
            _ => 15,
        });
    }

    /// <summary>What holds from this turn on; gives the settlement period that ended before it, if one did.</summary>
    /// <param name="turn">The turn.</param>
    /// <param name="measuredW">Measured response of the contract's assets, W; NaN = take what was commanded.</param>
    /// <param name="also">Reasons that the turn does not know: declared unavailable, state of energy outside the requirement.</param>
    public PeriodRecord? Add(in AccountTurn turn, double measuredW = double.NaN, UnavailableReasons also = UnavailableReasons.None)
    {
        var service = turn.Service;
        var responseW = double.IsNaN(measuredW) ? service.ResponseW * Given(turn) : measuredW;
        _compliance.Add(turn.NowNanos, service.Procured ? service.FrequencyHz : double.NaN, responseW / _quantityW);
        var entry = new LedgerEntry(responseW, service.TargetPu * _quantityW, service.Procured, also | Reasons(turn));
        var ended = _ledger.Add(turn.NowNanos, Instant.FromUnixTimeTicks(turn.WallUnixNanos / NodaConstants.NanosecondsPerTick), entry, _compliance.Now);
        if (ended is not null)
        {
            _compliance.NewPeriod();
        }

        return ended;
    }

    /// <summary>Limits of the site cut the sum of the services: each bears its share.</summary>
    private static double Given(in AccountTurn turn) =>
        Math.Abs(turn.WantedW) < 1e-9 ? 1 : Math.Clamp(turn.GivenW / turn.WantedW, 0, 1);

    private static UnavailableReasons Reasons(in AccountTurn turn)
    {
        var reasons = turn.Service.Rung is FailSafeRung.Valid or FailSafeRung.Hold ? UnavailableReasons.None : UnavailableReasons.Measurement;
        reasons |= Of(turn.Reasons, ControlReasons.EnvelopeLimit, UnavailableReasons.Limits);
        reasons |= Of(turn.Reasons, ControlReasons.Headroom, UnavailableReasons.Headroom);
        reasons |= Of(turn.Reasons, ControlReasons.Energy, UnavailableReasons.Energy);
        return reasons | Of(turn.Reasons, ControlReasons.NotWriter, UnavailableReasons.NotWriter);
    }

    private static UnavailableReasons Of(ControlReasons all, ControlReasons one, UnavailableReasons means) =>
        (all & one) != ControlReasons.None ? means : UnavailableReasons.None;
}

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
    private static readonly Duration StartSpan = Duration.FromMinutes(1);
    private readonly double _quantityW;
    private readonly bool _energyBinds;
    private readonly Duration _period;
    private readonly DelayedResponse _delayed;
    private readonly VirtualCompliance _compliance;
    private readonly PeriodLedger _ledger;
    private Instant _start = Instant.MinValue;
    private bool _lost;

    /// <param name="service">Of the contract.</param>
    /// <param name="quantityW">Contracted, W.</param>
    /// <param name="period">Settlement period; null = <see cref="PeriodOf"/>.</param>
    /// <param name="slice">Length of the records that <see cref="Add"/> gives, a whole part of the period; null = the period.</param>
    /// <param name="delayNanos">From a command to the grid, and from the grid to the meter: commands are scored that much later.</param>
    public ContractAccount(ServiceDefinition service, double quantityW, Duration? period = null, Duration? slice = null, long delayNanos = 0)
    {
        ArgumentNullException.ThrowIfNull(service);
        (_quantityW, _period) = (quantityW, period ?? PeriodOf(service));
        _energyBinds = service.Settlement == SettlementRule.GbDynamic;
        (_compliance, _delayed) = (new VirtualCompliance(service), new DelayedResponse(delayNanos));
        _ledger = new PeriodLedger(quantityW, slice ?? _period);
    }

    /// <summary>How the running period is going.</summary>
    public ComplianceNow Compliance => _compliance.Now;

    /// <summary>Begin of the running settlement period.</summary>
    public Instant PeriodStart => _start;

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

    /// <summary>What holds from this turn on; gives the slice that ended before it, if one did. Its error and factor are those of the settlement period so far.</summary>
    /// <param name="turn">The turn.</param>
    /// <param name="measuredW">Measured response of the contract's assets, W; NaN = take what was commanded.</param>
    /// <param name="also">Reasons that the turn does not know: declared unavailable, state of energy outside the requirement.</param>
    public PeriodRecord? Add(in AccountTurn turn, double measuredW = double.NaN, UnavailableReasons also = UnavailableReasons.None)
    {
        var service = turn.Service;
        var given = service.ResponseW * Given(turn);
        var delayed = _delayed.Add(turn.NowNanos, given / _quantityW);
        Score(turn, double.IsNaN(measuredW) ? delayed : measuredW / _quantityW);
        var asked = double.IsFinite(service.TargetPu) ? service.TargetPu * _quantityW : 0;
        var entry = new LedgerEntry(double.IsNaN(measuredW) ? given : measuredW, asked, service.Procured, also | Reasons(turn));
        var wall = Instant.FromUnixTimeTicks(turn.WallUnixNanos / NodaConstants.NanosecondsPerTick);
        var ended = _ledger.Add(turn.NowNanos, wall, entry, _compliance.Now);
        ended = ended is not null && _lost ? ended with { AvailableSeconds = 0 } : ended;
        Turn(wall, entry);
        return ended;
    }

    private void Score(in AccountTurn turn, double responsePu)
    {
        if (turn.Service.Procured)
        {
            _compliance.Add(turn.NowNanos, turn.Service.FrequencyHz, responsePu);
        }
        else
        {
            _compliance.Pause(turn.NowNanos);
        }
    }

    /// <summary>A settlement period begins, once the slice before it has been closed with the scores of its own period.</summary>
    private void Turn(Instant wall, in LedgerEntry entry)
    {
        var start = PeriodLedger.StartOf(wall, _period);
        if (start <= _start)
        {
            return;
        }

        _compliance.NewPeriod();
        _start = start;

        // NESO, state of energy, since 15 November 2024: a period that begins without its energy is unavailable as a whole.
        // An account that begins in the middle of a period has not seen how it began.
        _lost = _energyBinds && wall - start < StartSpan && entry.Procured && (entry.Reasons & UnavailableReasons.Energy) != UnavailableReasons.None;
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

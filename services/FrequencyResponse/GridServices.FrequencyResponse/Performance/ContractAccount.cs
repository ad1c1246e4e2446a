using System.Runtime.InteropServices;
using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Safety;
using GridServices.Wire;
using NodaTime;

namespace GridServices.FrequencyResponse.Performance;

/// <summary>What a turn means for one contract.</summary>
/// <param name="NowNanos">The monotonic clock of the turn.</param>
/// <param name="WallUnixNanos">The wall clock of the turn.</param>
/// <param name="WantedW">What all services of the pool wanted.</param>
/// <param name="GivenW">What the pool gave of it, before losses on the way.</param>
/// <param name="Reasons">Of the pool.</param>
/// <param name="Service">This contract's part.</param>
/// <param name="BaselineW">Power of the pool without response.</param>
/// <param name="Measured">Metered power of the pool as it was known in the turn.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct AccountTurn(
    long NowNanos, long WallUnixNanos, double WantedW, double GivenW, ControlReasons Reasons, ServiceOutput Service, double BaselineW = 0, MeasuredPower Measured = default)
{
    internal UnavailableReasons Also { get; init; }

    /// <param name="nowNanos">As given to the step.</param>
    /// <param name="wallUnixNanos">As given to the step.</param>
    /// <param name="output">What it decided.</param>
    /// <param name="contract">Index of the contract in the settings.</param>
    /// <param name="measured">Metered power as it was known.</param>
    public static AccountTurn Create(long nowNanos, long wallUnixNanos, in ControllerOutput output, int contract, MeasuredPower measured) =>
        new(nowNanos, wallUnixNanos, output.WantedW, output.ResponseW, output.Reasons, output.Services[contract], output.BaselineW, measured);
}

/// <summary>One contract's compliance and ledger, fed turn by turn: by the recorder while it runs, by <c>EvidenceSettlement</c> from the log. Same turns, same bits.</summary>
/// <remarks>
/// What is scored and paid is metered power less the baseline. A command is no delivery: time that no reading covers is
/// <see cref="UnavailableReasons.NotMeasured"/> and not paid.
/// </remarks>
public sealed class ContractAccount
{
    private static readonly Duration StartSpan = Duration.FromMinutes(1);
    private readonly double _quantityW;
    private readonly bool _energyBinds;
    private readonly Duration _period;
    private readonly ServiceDefinition _service;
    private readonly MeteredTurns _metered;
    private readonly VirtualCompliance _compliance;
    private readonly PeriodLedger _ledger;
    private readonly RegulationTerms _terms;

    /// <summary>Of a service that follows a signal.</summary>
    private readonly RegulationScorer? _regulation;
    private Instant _start = Instant.MinValue;
    private bool _lost;

    /// <summary>Score of the settlement period in the slices that have ended.</summary>
    private PeriodScore _told;

    /// <param name="service">Of the contract.</param>
    /// <param name="quantityW">Contracted, W.</param>
    /// <param name="period">Settlement period; null = <see cref="GetPeriodLength"/>.</param>
    /// <param name="slice">Length of the records that <see cref="Add"/> gives, a whole part of the period; null = the period.</param>
    /// <param name="pathNanos">From the grid to the arrival of a frequency sample: a reading is set against the sample that shows its instant.</param>
    public ContractAccount(ServiceDefinition service, double quantityW, Duration? period = null, Duration? slice = null, long pathNanos = 0)
    {
        ArgumentNullException.ThrowIfNull(service);
        (_service, _quantityW, _period) = (service, quantityW, period ?? GetPeriodLength(service));
        _energyBinds = service.Settlement == SettlementRule.GbDynamic;
        (_compliance, _metered) = (new VirtualCompliance(service), new MeteredTurns(pathNanos));
        _ledger = new PeriodLedger(quantityW, slice ?? _period);
        _terms = RegulationTerms.For(service);
        _regulation = service.Kind == ServiceKind.Signal ? new RegulationScorer(_terms) : null;
    }

    /// <summary>How the running period is going.</summary>
    public ComplianceNow Compliance => _regulation is null ? _compliance.Now : _compliance.Now with { PredictedFactor = Score.GetFactor(_service.Settlement, _terms) };

    /// <summary>The last five minutes of a signal that are over, in the running period; null: none are, or it follows none.</summary>
    public RegulationWindow? LastWindow => _regulation?.Latest;

    private PeriodScore Score => _compliance.Score with { Regulation = _regulation?.Sums ?? default };

    /// <summary>Begin of the running settlement period.</summary>
    public Instant PeriodStart => _start;

    /// <summary>Length of a settlement period: GB half an hour, NEM five minutes, ERCOT, FCR and what people define a quarter, Nordic and PJM an hour.</summary>
    public static Duration GetPeriodLength(ServiceDefinition service)
    {
        ArgumentNullException.ThrowIfNull(service);
        return Duration.FromMinutes(service.Settlement switch
        {
            SettlementRule.GbDynamic => 30,
            SettlementRule.StaticHold or SettlementRule.None when service.Id.StartsWith("GB-", StringComparison.Ordinal) => 30,
            SettlementRule.AemoContingency => 5,
            SettlementRule.None when service.Id.StartsWith("AEMO-", StringComparison.Ordinal) => 5,
            SettlementRule.NordicFcr or SettlementRule.FastReserve or SettlementRule.PjmRegulation => 60,
            _ => 15,
        });
    }

    /// <summary>Takes a turn; gives the slice that ended with the turns that are settled by now, if one did. Its error and factor are those of the settlement period so far.</summary>
    /// <param name="turn">The turn, with the metered power that was known in it.</param>
    /// <param name="also">Reasons that the turn does not know: declared unavailable, energy that nobody can know.</param>
    public PeriodRecord? Add(in AccountTurn turn, UnavailableReasons also = UnavailableReasons.None)
    {
        _metered.Enqueue(turn with { Also = also });
        PeriodRecord? ended = null;
        while (ended is null && _metered.TryTake(turn.NowNanos, out var settled, out var power, out var fresh))
        {
            ended = AddToLedger(settled, power, fresh);
        }

        return ended;
    }

    /// <summary>The slice that is open, as far as it is settled; null where nothing is procured in it yet.</summary>
    public PeriodRecord? SoFar => _ledger.SoFar(Compliance) is { } open ? Scored(open) : null;

    /// <summary>Nothing more comes: settles what waits for readings with those that are there, and gives the slices that are left.</summary>
    public IReadOnlyList<PeriodRecord> Close()
    {
        var left = new List<PeriodRecord>();
        while (_metered.TryTake(long.MaxValue, out var settled, out var power, out var fresh))
        {
            if (AddToLedger(settled, power, fresh) is { } ended)
            {
                left.Add(ended);
            }
        }

        if (SoFar is { } open)
        {
            left.Add(open);
        }

        return left;
    }

    private PeriodRecord? AddToLedger(in AccountTurn turn, MeasuredPower power, bool fresh)
    {
        var service = turn.Service;
        var measured = power.Known ? (power.PowerW - turn.BaselineW) * Share(turn) : double.NaN;
        var asked = double.IsFinite(service.TargetPu) ? service.TargetPu : 0;
        if (service.Procured)
        {
            _compliance.Add(turn.NowNanos, service.FrequencyHz, measured / _quantityW, asked, fresh, power.Source);
        }
        else
        {
            _compliance.Pause(turn.NowNanos);
        }

        var reasons = turn.Also | Reasons(turn) | (power.Known ? UnavailableReasons.None : UnavailableReasons.NotMeasured);
        var entry = new LedgerEntry(power.Known ? measured : 0, asked * _quantityW, service.Procured, reasons, service.ResponseW * ComputeGivenShare(turn), power.Source);
        var wall = Instant.FromUnixTimeTicks(turn.WallUnixNanos / NodaConstants.NanosecondsPerTick);
        var (signal, followed) = service.Procured ? (asked, measured / _quantityW) : (double.NaN, double.NaN);
        if (_start != Instant.MinValue && PeriodLedger.ComputeStart(wall, _period) > _start)
        {
            _regulation?.End(_start + _period, wall, signal, followed);
        }

        var ended = _ledger.Add(turn.NowNanos, wall, entry, Compliance);
        if (ended is not null)
        {
            ended = Scored(ended);
            _told = Score;
            _regulation?.MarkReported();
        }

        Turn(wall, entry);
        _regulation?.Add(wall, signal, followed);
        return ended;
    }

    private PeriodRecord Scored(PeriodRecord slice) => slice with
    {
        Score = Score.Since(_told),
        Regulation = _regulation is null ? [] : _regulation.News.ToValueList(),
        ShortAtStart = _lost,
        AvailableSeconds = _lost ? 0 : slice.AvailableSeconds,
    };

    /// <summary>Of the pool's measured response, this contract's: as the services shared what was wanted.</summary>
    private static double Share(in AccountTurn turn) =>
        Math.Abs(turn.WantedW) < 1e-9 ? 1 : Math.Clamp(turn.Service.ResponseW / turn.WantedW, 0, 1);

    /// <summary>A settlement period begins, once the slice before it has been closed with the scores of its own period.</summary>
    private void Turn(Instant wall, in LedgerEntry entry)
    {
        var start = PeriodLedger.ComputeStart(wall, _period);
        if (start <= _start)
        {
            return;
        }

        _compliance.NewPeriod();
        _regulation?.NewPeriod(start);
        (_start, _told) = (start, default);

        // NESO, state of energy, since 15 November 2024: a period that begins without its energy is unavailable as a whole.
        // An account that begins in the middle of a period has not seen how it began.
        _lost = _energyBinds && wall - start < StartSpan && entry.Procured && (entry.Reasons & UnavailableReasons.Energy) != UnavailableReasons.None;
    }

    /// <summary>Limits of the site cut the sum of the services: each bears its share.</summary>
    private static double ComputeGivenShare(in AccountTurn turn) =>
        Math.Abs(turn.WantedW) < 1e-9 ? 1 : Math.Clamp(turn.GivenW / turn.WantedW, 0, 1);

    private UnavailableReasons Reasons(in AccountTurn turn)
    {
        var reasons = turn.Service.Rung is FailSafeRung.Valid or FailSafeRung.Hold ? UnavailableReasons.None : UnavailableReasons.Measurement;
        reasons |= MapReason(turn.Reasons, ControlReasons.EnvelopeLimit, UnavailableReasons.Limits);
        reasons |= MapReason(turn.Reasons, ControlReasons.Headroom, UnavailableReasons.Headroom);
        reasons |= MapReason(turn.Reasons, ControlReasons.Energy, UnavailableReasons.Energy);
        if (_energyBinds)
        {
            // NESO, state of energy: outside the requirement, or not known to be inside it, is unavailable.
            reasons |= MapReason(turn.Reasons, ControlReasons.EnergyUnknown, UnavailableReasons.Energy);
            reasons |= _service.Direction == ResponseDirection.Lower ? UnavailableReasons.None : MapReason(turn.Reasons, ControlReasons.RaiseEnergyShort, UnavailableReasons.Energy);
            reasons |= _service.Direction == ResponseDirection.Raise ? UnavailableReasons.None : MapReason(turn.Reasons, ControlReasons.LowerEnergyShort, UnavailableReasons.Energy);
        }

        return reasons | MapReason(turn.Reasons, ControlReasons.NotWriter, UnavailableReasons.NotWriter);
    }

    private static UnavailableReasons MapReason(ControlReasons all, ControlReasons one, UnavailableReasons means) =>
        (all & one) != ControlReasons.None ? means : UnavailableReasons.None;
}

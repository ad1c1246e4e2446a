using System.Runtime.InteropServices;
using GridServices.Wire;
using NodaTime;

namespace GridServices.FrequencyResponse.Performance;

/// <summary>Why a service was not available.</summary>
[Flags]
public enum UnavailableReasons
{
    None = 0,

    /// <summary>No valid frequency.</summary>
    Measurement = 1,

    /// <summary>The store could not cover the contract (GB: state of energy outside the requirement at the start of the period).</summary>
    Energy = 2,

    /// <summary>Limits of other services left no room.</summary>
    Limits = 4,

    /// <summary>Too little headroom of the assets.</summary>
    Headroom = 8,

    /// <summary>Another process held the lease.</summary>
    NotWriter = 16,

    /// <summary>Declared by the operator.</summary>
    Declared = 32,

    /// <summary>Nobody measured what was delivered.</summary>
    NotMeasured = 64,
}

/// <summary>A settlement period of one contract, closed.</summary>
public sealed record PeriodRecord
{
    public required Interval Period { get; init; }

    /// <summary>Contracted quantity, W.</summary>
    public required double QuantityW { get; init; }

    /// <summary>Seconds of the period inside a contracted window.</summary>
    public required double ProcuredSeconds { get; init; }

    /// <summary>Of these, seconds available.</summary>
    public required double AvailableSeconds { get; init; }

    /// <summary>Every reason that held at some time of the period.</summary>
    public required UnavailableReasons Reasons { get; init; }

    /// <summary>Response energy that raised the frequency, Wh ≥ 0.</summary>
    public required double RaisedWh { get; init; }

    /// <summary>Response energy that lowered it, Wh ≥ 0.</summary>
    public required double LoweredWh { get; init; }

    /// <summary>What the curve asked for, Wh ≥ 0 each way.</summary>
    public required double AskedRaiseWh { get; init; }
    public required double AskedLowerWh { get; init; }

    /// <summary>Of what was asked for, Wh ≥ 0 each way, what was given in the same minute: what is paid. More than was asked for in one minute makes up for no other.</summary>
    public double GivenRaiseWh { get; init; }
    public double GivenLowerWh { get; init; }

    /// <summary>Settlement error by the service's rule; 0 where it has none.</summary>
    public required double ErrorPu { get; init; }

    /// <summary>Factor by the service's rule, 0..1.</summary>
    public required double Factor { get; init; }

    /// <summary>Of the procured seconds, those that a reading covers.</summary>
    public double MeasuredSeconds { get; init; }

    /// <summary>Where the energies and the score come from: the least sure that was used; None = nothing was measured.</summary>
    public MeterSource Source { get; init; }

    /// <summary>What was commanded, Wh ≥ 0: an estimate, never paid.</summary>
    public double CommandedRaiseWh { get; init; }
    public double CommandedLowerWh { get; init; }

    /// <summary>What the factor is made of, in this record alone: the sum over a settlement period's records gives the period's.</summary>
    public PeriodScore Score { get; init; }

    /// <summary>A service that follows a signal: the windows of five minutes that came to be known, or better known, in it.</summary>
    public ValueList<RegulationWindow> Regulation { get; init; } = [];

    /// <summary>GB: its settlement period began without the energy that it needs.</summary>
    public bool ShortAtStart { get; init; }

    public double AvailableShare => ProcuredSeconds > 0 ? AvailableSeconds / ProcuredSeconds : 0;

    /// <summary>What the period is paid with: factor × available share.</summary>
    public double Performance => Math.Clamp(Factor * AvailableShare, 0, 1);
}

/// <summary>What holds from one entry of the ledger to the next.</summary>
/// <param name="ResponseW">Response without baseline, W, + = raise.</param>
/// <param name="AskedW">What the curve asks for.</param>
/// <param name="Procured">Inside a contracted window.</param>
/// <param name="Reasons">Why it is not available; None = available.</param>
/// <param name="CommandedW">What was commanded: an estimate.</param>
/// <param name="Source">Where the response comes from.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct LedgerEntry(double ResponseW, double AskedW, bool Procured, UnavailableReasons Reasons, double CommandedW = 0, MeterSource Source = MeterSource.None);

/// <summary>Adds up availability and energy per settlement period. Lengths come from the monotonic clock, borders from the wall clock.</summary>
/// <param name="quantityW">Contracted, W.</param>
/// <param name="period">Length of a settlement period.</param>
public sealed class PeriodLedger(double quantityW, Duration period)
{
    private static readonly Duration Minute = Duration.FromMinutes(1);
    private LedgerEntry _entry;
    private long _nanos;
    private Instant _wall;
    private Instant _start;
    private bool _begun;
    private double _procured;
    private double _available;
    private double _raised;
    private double _lowered;
    private double _askedRaise;
    private double _askedLower;
    private double _commandedRaise;
    private double _commandedLower;
    private double _measured;
    private MeterSource _source;
    private UnavailableReasons _reasons;
    private Given _given;
    private Given _minute;
    private Instant _minuteStart;

    /// <summary>Begin of the period that is being filled.</summary>
    public Instant PeriodStart => _start;

    /// <summary>An entry that holds from now on; gives the period that ended before it, if one did.</summary>
    /// <param name="nowNanos">The monotonic clock.</param>
    /// <param name="wall">The wall clock.</param>
    /// <param name="entry">What holds from now on.</param>
    /// <param name="compliance">Scores of the running period; asked for when it ends.</param>
    public PeriodRecord? Add(long nowNanos, Instant wall, in LedgerEntry entry, in ComplianceNow compliance)
    {
        if (!_begun)
        {
            _begun = true;
            _start = Floor(wall);
            (_entry, _nanos, _wall) = (entry, nowNanos, wall);
            return null;
        }

        var seconds = Math.Max(0, (nowNanos - _nanos) / 1e9);
        PeriodRecord? ended = null;
        var begin = Floor(wall);
        if (begin > _start)
        {
            var before = Math.Clamp((_start + period - _wall).TotalSeconds, 0, seconds);
            Accrue(_wall, before);
            ended = Close(compliance);
            Clear();
            _start = begin;
            // Whole periods of silence between the two have no record: nothing was measured in them, nothing is claimed for them.
            seconds = Math.Min(seconds - before, (wall - begin).TotalSeconds);
            _wall = begin;
        }

        // A wall clock that was set back stays in the period that is open: nothing is settled twice.
        Accrue(_wall, seconds);
        (_entry, _nanos, _wall) = (entry, nowNanos, wall);
        return ended;
    }

    /// <summary>The open period up to the last entry; null where nothing is procured in it yet.</summary>
    public PeriodRecord? SoFar(in ComplianceNow compliance) =>
        _begun && _procured > 0 ? Close(compliance) with { Period = new Interval(_start, Instant.Max(_start, Instant.Min(_wall, _start + period))) } : null;

    private void Accrue(Instant from, double seconds)
    {
        if (!_entry.Procured || seconds <= 0)
        {
            return;
        }

        _procured += seconds;
        _available += _entry.Reasons == UnavailableReasons.None ? seconds : 0;
        _reasons |= _entry.Reasons;
        var hours = seconds / 3600;
        _raised += Math.Max(0, _entry.ResponseW) * hours;
        _lowered += Math.Max(0, -_entry.ResponseW) * hours;
        _askedRaise += Math.Max(0, _entry.AskedW) * hours;
        _askedLower += Math.Max(0, -_entry.AskedW) * hours;
        _commandedRaise += Math.Max(0, _entry.CommandedW) * hours;
        _commandedLower += Math.Max(0, -_entry.CommandedW) * hours;
        AccrueMinutes(from, seconds);
        if (_entry.Source >= MeterSource.Telemetry)
        {
            _measured += seconds;
            _source = _source == MeterSource.None || _entry.Source < _source ? _entry.Source : _source;
        }
    }

    private void AccrueMinutes(Instant from, double seconds)
    {
        while (seconds > 0)
        {
            var start = ComputeStart(from, Minute);
            if (start != _minuteStart)
            {
                (_given, _minute, _minuteStart) = (_given.With(_minute), default, start);
            }

            var part = Math.Min(seconds, (start + Minute - from).TotalSeconds);
            _minute = _minute.Plus(_entry, part / 3600);
            (from, seconds) = (start + Minute, seconds - part);
        }
    }

    private PeriodRecord Close(in ComplianceNow compliance) => new()
    {
        Period = new Interval(_start, _start + period),
        QuantityW = quantityW,
        ProcuredSeconds = _procured,
        AvailableSeconds = _available,
        Reasons = _reasons,
        RaisedWh = _raised,
        LoweredWh = _lowered,
        AskedRaiseWh = _askedRaise,
        AskedLowerWh = _askedLower,
        GivenRaiseWh = _given.With(_minute).Raise,
        GivenLowerWh = _given.With(_minute).Lower,
        ErrorPu = compliance.WorstErrorPu,
        Factor = compliance.PredictedFactor,
        MeasuredSeconds = _measured,
        Source = _source,
        CommandedRaiseWh = _commandedRaise,
        CommandedLowerWh = _commandedLower,
    };

    private void Clear()
    {
        (_procured, _available, _raised, _lowered, _askedRaise, _askedLower) = (0, 0, 0, 0, 0, 0);
        (_commandedRaise, _commandedLower, _measured, _source) = (0, 0, 0, MeterSource.None);
        (_given, _minute) = (default, default);
        _reasons = UnavailableReasons.None;
    }

    private Instant Floor(Instant wall) => ComputeStart(wall, period);

    /// <summary>Begin of the period that holds an instant: equal lengths, counted from midnight UTC.</summary>
    internal static Instant ComputeStart(Instant wall, Duration length)
    {
        var step = length.BclCompatibleTicks;
        var ticks = wall.ToUnixTimeTicks();
        return Instant.FromUnixTimeTicks(ticks - (((ticks % step) + step) % step));
    }

    /// <summary>Of a minute what was delivered and asked for, Wh each way; of whole minutes what was given of it.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Given(double Raise, double Lower, double AskedRaise, double AskedLower)
    {
        public Given Plus(in LedgerEntry entry, double hours) => new(
            Raise + (Math.Max(0, entry.ResponseW) * hours), Lower + (Math.Max(0, -entry.ResponseW) * hours),
            AskedRaise + (Math.Max(0, entry.AskedW) * hours), AskedLower + (Math.Max(0, -entry.AskedW) * hours));

        public Given With(in Given minute) => new(Raise + Math.Min(minute.Raise, minute.AskedRaise), Lower + Math.Min(minute.Lower, minute.AskedLower), 0, 0);
    }
}

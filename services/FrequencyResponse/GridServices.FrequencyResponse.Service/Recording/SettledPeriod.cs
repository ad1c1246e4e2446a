using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Outages;
using GridServices.FrequencyResponse.Performance;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.Wire;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Recording;

/// <summary>A settlement period of a contract as far as it is known: minutes add up in it, also over a restart.</summary>
public sealed record SettledPeriod
{
    public required Instant From { get; init; }

    /// <summary>Exclusive.</summary>
    public required Instant Until { get; init; }

    public required long QuantityW { get; init; }

    /// <summary>The contract's first moment, in its first period: what a window says of the time before was never sold. Absent in all others.</summary>
    public Instant? Since { get; init; }

    /// <summary>Seconds inside a contracted window.</summary>
    public double ProcuredSeconds { get; init; }

    /// <summary>Of these, seconds available.</summary>
    public double AvailableSeconds { get; init; }

    /// <summary>Declared as not available by the operator, in seconds of the whole quantity; absent where nothing was declared.</summary>
    public double? DeclaredSeconds { get; init; }

    /// <summary>Of these, those that were declared with less notice than the contract asks for; absent where none were.</summary>
    public double? LateDeclaredSeconds { get; init; }

    /// <summary>Every reason that held at some time, by name.</summary>
    public IReadOnlyList<string> Reasons { get; init; } = [];

    /// <summary>Of the procured seconds, those that a reading covers; the rest is not measured, and not paid.</summary>
    public double MeasuredSeconds { get; init; }

    /// <summary>Where energies, error and factor come from: the least sure that was used. `estimate`: a record from before power was metered, scored on commands.</summary>
    public MeterSource Source { get; init; } = MeterSource.Estimate;

    /// <summary>What was commanded, Wh: an estimate, for comparison; never paid.</summary>
    public double CommandedRaiseWh { get; init; }
    public double CommandedLowerWh { get; init; }

    public double RaisedWh { get; init; }
    public double LoweredWh { get; init; }
    public double AskedRaiseWh { get; init; }
    public double AskedLowerWh { get; init; }

    /// <summary>What was given of it in the same minute; absent in a period that began before this was kept.</summary>
    public double? GivenRaiseWh { get; init; }
    public double? GivenLowerWh { get; init; }

    /// <summary>Worst error by the service's rule, share of the quantity.</summary>
    public double ErrorPu { get; init; }

    /// <summary>Factor by the service's rule, 0..1; less where readings show less than half of what was due.</summary>
    public double Factor { get; init; } = 1;

    /// <summary>A service that follows a signal: how well, in each five minutes that are over; absent in all others. Where PJM's rule pays, the factor is of the whole period.</summary>
    public IReadOnlyList<RegulationWindow>? Regulation { get; init; }

    /// <summary>What the factor is made of, of the whole period; stored beside the record, and not told.</summary>
    internal PeriodScore Score { get; init; }

    /// <summary>GB: the period began with less energy than required, and is not paid (Service Terms, state of energy).</summary>
    public bool ShortAtStart { get; init; }

    /// <summary>False while the period runs.</summary>
    public bool Closed { get; init; }

    /// <summary>What is paid: factor × share of the time available.</summary>
    public double Performance => Record().Performance;

    /// <summary>The contract's first period, which this minute is the first of: what came before it was never sold.</summary>
    public SettledPeriod BeginWith(PeriodRecord minute) => this with { Since = minute.Period.End - Duration.FromSeconds(minute.ProcuredSeconds) };

    /// <summary>Seconds of the period that the contract's windows sell, from the contract's first moment on.</summary>
    public double SoldSeconds(ContractSettings contract) => Periods.ProcuredSeconds(contract, Since ?? From, Until);

    /// <summary>With what was declared of it, as far as it has run: what is to come may still be cancelled.</summary>
    internal SettledPeriod Declaring(OutageEffect declared) => declared.Seconds <= 0 ? this with { DeclaredSeconds = null, LateDeclaredSeconds = null } : this with
    {
        DeclaredSeconds = declared.Seconds,
        LateDeclaredSeconds = declared.LateSeconds > 0 ? declared.LateSeconds : null,
        Reasons = [.. Reasons.Union(ReasonNames.GetNames(UnavailableReasons.Declared), StringComparer.Ordinal)],
    };

    /// <summary>With one more minute, or a part of one.</summary>
    /// <param name="minute">As it was delivered, of what was left.</param>
    /// <param name="rule">Of the service.</param>
    /// <param name="declared">What was declared of the minute.</param>
    /// <param name="terms">Of a service that is paid by its regulation score.</param>
    public SettledPeriod With(PeriodRecord minute, SettlementRule rule, OutageEffect declared = default, RegulationTerms? terms = null)
    {
        var score = Score.Plus(minute.Score);

        // A minute that two processes saw, or that a clock which was set back lays over others, counts once; so does all that happened in it.
        var seconds = Math.Min(ProcuredSeconds + minute.ProcuredSeconds, Math.Max(ProcuredSeconds, (minute.Period.End - From).TotalSeconds));
        var counted = seconds - ProcuredSeconds;
        var part = counted < minute.ProcuredSeconds ? counted / minute.ProcuredSeconds : 1;
        return this with
        {
            Score = score,
            ShortAtStart = ShortAtStart || minute.ShortAtStart || (rule == SettlementRule.GbDynamic && BeginsShort(minute)),
            ProcuredSeconds = seconds,
            AvailableSeconds = Math.Min(seconds, AvailableSeconds + (part * ComputeAvailable(minute, declared))),
            Reasons = [.. Reasons.Union(ReasonNames.GetNames(minute.Reasons | (score.IsShown ? UnavailableReasons.None : UnavailableReasons.NotMeasured)), StringComparer.Ordinal)],
            MeasuredSeconds = Math.Min(seconds, MeasuredSeconds + (part * minute.MeasuredSeconds)),
            Source = Least(Source, minute.Source),
            CommandedRaiseWh = CommandedRaiseWh + (part * minute.CommandedRaiseWh),
            CommandedLowerWh = CommandedLowerWh + (part * minute.CommandedLowerWh),
            RaisedWh = RaisedWh + (part * minute.RaisedWh),
            LoweredWh = LoweredWh + (part * minute.LoweredWh),
            AskedRaiseWh = AskedRaiseWh + (part * minute.AskedRaiseWh),
            AskedLowerWh = AskedLowerWh + (part * minute.AskedLowerWh),
            GivenRaiseWh = (GivenRaiseWh ?? Math.Min(RaisedWh, AskedRaiseWh)) + (part * minute.GivenRaiseWh),
            GivenLowerWh = (GivenLowerWh ?? Math.Min(LoweredWh, AskedLowerWh)) + (part * minute.GivenLowerWh),
            ErrorPu = Math.Max(ErrorPu, minute.ErrorPu),

            // Sums over the whole period, also over a restart: what was not delivered before it stays undelivered.
            Factor = score.GetFactor(rule, terms),
            Regulation = Better(Regulation, minute.Regulation),
        };
    }

    /// <summary>Of two looks at the same five minutes the one that saw more of them, the later of equals.</summary>
    private static IReadOnlyList<RegulationWindow>? Better(IReadOnlyList<RegulationWindow>? held, ValueList<RegulationWindow> news) => news.Count == 0 ? held :
    [
        .. (held ?? []).Concat(news).GroupBy(w => w.From).Select(g => g.Aggregate((one, next) => next.MeasuredSeconds >= one.MeasuredSeconds ? next : one)).OrderBy(w => w.From),
    ];

    /// <summary>In seconds of the whole quantity, also where a de-rating's end was followed late; never more than the declarations leave, however late its begin was.</summary>
    private double ComputeAvailable(PeriodRecord minute, OutageEffect declared) =>
        Math.Min(minute.AvailableSeconds * Math.Min(1, minute.QuantityW / QuantityW), Math.Max(0, minute.ProcuredSeconds - declared.DeratedSeconds));

    /// <summary>The period's first whole minute had no energy in all of it.</summary>
    private bool BeginsShort(PeriodRecord minute) =>
        ProcuredSeconds == 0 && minute.AvailableSeconds == 0 && (minute.Reasons & UnavailableReasons.Energy) != UnavailableReasons.None
        && minute.Period.Duration >= Duration.FromMinutes(1);

    private static MeterSource Least(MeterSource one, MeterSource other) =>
        one == MeterSource.None ? other : other == MeterSource.None || one < other ? one : other;

    /// <summary>Over: what was procured and never seen counts as unavailable.</summary>
    /// <param name="procuredSeconds">What was sold.</param>
    /// <param name="declared">What was declared of it: nobody had to be there for it.</param>
    /// <param name="outage">What becomes of what was declared too late.</param>
    public SettledPeriod Close(double procuredSeconds, OutageEffect declared = default, LateOutage outage = LateOutage.Unavailable) => this with
    {
        Closed = true,
        Reasons = procuredSeconds - declared.OutSeconds - ProcuredSeconds > 1 ? [.. Reasons.Union(ReasonNames.GetNames(UnavailableReasons.NotWriter), StringComparer.Ordinal)] : Reasons,
        ProcuredSeconds = Math.Max(ProcuredSeconds, procuredSeconds),
        Factor = outage == LateOutage.NonDelivery && procuredSeconds > 0 ? Factor * Math.Clamp(1 - (declared.LateSeconds / procuredSeconds), 0, 1) : Factor,
    };

    /// <summary>As the export for settlement takes it.</summary>
    public PeriodRecord Record() => new()
    {
        Period = new Interval(From, Until),
        QuantityW = QuantityW,
        ProcuredSeconds = ProcuredSeconds,
        AvailableSeconds = ShortAtStart ? 0 : AvailableSeconds,
        Reasons = ReasonNames.Parse<UnavailableReasons>(Reasons),
        MeasuredSeconds = MeasuredSeconds,
        Source = Source,
        CommandedRaiseWh = CommandedRaiseWh,
        CommandedLowerWh = CommandedLowerWh,
        RaisedWh = RaisedWh,
        LoweredWh = LoweredWh,
        AskedRaiseWh = AskedRaiseWh,
        AskedLowerWh = AskedLowerWh,
        GivenRaiseWh = GivenRaiseWh ?? Math.Min(RaisedWh, AskedRaiseWh),
        GivenLowerWh = GivenLowerWh ?? Math.Min(LoweredWh, AskedLowerWh),
        ErrorPu = ErrorPu,
        Factor = Factor,
        Regulation = (Regulation ?? []).ToValueList(),
    };
}

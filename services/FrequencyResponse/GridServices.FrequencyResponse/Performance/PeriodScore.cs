using System.Runtime.InteropServices;
using GridServices.FrequencyResponse.Catalog;

namespace GridServices.FrequencyResponse.Performance;

/// <summary>
/// What a settlement period's factor is made of, in steps of the rule's grid: sums, so that the parts of a period on both sides of a restart or
/// a change of settings make the score of the whole. <c>default</c> = nothing scored yet, which costs nothing.
/// </summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct PeriodScore
{
    /// <summary>Of a response that is all that was due, FCR; 95 % counts as all.</summary>
    private const double Enough = 0.95;

    /// <summary>FCR, seconds of the whole quantity: less than this was due, and nothing can be said; which is well only where readings show what was due.</summary>
    private const double LeastDueSeconds = 0.5;

    /// <summary>Of the time in which something was due, the share that readings must show; design: half, as one that reads seldom shows.</summary>
    private const double LeastShown = 0.5;

    /// <summary>Factor of the worst error so far (GB); null = the rule has none, or nothing was scored.</summary>
    public double? LeastFactor { get; init; }

    /// <summary>Steps of which a reading tells the response.</summary>
    public long Scored { get; init; }

    /// <summary>Of these, outside the band (FCR).</summary>
    public long Outside { get; init; }

    /// <summary>Due and given in each direction, steps × share of the quantity.</summary>
    public double RaiseDue { get; init; }
    public double RaiseGiven { get; init; }
    public double LowerDue { get; init; }
    public double LowerGiven { get; init; }

    /// <summary>Steps in which something was due that readings show.</summary>
    public long ShownSteps { get; init; }

    /// <summary>Steps in which something was due and no reading shows whether it was given.</summary>
    public long UnshownSteps { get; init; }

    /// <summary>Of a service that follows a signal.</summary>
    public RegulationSums Regulation { get; init; }

    /// <summary>False: something was due, and readings show less than half of it.</summary>
    public bool IsShown => Shown >= LeastShown;

    private double Shown => ShownSteps + UnshownSteps == 0 ? 1 : (double)ShownSteps / (ShownSteps + UnshownSteps);

    /// <summary>Both parts of a period.</summary>
    public PeriodScore Plus(in PeriodScore other) => new()
    {
        LeastFactor = LeastFactor is { } one && other.LeastFactor is { } two ? Math.Min(one, two) : LeastFactor ?? other.LeastFactor,
        Scored = Scored + other.Scored,
        Outside = Outside + other.Outside,
        RaiseDue = RaiseDue + other.RaiseDue,
        RaiseGiven = RaiseGiven + other.RaiseGiven,
        LowerDue = LowerDue + other.LowerDue,
        LowerGiven = LowerGiven + other.LowerGiven,
        ShownSteps = ShownSteps + other.ShownSteps,
        UnshownSteps = UnshownSteps + other.UnshownSteps,
        Regulation = Regulation.Plus(other.Regulation),
    };

    /// <summary>What came after an earlier look at the same score; added to that look it is the whole again.</summary>
    public PeriodScore Since(in PeriodScore before) => new()
    {
        LeastFactor = LeastFactor,
        Scored = Scored - before.Scored,
        Outside = Outside - before.Outside,
        RaiseDue = RaiseDue - before.RaiseDue,
        RaiseGiven = RaiseGiven - before.RaiseGiven,
        LowerDue = LowerDue - before.LowerDue,
        LowerGiven = LowerGiven - before.LowerGiven,
        ShownSteps = ShownSteps - before.ShownSteps,
        UnshownSteps = UnshownSteps - before.UnshownSteps,
        Regulation = Regulation.Since(before.Regulation),
    };

    /// <summary>What the period is paid with, 0..1: by its rule, and in proportion less where readings show less than half of what was due.</summary>
    /// <param name="rule">Of the service.</param>
    /// <param name="terms">Of a service that is paid by its regulation score.</param>
    public double GetFactor(SettlementRule rule, RegulationTerms? terms = null) =>
        (LeastFactor ?? 1) * Inside * (Followed(rule, terms) ?? Delivered(rule)) * Math.Min(1, Shown / LeastShown);

    /// <summary>Where the signal was next to nothing its precision says little: then what was due must have been given, too.</summary>
    private double? Followed(SettlementRule rule, RegulationTerms? terms) =>
        rule == SettlementRule.PjmRegulation && terms is { } by && Regulation.Score(by) is { } score ? score * (Regulation.IsFaint ? Delivered(rule) : 1) : null;

    private double Inside => Scored > 0 ? 1 - ((double)Outside / Scored) : 1;

    private double Delivered(SettlementRule rule)
    {
        var fcr = rule == SettlementRule.FcrBand;
        var (due, enough) = (RaiseDue + LowerDue, fcr ? Enough : 1);
        var given = Math.Min(RaiseDue, RaiseGiven / enough) + Math.Min(LowerDue, LowerGiven / enough);
        return fcr && due * FcrBand.StepSeconds < LeastDueSeconds ? (IsShown ? 1 : 0)
            : due > 0 ? given / due
            : 1;
    }
}

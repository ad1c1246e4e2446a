using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Outages;
using GridServices.Wire;
using NodaTime;

namespace GridServices.FrequencyResponse.Instructions;

/// <summary>What a contracted instruction service must and may do.</summary>
/// <remarks>
/// <code>
///            Start                                   EndsAt
/// received     │◀── Ramp ──▶┌─────────────────────────┐
///    ├─Notice──┤           ╱│                         │╲            ◀── Recovery ──▶ next start
/// ───────────────────────╱  └─ FullActivation at most ┘  ╲────────────────────────────
///              │◀──── MinActivation … MaxActivation ──▶│◀Ramp▶
/// </code>
/// The ramp is the fastest change there ever is. The longest activation ends with the begin of the ramp down; that is over within another <see cref="Ramp"/>.
/// </remarks>
public sealed record InstructionRules
{
    /// <summary>Longest activation that any rule may state: what is older than this can't be running.</summary>
    public static readonly Duration LongestActivation = Duration.FromDays(1);

    /// <summary>Longest time that one activation may bear on another: what is older is not looked at.</summary>
    public static readonly Duration LongestRecovery = Duration.FromDays(31);

    /// <summary>Contracted quantity, W &gt; 0.</summary>
    public required long QuantityW { get; init; }

    public required ResponseDirection Direction { get; init; }

    /// <summary>When it is procured and anything of it is left: half-open, sorted, apart or touching.</summary>
    public required ValueList<Interval> Windows { get; init; }

    /// <summary>What is declared as not available: an instruction is judged with the least that is left while it delivers.</summary>
    public ValueList<OutageStretch> Outages { get; init; } = [];

    /// <summary>An instruction may ask for full delivery no sooner than this and <see cref="FullActivation"/> after its arrival.</summary>
    public Duration Notice { get; init; }

    /// <summary>From the start to full delivery, at most.</summary>
    public Duration FullActivation { get; init; }

    /// <summary>From 0 to the whole quantity; zero = at once.</summary>
    public Duration Ramp { get; init; }

    public Duration MinActivation { get; init; }

    /// <summary>At most <see cref="LongestActivation"/>.</summary>
    public required Duration MaxActivation { get; init; }

    /// <summary>From the end of one (power 0) to the start of the next.</summary>
    public Duration Recovery { get; init; }

    /// <summary>Most activations that begin within <see cref="RepeatWindow"/>; 0 = any number.</summary>
    public int MostActivations { get; init; }

    public Duration RepeatWindow { get; init; }

    /// <summary>Least size of an instruction, W.</summary>
    public long LeastW { get; init; } = 1;

    /// <summary>The rules of a contract by the numbers of its service.</summary>
    /// <param name="contract">As it was sold.</param>
    /// <param name="outages">What is declared of it as not available.</param>
    public static InstructionRules For(ServiceContract contract, ValueList<OutageStretch>? outages = null)
    {
        ArgumentNullException.ThrowIfNull(contract);
        var service = contract.Service;
        return new InstructionRules
        {
            QuantityW = contract.QuantityW,
            Direction = service.Direction,
            Windows = Merge(DeclaredOutages.Left(outages ?? [], contract.Windows)),
            Outages = outages ?? [],
            Notice = GetDuration(service, NumberNames.NoticeSeconds),
            FullActivation = GetDuration(service, NumberNames.FullActivationSeconds),
            Ramp = Duration.FromSeconds(Math.Min(service.RampSeconds, LongestActivation.TotalSeconds)),
            MinActivation = Duration.Min(GetDuration(service, NumberNames.MinActivationSeconds), LongestActivation),
            MaxActivation = service.Value(NumberNames.MaxActivationSeconds) is { } most ? Duration.Min(Duration.FromSeconds(most), LongestActivation) : LongestActivation,
            Recovery = GetDuration(service, NumberNames.RecoverySeconds),
            MostActivations = (int)(service.Value(NumberNames.MaxActivations) ?? 0),
            RepeatWindow = GetDuration(service, NumberNames.RepeatWindowSeconds),
            LeastW = Math.Max(1, Math.Min((long)(service.Value(NumberNames.MinInstructionWatts) ?? 1), contract.QuantityW)),
        };
    }

    /// <summary>Fastest change, W/s; without a ramp the whole quantity within a microsecond.</summary>
    /// <param name="quantityW">What is left of the quantity, W.</param>
    public double RampWPerS(long quantityW) => quantityW / Math.Max(Ramp.TotalSeconds, 1e-6);

    /// <summary>The least that is left at any time of [from, until), and from when until when it is no more than that; the quantity where nothing is declared.</summary>
    internal (long LeftW, Interval Span) LeastLeft(Instant from, Instant until)
    {
        var span = new Interval(from, Instant.Max(until, from + Duration.Epsilon));
        var (_, left) = DeclaredOutages.Steps(Outages, QuantityW, [span]).MinBy(s => s.LeftW);
        return (left, left == QuantityW ? span : First(Outages.Where(s => s.AvailableW == left && s.From < span.End && s.Until > span.Start).OrderBy(s => s.From)));
    }

    /// <summary>The first of the stretches, with those that follow it without a gap.</summary>
    private static Interval First(IEnumerable<OutageStretch> sorted) => sorted.Aggregate(
        default(Interval?), (first, s) => first is not { } one ? new Interval(s.From, s.Until) : s.From <= one.End ? new Interval(one.Start, Instant.Max(one.End, s.Until)) : one)!.Value;

    private static Duration GetDuration(ServiceDefinition service, string name) => Duration.FromSeconds(Math.Min(service.Value(name) ?? 0, LongestRecovery.TotalSeconds));

    /// <summary>Touching windows are one.</summary>
    private static ValueList<Interval> Merge(IEnumerable<Interval> windows)
    {
        var joined = new List<Interval>();
        foreach (var window in windows)
        {
            if (joined.Count > 0 && joined[^1].End == window.Start)
            {
                joined[^1] = new Interval(joined[^1].Start, window.End);
                continue;
            }

            joined.Add(window);
        }

        return joined.ToValueList();
    }
}

using GridServices.Contracts;
using NodaTime;

namespace GridServices.Adapters.Lines;

/// <summary>A quantity's limit over [<paramref name="From"/>, <paramref name="Until"/>).</summary>
/// <param name="From">Begin.</param>
/// <param name="Until">End; null: none.</param>
/// <param name="Watts">0 or more; null: no limit, and known to be none.</param>
/// <param name="By">Id of the envelope that binds; <see cref="LimitLine.Failsafe"/>; empty where there is no limit.</param>
public sealed record PowerStep(Instant From, Instant? Until, long? Watts, string By);

/// <summary>
/// A quantity's limit from now on, without gap or end. Where nobody states one it is unlimited only while all is known; otherwise the fail-safe limit holds,
/// also for each part of it: a stated charging limit does not hide an import limit that is not known.
/// </summary>
public sealed class LimitLine
{
    /// <summary>Who binds where the fail-safe limit does.</summary>
    public const string Failsafe = "failsafe";

    private readonly Lazy<LimitLine?> _whenSilent;

    private LimitLine(IReadOnlyList<PowerStep> steps, Lazy<LimitLine?> whenSilent) => (Steps, _whenSilent) = (steps, whenSilent);

    /// <summary>In order; the last has no end.</summary>
    public IReadOnlyList<PowerStep> Steps { get; }

    /// <summary>The line of one quantity.</summary>
    public static LimitLine From(SiteView view, Quantity quantity, SiteRules rules)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(rules);
        var whenSilent = new Lazy<LimitLine?>(() => view.WhenSilent.Value is { Count: > 0 } segments ? Build(view.At, segments, quantity, rules, isKnown: true, new((LimitLine?)null)) : null);
        return Build(view.At, view.Segments, quantity, rules, view.IsKnown, whenSilent);
    }

    private static LimitLine Build(Instant at, IReadOnlyList<EffectiveSegment> segments, Quantity quantity, SiteRules rules, bool isKnown, Lazy<LimitLine?> whenSilent)
    {
        var stated = segments.Select(s => (s.From, s.Limits)).DefaultIfEmpty((at, EffectiveLimits.None));
        List<(Instant From, long? Watts, string By)> starts = [];
        foreach (var (from, limits) in stated)
        {
            var (watts, by) = StatedPower.Compute(limits, quantity, rules, isKnown);
            if (starts.Count == 0 || starts[^1].Watts != watts || !string.Equals(starts[^1].By, by, StringComparison.Ordinal))
            {
                starts.Add((from, watts, by));
            }
        }

        return new LimitLine([.. starts.Select((s, i) => new PowerStep(s.From, i + 1 < starts.Count ? starts[i + 1].From : null, s.Watts, s.By))], whenSilent);
    }

    /// <summary>The limit at an instant; before the first step, the first.</summary>
    public PowerStep At(Instant instant) => Steps.LastOrDefault(s => s.From <= instant) ?? Steps[0];

    /// <summary>The tightest step that reaches into [<paramref name="from"/>, <paramref name="until"/>); null: without end. What begins at <paramref name="from"/> always counts.</summary>
    public PowerStep Least(Instant from, Instant? until) =>
        Steps.Where(s => (s.Until is null || s.Until > from) && (until is null || s.From < until || s.From <= from)).Append(At(from)).Aggregate(Tighter);

    /// <summary>The tightest step from an instant on, of what is stated and of what would hold if nobody were heard any more: what a peer may be left with.</summary>
    public PowerStep LeastLeft(Instant from) => _whenSilent.Value is { } silent ? Tighter(Least(from, null), silent.Least(from, null)) : Least(from, null);

    private static PowerStep Tighter(PowerStep a, PowerStep b) => a.Watts is null || b.Watts < a.Watts ? b : a;
}

using NodaTime;

namespace GridServices.Adapters.Schedules;

/// <summary>A power from an instant on, until the next point.</summary>
/// <param name="From">Begin, included.</param>
/// <param name="Watts">0 or more.</param>
public sealed record PowerPoint(Instant From, long Watts);

/// <summary>A power over all time: each point holds until the next, the first also before it begins, the last for ever.</summary>
public sealed class PowerCurve
{
    private PowerCurve(IReadOnlyList<PowerPoint> points) => Points = points;

    /// <summary>At least one, in order, no two neighbours of the same power.</summary>
    public IReadOnlyList<PowerPoint> Points { get; }

    /// <summary>When it begins for a peer that obeys nothing before a begin: a day before the first point, so that it holds at once however slow the peer's clock is.</summary>
    public Instant WrittenFrom => Points[0].From - Duration.FromDays(1);

    public static PowerCurve Constant(Instant from, long watts) => new([new PowerPoint(from, watts)]);

    /// <summary>The curve that has these values at these instants.</summary>
    /// <param name="turns">At least one, in any order.</param>
    /// <param name="wattsAt">Asked once for each turn.</param>
    public static PowerCurve Create(IEnumerable<Instant> turns, Func<Instant, long> wattsAt)
    {
        ArgumentNullException.ThrowIfNull(turns);
        ArgumentNullException.ThrowIfNull(wattsAt);
        List<PowerPoint> points = [];
        foreach (var turn in turns.Distinct().Order())
        {
            var watts = wattsAt(turn);
            if (points.Count == 0 || points[^1].Watts != watts)
            {
                points.Add(new PowerPoint(turn, watts));
            }
        }

        return new PowerCurve(points);
    }

    /// <summary>At each instant the greatest of several.</summary>
    public static PowerCurve Greatest(IReadOnlyList<PowerCurve> curves) => Create(GetTurns(curves), at => curves.Max(c => c.At(at)));

    /// <summary>Every instant at which one of them changes.</summary>
    public static IEnumerable<Instant> GetTurns(IEnumerable<PowerCurve> curves) => curves.SelectMany(c => c.Points).Select(p => p.From);

    /// <summary>The power at an instant, W.</summary>
    public long At(Instant instant)
    {
        var watts = Points[0].Watts;
        foreach (var point in Points)
        {
            if (point.From > instant)
            {
                break;
            }

            watts = point.Watts;
        }

        return watts;
    }

    /// <summary>What a peer may do whose clock is wrong by up to <paramref name="margin"/> either way: at each instant the greatest within the margin.</summary>
    public PowerCurve Widened(Duration margin) =>
        Create(Points.SelectMany(p => new[] { p.From - margin, p.From, p.From + margin }), at => Greatest(at - margin, at + margin));

    /// <summary>The same from an instant on.</summary>
    public PowerCurve From(Instant instant) => new([new PowerPoint(instant, At(instant)), .. Points.Where(p => p.From > instant)]);

    /// <summary>No more points than asked for, and nowhere more power: from the last of them on, the least of what was left out.</summary>
    public PowerCurve Shortened(int most) => Points.Count <= most
        ? this
        : Create(Points.Take(most).Select(p => p.From), at => at == Points[most - 1].From ? Points.Skip(most - 1).Min(p => p.Watts) : At(at));

    /// <summary>True where both say the same from an instant on.</summary>
    public bool IsEquivalentTo(PowerCurve? other, Instant from) => other is not null && From(from).Points.SequenceEqual(other.From(from).Points);

    /// <summary>True where a peer that was told the other needs no new word: it says the same from now on, and no more at the time of a clock that is slow by the margin.</summary>
    public bool IsDoneBy(PowerCurve? curve, Instant now, Duration margin) => IsEquivalentTo(curve, now) && curve!.IsWithin(this, now - margin);

    /// <summary>True where it is nowhere more than the other from an instant on.</summary>
    public bool IsWithin(PowerCurve other, Instant from)
    {
        ArgumentNullException.ThrowIfNull(other);
        return GetTurns([From(from), other.From(from)]).All(at => At(at) <= other.At(at));
    }

    // Of the points that reach into [from, until].
    private long Greatest(Instant from, Instant until) =>
        Points.Where((p, i) => (i == 0 || p.From <= until) && (i + 1 == Points.Count || Points[i + 1].From > from)).Max(p => p.Watts);
}

using System.Collections.Immutable;
using NodaTime;

namespace GridServices.Contracts.Tests.Merging;

/// <summary>
/// Limits as a function of all time, piecewise constant. The one canonical form: steps ascend, the first begins at
/// <see cref="Instant.MinValue"/>, neighbours differ; so schedules are equal exactly when they say the same at every instant.
/// </summary>
/// <remarks>Default value of a reference: <see cref="None"/> says nothing at any time and is neutral in intersection.</remarks>
internal sealed class LimitSchedule : IEquatable<LimitSchedule>
{
    private LimitSchedule(ImmutableArray<LimitStep> steps) => Steps = steps;

    public static LimitSchedule None { get; } = new([new LimitStep(Instant.MinValue, Limits.None)]);

    /// <summary>Each holds from its instant up to the next one's.</summary>
    public ImmutableArray<LimitStep> Steps { get; }

    /// <summary>The schedule that a stream states: its segments, its default in the gaps, before and after.</summary>
    public static LimitSchedule From(Envelope envelope) => From(envelope.Segments, envelope.Default?.Limits);

    /// <summary>The segments, and <paramref name="between"/> wherever none covers.</summary>
    public static LimitSchedule From(IReadOnlyList<Segment> segments, Limits? between)
    {
        var gaps = between ?? Limits.None;
        var edges = segments.Select(s => s.From).Concat(segments.Select(s => s.Until).OfType<Instant>()).Append(Instant.MinValue).Distinct().Order();
        return From(edges.Select(at => new LimitStep(at, segments.FirstOrDefault(s => s.From <= at && !(s.Until <= at))?.Limits ?? gaps)));
    }

    /// <summary>Of steps in ascending order; the time before the first one is without statement.</summary>
    /// <exception cref="ArgumentException">The steps do not ascend.</exception>
    public static LimitSchedule From(IEnumerable<LimitStep> steps)
    {
        var canonical = ImmutableArray.CreateBuilder<LimitStep>();
        Instant? previous = null;
        foreach (var step in steps)
        {
            if (step.From <= previous)
            {
                throw new ArgumentException($"Steps must ascend; {step.From} does not follow {previous}.", nameof(steps));
            }

            if (previous is null && step.From > Instant.MinValue)
            {
                Append(canonical, Instant.MinValue, Limits.None);
            }

            Append(canonical, step.From, step.Limits.Canonical());
            previous = step.From;
        }

        return previous is null ? None : new LimitSchedule(canonical.ToImmutable());
    }

    /// <summary>What is stated at an instant.</summary>
    public Limits At(Instant instant)
    {
        var low = 0;
        var high = Steps.Length - 1;
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = Steps[middle].From <= instant ? (middle, high) : (low, middle - 1);
        }

        return Steps[low].Limits;
    }

    /// <summary>What both allow, at every instant.</summary>
    public LimitSchedule Intersect(LimitSchedule other)
    {
        var result = ImmutableArray.CreateBuilder<LimitStep>();
        var (i, j) = (0, 0);
        while (true)
        {
            var from = Instant.Max(Steps[i].From, other.Steps[j].From);
            Append(result, from, Steps[i].Limits.Intersect(other.Steps[j].Limits));
            var mine = i + 1 < Steps.Length ? Steps[i + 1].From : Instant.MaxValue;
            var theirs = j + 1 < other.Steps.Length ? other.Steps[j + 1].From : Instant.MaxValue;
            if (i + 1 == Steps.Length && j + 1 == other.Steps.Length)
            {
                return new LimitSchedule(result.ToImmutable());
            }

            i += mine <= theirs && i + 1 < Steps.Length ? 1 : 0;
            j += theirs <= mine && j + 1 < other.Steps.Length ? 1 : 0;
        }
    }

    /// <summary>True where this schedule is at no instant looser than <paramref name="other"/>.</summary>
    public bool IsWithin(LimitSchedule other) => Intersect(other).Equals(this);

    public bool Equals(LimitSchedule? other) => other is not null && Steps.SequenceEqual(other.Steps);

    public override bool Equals(object? obj) => Equals(obj as LimitSchedule);

    public override int GetHashCode() => HashCode.Combine(Steps.Length, Steps[0], Steps[^1]);

    public override string ToString() => string.Join("; ", Steps);

    private static void Append(ImmutableArray<LimitStep>.Builder steps, Instant from, Limits limits)
    {
        if (steps.Count == 0 || steps[^1].Limits != limits)
        {
            steps.Add(new LimitStep(from, limits));
        }
    }
}

/// <summary>From <see cref="From"/> on, until the next step.</summary>
internal readonly record struct LimitStep(Instant From, Limits Limits);

using System.Collections.Immutable;
using NodaTime;

namespace GridServices.Contracts;

/// <summary>
/// Limits as a function of all time, piecewise constant. The one canonical form: steps ascend, the first begins at
/// <see cref="Instant.MinValue"/>, neighbours differ; so schedules are equal exactly when they say the same at every instant.
/// </summary>
/// <remarks>Default value of a reference: <see cref="None"/> says nothing at any time and is neutral in intersection.</remarks>
public sealed class LimitSchedule : IEquatable<LimitSchedule>
{
    private LimitSchedule(ImmutableArray<LimitStep> steps) => Steps = steps;

    public static LimitSchedule None { get; } = new([new LimitStep(Instant.MinValue, Limits.None)]);

    /// <summary>Each holds from its instant up to the next one's.</summary>
    public ImmutableArray<LimitStep> Steps { get; }

    /// <summary>The schedule that a stream states: its segments, its default in the gaps, before and after.</summary>
    public static LimitSchedule From(Envelope envelope) => From(StreamSchedule.Steps(envelope));

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

    /// <summary>At most <paramref name="maxSteps"/> steps, for devices that hold few: neighbours are joined by intersection, so it is never looser.</summary>
    /// <remarks>Joins first where the shortest time gets tighter; the open ends count as endless.</remarks>
    public LimitSchedule Coarsen(int maxSteps)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxSteps, 1);
        return maxSteps >= Steps.Length ? this : From(Coarsening.Join(Steps, maxSteps));
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
public readonly record struct LimitStep(Instant From, Limits Limits);

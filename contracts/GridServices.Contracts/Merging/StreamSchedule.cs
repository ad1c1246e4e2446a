using NodaTime;

namespace GridServices.Contracts;

/// <summary>One stream's envelope laid out over time: segments, and the default wherever none covers (architecture law 6).</summary>
internal static class StreamSchedule
{
    /// <summary>Ascending, gapless, beginning at <see cref="Instant.MinValue"/>; neighbours may be equal.</summary>
    public static IEnumerable<LimitStep> Steps(Envelope envelope)
    {
        var between = envelope.Default?.Limits ?? Limits.None;
        var end = Instant.MinValue;
        foreach (var segment in envelope.Segments)
        {
            if (segment.From > end)
            {
                yield return new LimitStep(end, between);
            }

            yield return new LimitStep(segment.From, segment.Limits);
            if (segment.Until is not { } until)
            {
                yield break;
            }

            end = until;
        }

        yield return new LimitStep(end, between);
    }

    /// <summary>The steps that begin before <paramref name="until"/>; the one in force at <paramref name="from"/> begins there.</summary>
    public static IEnumerable<LimitStep> Steps(Envelope envelope, Instant from, Instant? until)
    {
        LimitStep? current = null;
        foreach (var step in Steps(envelope))
        {
            if (step.From > from && current is { } inForce)
            {
                yield return inForce;
                current = null;
            }

            if (step.From >= until)
            {
                yield break;
            }

            if (step.From <= from)
            {
                current = new LimitStep(from, step.Limits);
            }
            else
            {
                yield return step;
            }
        }

        if (current is { } last)
        {
            yield return last;
        }
    }
}

/// <summary>From <see cref="From"/> on, until the next step.</summary>
internal readonly record struct LimitStep(Instant From, Limits Limits);

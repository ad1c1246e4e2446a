using NodaTime;

namespace GridServices.Contracts;

/// <summary>An advisory envelope laid out over the window.</summary>
internal static class Advice
{
    public static AdvisoryTimeline ToTimeline(Envelope envelope, Binding by, Instant from, Instant? until) => new()
    {
        By = by,
        BreachPrice = envelope.BreachPrice,
        Segments = Segments(envelope, from, until),
        Targets = [.. envelope.Targets.Where(t => !(t.Until <= from) && !(t.From >= until)).Select(t => Clip(t, from, until))],
    };

    private static List<AdvisorySegment> Segments(Envelope envelope, Instant from, Instant? until)
    {
        var segments = new List<AdvisorySegment>();
        foreach (var step in StreamSchedule.Steps(envelope, from, until))
        {
            var limits = step.Limits.Canonical();
            if (segments.Count > 0 && segments[^1].Limits == limits)
            {
                continue;
            }

            if (segments.Count > 0)
            {
                segments[^1] = segments[^1] with { Until = step.From };
            }

            segments.Add(new AdvisorySegment { From = step.From, Until = until, Limits = limits });
        }

        return segments;
    }

    private static TargetSegment Clip(TargetSegment target, Instant from, Instant? until) => target with
    {
        From = Instant.Max(target.From, from),
        Until = target.Until is { } end && (until is null || end < until) ? end : until,
    };
}

using GridServices.Contracts;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Operations.Events;

/// <summary>
/// The limits in force at a site over [<see cref="From"/>, <see cref="Until"/>). <see cref="Known"/> false: nobody recorded them, which is
/// neither a limit nor its absence. Known and null: nothing was stated.
/// </summary>
public sealed record LimitStep(Instant From, Instant Until, bool Known, long? ImportW = null, long? ExportW = null, string? ImportBoundBy = null, string? ExportBoundBy = null)
{
    public static LimitStep Unknown(Instant from, Instant until) => new(from, until, Known: false);
}

/// <summary>The steps of a site's limits over a span, without a gap.</summary>
public static class LimitTimeline
{
    /// <param name="segments">The effective limits as they were recorded; of several for one instant the later one in the list holds.</param>
    /// <param name="from">The span's start.</param>
    /// <param name="until">Its end, exclusive.</param>
    /// <param name="recordedUntil">Up to when the record is of what really held; later segments were forecasts and count as unknown.</param>
    public static ValueList<LimitStep> Compute(IEnumerable<EffectiveSegment> segments, Instant from, Instant until, Instant recordedUntil)
    {
        var list = segments.ToList();
        Instant[] edges =
        [
            .. list.SelectMany(s => new[] { s.From, s.Until ?? until }).Append(recordedUntil).Where(e => e > from && e < until).Append(from).Append(until).Distinct().Order(),
        ];
        var steps = new List<LimitStep>();
        foreach (var (start, end) in edges.Zip(edges.Skip(1)))
        {
            var step = start >= recordedUntil || list.FindLast(s => s.From <= start && !(s.Until <= start)) is not { } segment
                ? LimitStep.Unknown(start, end)
                : CreateStep(segment.Limits, start, end);
            if (steps.Count > 0 && steps[^1] with { From = start, Until = end } == step)
            {
                steps[^1] = steps[^1] with { Until = end };
            }
            else
            {
                steps.Add(step);
            }
        }

        return steps.ToValueList();
    }

    /// <summary>A site that is off the grid or not energized may neither draw nor feed in.</summary>
    private static LimitStep CreateStep(EffectiveLimits limits, Instant from, Instant until)
    {
        var off = limits.Connect is { Value: false } connect ? connect : limits.Energize is { Value: false } energize ? energize : null;
        return off is null
            ? new LimitStep(from, until, Known: true, limits.ImportLimitW?.Value, limits.ExportLimitW?.Value, Name(limits.ImportLimitW?.BoundBy), Name(limits.ExportLimitW?.BoundBy))
            : new LimitStep(from, until, Known: true, 0, 0, Name(off.BoundBy), Name(off.BoundBy));
    }

    private static string? Name(Binding? binding) => binding is null ? null : $"{binding.Service}/{binding.Key}";
}

/// <summary>The limits that hold at a site's connection as the hub's answer of this moment says them.</summary>
public static class HeldLimits
{
    /// <param name="answer">From now on, as <c>GET /v1/sites/{siteId}/effective</c> gives it.</param>
    /// <param name="siteId">The site.</param>
    /// <returns>Without a statement where nothing limits the site; null where that is not known, because not every publisher has restated what the hub has lost.</returns>
    public static EffectiveLimits? Find(EffectiveTimeline answer, string siteId)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return answer.Incomplete is true
            ? null
            : answer.Find(new EnvelopeTarget(TargetKind.Site, siteId), answer.From)?.Limits ?? EffectiveLimits.None;
    }
}

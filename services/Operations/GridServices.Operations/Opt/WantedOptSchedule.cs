using GridServices.Contracts;
using GridServices.Operations.Enrollments;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Operations.Opt;

/// <summary>One opt schedule as the plans in force give it: all spans of one direction for one enrollment.</summary>
public sealed record WantedOptSchedule
{
    public required OptScheduleTarget Target { get; init; }
    public required OptDirection Direction { get; init; }

    /// <summary>That of its plans; where they give several, <see cref="OptReason.Schedule"/>: a schedule has one word.</summary>
    public required OptReason Reason { get; init; }

    /// <summary>In order, none touches the next, at least one.</summary>
    public required ValueList<OptSpan> Spans { get; init; }

    /// <summary>The plans that speak in it.</summary>
    public required ValueList<OptPlanRef> Plans { get; init; }

    /// <summary>Who changed one of them last.</summary>
    public required string By { get; init; }

    /// <summary>In people's words; null where several plans speak.</summary>
    public string? Text { get; init; }
}

/// <summary>From opt plans to opt schedules.</summary>
/// <remarks>
/// <code>
///   site's plan        out ├──────────────────────┤
///   enrollment's plan            in ├──────┤              stronger where it is
///   schedule optOut        ├────────┤      ├──────┤       one schedule: a second one would replace it
///   schedule optIn                  ├──────┤
/// </code>
/// An event wholly within a span has the answer that <see cref="OptPlans.For(OptEvent, Enrollment, IEnumerable{OptPlan})"/> gives it; one partly within is answered by itself.
/// </remarks>
public static class WantedOptSchedules
{
    /// <summary>As the OpenAdr service bounds a schedule.</summary>
    public const int MostSpans = 256;

    /// <summary>As the contract bounds a duration; longer spans are told in periods that meet.</summary>
    public static readonly Duration Longest = TimeText.LongestDuration;

    private static readonly Duration Farthest = Duration.FromDays(36_500);

    /// <param name="plans">Plans that are not over.</param>
    /// <param name="targets">Enrollments whose programs want schedules. Of two that share VEN and program the first by id speaks: they would replace each other for ever.</param>
    /// <param name="now">Spans that are over by now are left out.</param>
    public static IReadOnlyList<WantedOptSchedule> Create(IReadOnlyCollection<OptPlan> plans, IEnumerable<OptScheduleTarget> targets, Instant now) =>
    [
        .. targets.GroupBy(t => (t.Tenant, t.Slot)).Select(g => g.MinBy(t => t.EnrollmentId, StringComparer.Ordinal)!)
            .OrderBy(t => t.EnrollmentId, StringComparer.Ordinal)
            .SelectMany(t => ForTarget(t, [.. plans.Where(p => OptPlans.IsFor(p, t.Tenant, t.SiteId, t.EnrollmentId))], now)),
    ];

    private static IEnumerable<WantedOptSchedule> ForTarget(OptScheduleTarget target, List<OptPlan> own, Instant now)
    {
        foreach (var side in Pieces(own).Where(p => p.Span.Until > now).GroupBy(p => p.Plan.Direction).OrderBy(g => g.Key))
        {
            var spans = Merge(side.Select(p => p.Span)).SelectMany(Parts).Where(s => s.Until > now && s.From < now + Farthest).Take(MostSpans).ToValueList();
            var speaking = side.Select(p => p.Plan).DistinctBy(p => p.Id).OrderBy(p => p.Id, StringComparer.Ordinal).ToList();
            if (spans.Count > 0)
            {
                yield return new WantedOptSchedule
                {
                    Target = target,
                    Direction = side.Key,
                    Reason = speaking.Select(p => p.Reason).Distinct().ToList() is [var only] ? only : OptReason.Schedule,
                    Spans = spans,
                    Plans = speaking.Select(p => new OptPlanRef(p.Id, p.Version)).ToValueList(),
                    By = speaking.MaxBy(p => p.Updated.At)!.Updated.By,
                    Text = speaking is [var one] ? one.Text : null,
                };
            }
        }
    }

    /// <summary>From edge to edge, the plan that is strongest there.</summary>
    private static IEnumerable<(OptSpan Span, OptPlan Plan)> Pieces(List<OptPlan> own)
    {
        var edges = own.SelectMany(p => new[] { p.From, p.Until }).Distinct().Order().ToList();
        foreach (var (from, until) in edges.Zip(edges.Skip(1)))
        {
            if (OptPlans.Strongest(own.Where(p => p.From <= from && until <= p.Until)) is { } plan)
            {
                yield return (new OptSpan(from, until), plan);
            }
        }
    }

    private static IEnumerable<OptSpan> Merge(IEnumerable<OptSpan> inOrder)
    {
        OptSpan? open = null;
        foreach (var span in inOrder)
        {
            if (open is not null && open.Until != span.From)
            {
                yield return open;
                open = null;
            }

            open = open is null ? span : open with { Until = span.Until };
        }

        if (open is not null)
        {
            yield return open;
        }
    }

    /// <summary>In whole seconds, inward: a schedule never says more than its plans.</summary>
    private static IEnumerable<OptSpan> Parts(OptSpan span)
    {
        var until = Instant.FromUnixTimeSeconds(span.Until.ToUnixTimeSeconds());
        var from = Instant.FromUnixTimeSeconds(span.From.ToUnixTimeSeconds());
        from = from < span.From ? from + Duration.FromSeconds(1) : from;
        while (from < until)
        {
            var end = until - from > Longest ? from + Longest : until;
            yield return new OptSpan(from, end);
            from = end;
        }
    }
}

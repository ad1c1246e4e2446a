using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>When something changes by the passing of time alone.</summary>
internal static class NextChange
{
    public static Instant? Find(EvaluationContext context, ValueList<ModeTimeline> timeline)
    {
        var edges = timeline.SelectMany(t => t.Pieces).SelectMany(p => new[] { p.From, p.Until })
            .Concat(context.Controls.Where(c => c.Ending is not { Kind: EndingKind.Removed } && !ResponseLifecycle.IsTold(c, context.Config.Edition)).SelectMany(c => new Instant?[] { c.Start, c.Over() }))
            .Append(context.LookAgainAt).Where(e => e > context.Now);
        return edges.DefaultIfEmpty(null).Min();
    }
}

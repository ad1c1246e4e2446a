using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>When something changes by the passing of time alone.</summary>
internal static class Agenda
{
    public static Instant? NextChange(Look look, ValueList<ModeTimeline> timeline)
    {
        var edges = timeline.SelectMany(t => t.Pieces).SelectMany(p => new[] { p.From, p.Until })
            .Concat(look.Controls.Where(c => !Lifecycle.IsTold(c, look.Config.Edition)).SelectMany(c => new Instant?[] { c.Start, c.Over() }))
            .Where(e => e > look.Now);
        return edges.DefaultIfEmpty(null).Min();
    }
}

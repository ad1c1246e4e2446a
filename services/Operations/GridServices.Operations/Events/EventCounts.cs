namespace GridServices.Operations.Events;

/// <summary>How many sites of an event take part; <see cref="Off"/>: cancelled, superseded or gone for them.</summary>
public sealed record EventCounts(int In, int Out, int NotAsked, int Refused, int Off, decimal NominatedKw)
{
    public int Sites => In + Out + NotAsked + Refused + Off;

    public static EventCounts Count(Event e)
    {
        int Held(OptState state) => e.Sites.Count(s => s.State == SiteEventState.Held && s.Opt.State == state);
        return new EventCounts(
            Held(OptState.In),
            Held(OptState.Out),
            Held(OptState.NotAsked),
            e.Sites.Count(s => s.State == SiteEventState.Refused),
            e.Sites.Count(s => s.State is SiteEventState.Cancelled or SiteEventState.Superseded or SiteEventState.Gone),
            e.Sites.Where(s => s.State == SiteEventState.Held && s.Opt.State != OptState.Out).Sum(s => s.NominatedKw ?? 0));
    }
}

using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Events;

/// <summary>Remembers events that the VTN has cancelled or lists no longer for as long as limits come back from them.</summary>
internal static class Recoveries
{
    /// <summary>Events remembered at most; the oldest go first, and their limits at once.</summary>
    private const int Most = 512;

    /// <summary>Takes up what the step has dropped, and forgets what has recovered.</summary>
    public static void Update(StepContext context, VenState before)
    {
        var state = context.State;
        if (ReferenceEquals(before.Events, state.Events) && state.Recovering.Count == 0)
        {
            return;
        }

        var held = state.Events.Select(e => e.Id).ToHashSet(StringComparer.Ordinal);
        var dropped = ReferenceEquals(before.Events, state.Events) ? [] : before.Events.Where(e => !held.Contains(e.Id)).Select(e => Ended(context, before, e));
        var recovering = state.Recovering.Concat(dropped.OfType<RecoveringEvent>()).Where(r => !IsOver(context.Config, r.Event, context.Now)).TakeLast(Most).ToValueList();
        var former = state.Registration is not null || recovering.Count == 0 ? null : state.Former ?? before.Registration;
        if (!recovering.Equals(state.Recovering) || former != state.Former)
        {
            context.State = state with { Recovering = recovering, Former = former };
        }
    }

    /// <summary>When, without a registration, the last limit has come back and the streams end; never while registered, for then events and time do it.</summary>
    public static Instant OverAt(VenConfig config, VenState state) => state.Registration is not null ? Instant.MaxValue
        : state.Recovering.Select(r => OverAt(config, r.Event) ?? Instant.MaxValue).DefaultIfEmpty(Instant.MaxValue).Min();

    private static RecoveringEvent? Ended(StepContext context, VenState before, HeldEvent held)
    {
        var end = held.End() is { } natural && natural < context.Now ? natural : context.Now;
        if (held.Start() >= end || Programs.For(context.Config, held.Event.Descriptor.MarketContext)?.Recovery is null)
        {
            return null;
        }

        if (held.Lost is { } lost)
        {
            return lost.Still is { } still ? new RecoveringEvent(held with { CancelledAt = end }, still.SitesOut) : null;
        }

        var opts = new SiteOpts(context.Config, before);
        var sitesOut = opts.IsUniform(held) ? [] : context.Config.AllSites().Where(s => opts.At(held, s) == OptType.OptOut).Select(s => s.SiteId).ToValueList();
        return opts.IsInAnywhere(held) ? new RecoveringEvent(held with { CancelledAt = end }, sitesOut) : null;
    }

    private static bool IsOver(VenConfig config, HeldEvent held, Instant now) => OverAt(config, held) <= now;

    // Without a recovery: at once. Null: the event has no end.
    private static Instant? OverAt(VenConfig config, HeldEvent held) =>
        Programs.For(config, held.Event.Descriptor.MarketContext)?.Recovery is not { } recovery ? Instant.MinValue
        : held.End() + Duration.FromSeconds(recovery.RandomSeconds + recovery.SecondsAfter(held.Event));
}

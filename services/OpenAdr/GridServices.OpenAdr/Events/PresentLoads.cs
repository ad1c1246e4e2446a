using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Events;

/// <summary>Keeps what sites draw just before an event begins, for programs whose shares refer to the present load.</summary>
/// <remarks>
/// <code>
///   readings      x      x      x      x │ x
///                        └─ 1 min ─┘     │event
///                        the first of it counts: once, and before the site obeys
/// </code>
/// A reading from after the start would show a site that obeys already.
/// </remarks>
internal static class PresentLoads
{
    private static readonly Duration Before = Duration.FromMinutes(1);

    /// <summary>A reading may be on its way when the event begins.</summary>
    private static readonly Duration Grace = Duration.FromSeconds(30);

    public static void Take(StepContext context, IReadOnlyList<SiteReading> readings)
    {
        foreach (var held in Waiting(context.Config, context.State, context.Now))
        {
            var start = held.Start();
            var fresh = readings.Where(r => r.Reading is { AssetId: null, NetPowerW: not null } && r.Reading.At >= start - Before && r.Reading.At <= start).ToList();
            if (fresh.Count > 0)
            {
                Add(context, held, Sites(context.Config, context.State, held).Select(site => fresh.Find(r => r.SiteId == site)).OfType<SiteReading>()
                    .Select(r => new PresentLoad(r.SiteId, Math.Max(0, r.Reading.NetPowerW!.Value))));
            }
        }
    }

    /// <summary>Says of which sites nothing was measured, once the event has begun; their shares refer to the policy's referenceW.</summary>
    public static void Settle(StepContext context)
    {
        foreach (var held in Waiting(context.Config, context.State, context.Now).Where(e => e.Start() + Grace <= context.Now))
        {
            var unmeasured = Sites(context.Config, context.State, held).ToList();
            if (unmeasured.Count > 0)
            {
                Add(context, held, unmeasured.Select(site => new PresentLoad(site, null)));
                var which = unmeasured.Count == 1 ? $"site {unmeasured[0]} was" : $"{unmeasured.Count} sites, {unmeasured[0]} among them, were";
                context.Warn(NoteKind.EventReceived, ErrorClass.LastKnownGood, $"{which} not measured in the minute before the event began: its shares refer to referenceW there.", held.Id);
            }
        }
    }

    /// <summary>When <see cref="Settle"/> has something to say, if no reading comes before.</summary>
    public static Instant SettleAt(VenConfig config, VenState state, Instant now) =>
        Waiting(config, state, now).Where(e => Sites(config, state, e).Any()).Select(e => e.Start() + Grace).DefaultIfEmpty(Instant.MaxValue).Min();

    private static List<HeldEvent> Waiting(VenConfig config, VenState state, Instant now) =>
        config.RefersToPresentLoad() && state.Events.Count > 0
            ? [.. state.Events.Where(e => e.CancelledAt is null && !(e.End() <= now) && Programs.For(config, e.Event.Descriptor.MarketContext)?.Signals.RefersToPresentLoad == true)]
            : [];

    private static IEnumerable<string> Sites(VenConfig config, VenState state, HeldEvent held)
    {
        var known = held.PresentLoads.Select(l => l.SiteId).ToHashSet(StringComparer.Ordinal);
        return EventSites.Of(config, state.Registration, held.Event).Where(site => !known.Contains(site));
    }

    private static void Add(StepContext context, HeldEvent held, IEnumerable<PresentLoad> found)
    {
        var loads = held.PresentLoads.Concat(found).ToValueList();
        if (loads.Count > held.PresentLoads.Count)
        {
            context.State = context.State with { Events = context.State.Events.Select(e => ReferenceEquals(e, held) ? held with { PresentLoads = loads } : e).ToValueList() };
        }
    }
}

using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Events;

/// <summary>Keeps what sites draw just before an event begins, and how full their storages are, for programs whose policies refer to that.</summary>
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

    public static void Process(StepContext context, IReadOnlyList<SiteReading> readings)
    {
        foreach (var (held, wanted) in Waiting(context.Config, context.State, context.Now))
        {
            var start = held.Start();
            var fresh = readings.Where(r => r.Reading.At >= start - Before && r.Reading.At <= start).ToList();
            if (fresh.Count > 0)
            {
                Update(context, held, Incomplete(context.Config, context.State, held, wanted).Select(p => p with
                {
                    ImportW = p.ImportW ?? (wanted.Load ? First(fresh, p.SiteId, null, r => r.NetPowerW is { } watts ? (long?)Math.Max(0, watts) : null) : null),
                    SocPercent = p.SocPercent ?? (wanted.Charge is { } charge ? First(fresh, p.SiteId, charge.AssetId, r => r.SocPercent) : null),
                }));
            }
        }
    }

    /// <summary>Says of which sites something was not measured, once the event has begun; their shares refer to the policy's referenceW, and their storage is told nothing.</summary>
    public static void EndWaiting(StepContext context)
    {
        foreach (var (held, wanted) in Waiting(context.Config, context.State, context.Now).Where(w => w.Event.Start() + Grace <= context.Now))
        {
            var unmeasured = Incomplete(context.Config, context.State, held, wanted).ToList();
            if (unmeasured.Count > 0)
            {
                Update(context, held, unmeasured.Select(p => p with { IsFinal = true }));
                var which = unmeasured.Count == 1 ? $"site {unmeasured[0].SiteId} was" : $"{unmeasured.Count} sites, {unmeasured[0].SiteId} among them, were";
                var so = string.Join(", and ", new[]
                {
                    wanted.Load && unmeasured.Exists(p => p.ImportW is null) ? "its shares refer to referenceW there" : null,
                    wanted.Charge is not null && unmeasured.Exists(p => p.SocPercent is null) ? "nobody knows how full the storage is, so it is told nothing until the event's second interval" : null,
                }.OfType<string>());
                context.Warn(NoteKind.EventReceived, ErrorClass.LastKnownGood, $"{which} not measured in the minute before the event began: {so}.", held.Id);
            }
        }
    }

    /// <summary>When <see cref="EndWaiting"/> has something to say, if no reading comes before.</summary>
    public static Instant GetWaitingEnd(VenConfig config, VenState state, Instant now) =>
        Waiting(config, state, now).Where(w => Incomplete(config, state, w.Event, w.Wanted).Any()).Select(w => w.Event.Start() + Grace).DefaultIfEmpty(Instant.MaxValue).Min();

    private static T? First<T>(List<SiteReading> readings, string siteId, string? assetId, Func<Reading, T?> value)
        where T : struct => readings.Where(r => r.SiteId == siteId && r.Reading.AssetId == assetId).Select(r => value(r.Reading)).FirstOrDefault(v => v is not null);

    private static List<(HeldEvent Event, Wanted Wanted)> Waiting(VenConfig config, VenState state, Instant now) =>
        config.MeasuresAtStart() && state.Events.Count > 0
            ? [.. state.Events.Where(e => e.CancelledAt is null && !(e.End() <= now)).Select(e => (e, Wanted.For(config, e))).Where(w => w.Item2 != default)]
            : [];

    private static IEnumerable<PresentLoad> Incomplete(VenConfig config, VenState state, HeldEvent held, Wanted wanted)
    {
        var known = held.PresentLoads.ToDictionary(l => l.SiteId, StringComparer.Ordinal);
        return EventSites.Select(config, state.Registration, held.Event).Select(site => known.GetValueOrDefault(site) ?? new PresentLoad(site, null))
            .Where(p => !p.IsFinal && ((wanted.Load && p.ImportW is null) || (wanted.Charge is not null && p.SocPercent is null)));
    }

    private static void Update(StepContext context, HeldEvent held, IEnumerable<PresentLoad> found)
    {
        var anew = found.Where(p => p.IsFinal || p.ImportW is not null || p.SocPercent is not null).ToDictionary(p => p.SiteId, StringComparer.Ordinal);
        var loads = held.PresentLoads.Select(l => anew.Remove(l.SiteId, out var other) ? other : l).Concat(anew.Values).ToValueList();
        if (!loads.Equals(held.PresentLoads))
        {
            context.State = context.State with { Events = context.State.Events.Select(e => ReferenceEquals(e, held) ? held with { PresentLoads = loads } : e).ToValueList() };
        }
    }

    /// <summary>What an event needs measured; the default: nothing.</summary>
    private readonly record struct Wanted(bool Load, ChargeStatePolicy? Charge)
    {
        public static Wanted For(VenConfig config, HeldEvent held) => Programs.For(config, held.Event.Descriptor.MarketContext)?.Signals is not { } policies ? default : new Wanted(
            policies.RefersToPresentLoad,
            policies.RefersToCharge && held.Event.Signals.Any(s => s is { SignalName: SignalNames.ChargeState, SignalType: SignalType.Setpoint or SignalType.Multiplier }) ? policies.ChargeState : null);
    }
}

using GridServices.Ieee2030Dot5.Envelopes;
using GridServices.Ieee2030Dot5.Events;
using GridServices.Ieee2030Dot5.Responses;
using GridServices.Ieee2030Dot5.Time;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Session;

/// <summary>Lets the price engine look wherever a tariff changed or its time has come.</summary>
internal static class Prices
{
    /// <summary>What it publishes is of one transaction with what it owes.</summary>
    /// <param name="context">The step so far.</param>
    /// <param name="before">The state before the step.</param>
    /// <param name="changed">As <see cref="Schedules.Changed"/> found it.</param>
    /// <param name="all">True: every device, whatever changed.</param>
    public static IReadOnlyList<EnginePublication> Run(StepContext context, DerClientState before, HashSet<string> changed, bool all)
    {
        // No price is judged by a clock that is not the server's; what was published holds on.
        var isKnown = ClockRules.IsKnown(context.State) && !ClockRules.IsToBeRead(context.State);
        all |= context.State.Clock.OffsetToMachine != before.Clock.OffsetToMachine || !ClockRules.IsKnown(before) || ClockRules.IsToBeRead(before)
            || !ReferenceEquals(before.AssignmentClocks, context.State.AssignmentClocks);
        List<EnginePublication>? publications = null;
        var looks = context.State.PricesLookedAt;
        var concerned = looks.Concerned(changed);
        foreach (var (key, device) in context.State.Devices)
        {
            var isDue = device.NextPrice is { } next && next <= context.ServerNow;
            var mayConcern = changed.Count > 0 && (concerned.Contains(key) || !looks.Knows(key));
            if (!all && !isDue && !mayConcern && !device.Retired && before.Devices.GetValueOrDefault(key)?.Pin == device.Pin)
            {
                continue;
            }

            var reader = new TariffReader(context.Config, context.State, changed);
            var isDated = isKnown && AssignmentTimes.IsKnown(context.Config, context.State, key);
            var read = isDated || device.Retired ? reader.Read(key) : null;
            if (isKnown)
            {
                context.State = context.State with { PricesLookedAt = context.State.PricesLookedAt.With(key, reader.Keys) };
            }

            if (read is null && isDue)
            {
                // Whatever makes it known leads to a look.
                context.Change(key, d => d with { NextPrice = null });
            }
            else if (read is { } views && (all || isDue || reader.Touched || views.Count == 0))
            {
                (publications ??= []).AddRange(Evaluate(context, key, views));
            }
        }

        return publications ?? (IReadOnlyList<EnginePublication>)[];
    }

    /// <summary>Withdraws whatever a device has published of prices.</summary>
    public static IReadOnlyList<EnginePublication> Withdraw(StepContext context, string key) => Evaluate(context, key, []);

    private static IReadOnlyList<EnginePublication> Evaluate(StepContext context, string key, IReadOnlyList<TariffView> views)
    {
        var device = context.State.Devices[key];
        if (views.Count == 0 && device.NextPrice is null && device.Prices.Prices.Count == 0 && !device.Prices.Published.Any(p => p.Live))
        {
            return [];
        }

        var config = Schedules.CreateConfig(context.Config, device, context.Devices.GetValueOrDefault(key));
        var now = context.ServerNow;
        var step = PriceSchedule.Apply(config, ShiftClock(device.Prices, context.State.Clock.OffsetToMachine), views, now, context.Seed);
        var (prices, publications, coarser) = PricePublishing.CreatePublications(config, step, now, context.Seed);
        if (prices != device.Prices || step.NextChange != device.NextPrice)
        {
            context.Change(key, d => d with { Prices = prices, NextPrice = step.NextChange });
        }

        foreach (var note in step.Notes.Concat(coarser))
        {
            context.Note(note);
        }

        Responding.Enqueue(context, step.Responses);
        return context.State.Clock.OffsetToMachine == Duration.Zero ? publications : [.. publications.Select(p => OnMachine(context.State.Clock, p))];
    }

    // The sites live by the machine's time: a server whose clock is off means its own.
    private static EnginePublication OnMachine(ServerClock clock, EnginePublication publication) => publication is EnginePublication.PublishPrices { Prices: var p }
        ? new EnginePublication.PublishPrices(p with { Segments = [.. p.Segments.Select(s => s.Over(clock.OnMachine(s.From), s.Until is { } until ? clock.OnMachine(until) : null))] })
        : publication;

    // The difference of the clocks has changed: the same prices lie elsewhere on ours, and are stated again.
    private static PriceState ShiftClock(PriceState state, Duration offset) => state.StatedBy == offset
        ? state
        : state with { Published = state.Published.Select(p => p.Live ? p with { Statement = null } : p).ToValueList(), StatedBy = offset };
}

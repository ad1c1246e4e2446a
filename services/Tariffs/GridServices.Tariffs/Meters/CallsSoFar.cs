using System.Collections.Immutable;
using GridServices.Tariffs.Demand;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Meters;

/// <summary>What a meter drew in called and forecast system peaks.</summary>
internal static class CallsSoFar
{
    private static readonly Duration Ahead = Duration.FromHours(48);

    /// <summary>The sample's part in each call of the tariff's coincident charges.</summary>
    public static ImmutableArray<CallSoFar> Add(ImmutableArray<CallSoFar> calls, MeterPlan plan, Tariff tariff, MeterSample sample)
    {
        foreach (var call in plan.Events.Concat(plan.ForecastEvents).Where(e => e.From < sample.Until && e.Until > sample.From && tariff.Demand.Any(d => d.Coincident?.Event == e.Kind)).Distinct())
        {
            var part = sample.Part(Instant.Max(call.From, sample.From), Instant.Min(call.Until, sample.Until));
            var held = calls.FirstOrDefault(c => IsSame(c, call));
            var more = new CallSoFar(call.Kind, call.From, call.Until, held.Kwh + Math.Max(0, part.ImportKwh), held.KnownSeconds + DemandCells.Seconds(part.Until - part.From));
            calls = calls.RemoveAll(c => IsSame(c, call)).Add(more);
        }

        // A forecast whose times changed is another one.
        return calls.RemoveAll(held => !plan.Events.Concat(plan.ForecastEvents).Any(call => IsSame(held, call)));
    }

    /// <summary>What was counted anew stands in place of what was known before.</summary>
    public static ImmutableArray<CallSoFar> Merge(ImmutableArray<CallSoFar> before, ImmutableArray<CallSoFar> counted) =>
        [.. before.Where(b => !counted.Any(c => (c.Kind, c.From, c.Until) == (b.Kind, b.From, b.Until))), .. counted];

    /// <summary>Calls that end in the cycle or later and begin within two days, by charge.</summary>
    public static ImmutableArray<CalledPeakState> States(MeterPlan plan, CompiledTariff tariff, BillingCycle cycle, ImmutableArray<CallSoFar> calls, Instant now)
    {
        var start = tariff.Zone.AtStartOfDay(cycle.From).ToInstant();
        var states = ImmutableArray.CreateBuilder<CalledPeakState>();
        foreach (var charge in tariff.Source.Demand.Where(d => d.Coincident is not null))
        {
            bool IsRelevant(CalledEvent e) => e.Kind == charge.Coincident!.Event && e.Until > start && e.From < now + Ahead;
            var all = new CalledPeakStates(tariff, charge, plan.Account, cycle, plan.Events, calls, now);
            states.AddRange(plan.Events.Where(IsRelevant).Distinct().Select(e => all.ComputeState(e, forecast: false)));
            states.AddRange(plan.ForecastEvents.Where(f => IsRelevant(f) && !plan.Events.Contains(f)).Distinct().Select(e => all.ComputeState(e, forecast: true)));
        }

        return [.. states.OrderBy(s => s.From)];
    }

    private static bool IsSame(CallSoFar held, CalledEvent call) => (held.Kind, held.From, held.Until) == (call.Kind, call.From, call.Until);
}

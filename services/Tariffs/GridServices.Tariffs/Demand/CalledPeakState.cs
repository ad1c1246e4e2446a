using System.Collections.Immutable;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Demand;

/// <summary>A called or forecast system peak under a coincident charge: what the site's load in it costs.</summary>
public sealed record CalledPeakState
{
    public required string Charge { get; init; }

    /// <summary>Kind of the event.</summary>
    public required string Event { get; init; }

    public required Instant From { get; init; }
    public required Instant Until { get; init; }

    /// <summary>Not called (yet): it costs nothing unless it is.</summary>
    public required bool Forecast { get; init; }

    /// <summary>Mean import so far, kW, over what is known; null = it has not begun, or nothing was read.</summary>
    public decimal? MeanKw { get; init; }

    /// <summary>Time of the call up to now that no reading covers.</summary>
    public required decimal UnknownSeconds { get; init; }

    /// <summary>One kW more over the whole call, with riders and taxes, in all bills that it is on.</summary>
    public required decimal PricePerKw { get; init; }

    /// <summary>On how many bills: 1, or the twelve of next year where it sets next year's tag.</summary>
    public required int Bills { get; init; }

    /// <summary>What the load of the call adds to them if it goes on at its mean; null where that is not known.</summary>
    public decimal? Cost { get; init; }

    /// <summary>How the charge makes its kW of several calls, and what that means here.</summary>
    public required string Because { get; init; }

    /// <summary>One kW more from now until the call ends: it lifts the call's mean by the share that is left. Null after its end.</summary>
    public decimal? OneMoreKw(Instant now) => now >= Until ? null
        : PricePerKw * (decimal)(Until - Instant.Max(now, From)).TotalSeconds / (decimal)(Until - From).TotalSeconds;
}

/// <summary>The system peaks of one coincident charge.</summary>
internal sealed class CalledPeakStates(CompiledTariff tariff, DemandCharge charge, Account account, BillingCycle cycle, ImmutableArray<CalledEvent> called,
    ImmutableArray<CallSoFar> soFar, Instant now)
{
    private const int MonthsOfATag = 12;
    private const decimal Second = 1;
    private readonly CoincidentPeak rule = charge.Coincident!;

    public CalledPeakState ComputeState(CalledEvent call, bool forecast)
    {
        var day = GetDate(call);
        var isTagged = TagDays.On(account, charge.Id, day, tariff.Zone).Length > 0;
        CalledEvent[] others = [.. called.Where(c => c.Kind == call.Kind && (c.From, c.Until) != (call.From, call.Until)
            && (isTagged ? GetDate(c).Year == day.Year : Place(GetDate(c)) == Place(day))).Distinct()];
        var so = SoFar(call);
        var most = rule.Combine == PeakCombination.Max ? others.Select(CertainKw).DefaultIfEmpty(0).Max() : 0;
        var share = rule.Combine == PeakCombination.Mean ? 1m / (others.Length + 1) : 1;
        var price = DemandLines.Price(charge.Rates[0], so?.MeanKw ?? 0) * OnTop.Factor(tariff.Source, LineKind.Demand, charge.Id) * share * (isTagged ? MonthsOfATag : 1);
        var unknown = Math.Max(0, (decimal)(Instant.Min(now, call.Until) - call.From).TotalSeconds - (so?.KnownSeconds ?? 0));

        // What was not read may have been above it.
        var isBelow = so?.MeanKw < most && unknown < Second;
        return new CalledPeakState
        {
            Charge = charge.Id,
            Event = call.Kind,
            From = call.From,
            Until = call.Until,
            Forecast = forecast,
            MeanKw = so?.MeanKw,
            UnknownSeconds = unknown,
            PricePerKw = isBelow ? 0 : price,
            Bills = isTagged ? MonthsOfATag : 1,
            Cost = so?.MeanKw is { } mean ? Math.Max(0, mean - most) * price : null,
            Because = Explain(others.Length + 1, most, isBelow, isTagged),
        };
    }

    private string Explain(int calls, decimal most, bool isBelow, bool isTagged)
    {
        var combined = rule.Combine switch
        {
            PeakCombination.Sum => "each call is paid",
            PeakCombination.Mean => $"the mean of the {calls} calls known so far is paid",
            _ when isBelow => $"the highest call is paid: {most:0.######} kW until now, so this one costs nothing below that",
            _ when most > 0 => $"the highest call is paid: of this one what lies above {most:0.######} kW",
            _ => "the highest call is paid",
        };
        return isTagged ? $"{combined}; tags of the account are billed now, and this call sets one of next year, on {MonthsOfATag} bills" : combined;
    }

    /// <summary>The least that the mean of another call can be: what was not read of it counts as nothing.</summary>
    private decimal CertainKw(CalledEvent call) => SoFar(call) is { } known ? known.Kwh * 3600 / (decimal)(call.Until - call.From).TotalSeconds : 0;

    private CallSoFar? SoFar(CalledEvent call) =>
        soFar.FirstOrDefault(s => s.Kind == call.Kind && s.From == call.From && s.Until == call.Until) is { KnownSeconds: > 0 } known ? known : null;

    private LocalDate GetDate(CalledEvent call) => call.From.InZone(tariff.Zone).Date;

    /// <summary>Before, in or after the cycle.</summary>
    private int Place(LocalDate day) => day < cycle.From ? -1 : day < cycle.Until ? 0 : 1;
}

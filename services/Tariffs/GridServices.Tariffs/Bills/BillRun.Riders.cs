using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Bills;

/// <summary>Step 7, first: prices per kWh, kW or bill with days of their own.</summary>
internal sealed partial class BillRun
{
    private void Riders(int cycle)
    {
        foreach (var segment in plan.GetSegments(cycle))
        {
            foreach (var rider in plan.Versions[segment.Version].Source.Riders)
            {
                if (ClipSegment(plan, segment, rider) is { } part)
                {
                    ChargeRider(part, rider);
                }
            }
        }
    }

    /// <summary>The days of a segment on which a rider holds; null where there are none.</summary>
    internal static BillSegment? ClipSegment(BillPlan plan, BillSegment segment, Rider rider)
    {
        var from = LocalDate.Max(segment.Span.From, rider.EffectiveFrom ?? segment.Span.From);
        var until = LocalDate.Min(segment.Span.Until, rider.EffectiveUntil ?? segment.Span.Until);
        return from == segment.Span.From && until == segment.Span.Until ? segment
            : from >= until ? null
            : segment with { From = plan.At(from), Until = plan.At(until), Span = new BillingCycle(from, until) };
    }

    private void ChargeRider(BillSegment part, Rider rider)
    {
        var days = part.IsWhole ? null : $"{part.Span.From:uuuu-MM-dd} until {part.Span.Until:uuuu-MM-dd}: {part.Span.Days} of {part.CycleDays} days";
        switch (rider.Per)
        {
            case RiderPer.Kwh:
                PerKwh(part, rider, days);
                break;
            case RiderPer.Kw:
                PerKw(part, rider, days);
                break;
            default:
                var (quantity, unit) = rider.Per switch
                {
                    RiderPer.Day => (part.Span.Days, "day"),
                    RiderPer.BillingPeriod => (part.Prorate(1), "billing period"),
                    _ => (Months(part), "month"),
                };
                AddRiderLine(part, rider, quantity, unit, rider.Price, days);
                break;
        }
    }

    private void PerKwh(BillSegment part, Rider rider, string? days)
    {
        var metered = PricedKwh(part);
        var kwh = rider.LossFactor is { } factor ? metered * factor : metered;
        var taxed = Math.Max(0, kwh - (rider.ExemptKwh ?? 0) * Months(part)) * (100 - (rider.ExemptPercent ?? 0)) / 100;
        string?[] reasons =
        [
            days,
            rider.LossFactor is null ? null : $"{metered:0.######} kWh metered x {rider.LossFactor:0.######} of losses",
            rider.ExemptKwh is null ? null : $"{rider.ExemptKwh:0.######} kWh a month are exempt",
            rider.ExemptPercent is null ? null : $"{rider.ExemptPercent:0.######} % are exempt",
        ];
        AddRiderLine(part, rider, taxed, "kWh", rider.Price, JoinReasons(reasons));
    }

    private void PerKw(BillSegment part, Rider rider, string? days)
    {
        var kw = rider.Of.Sum(id => billedKw.GetValueOrDefault((id, part.Version)));
        AddRiderLine(part, rider, kw, GetUnit(rider, part.Version), part.Prorate(rider.Price), JoinReasons([days, $"kW billed by {string.Join(", ", rider.Of)}"]));
    }

    private string GetUnit(Rider rider, int version) =>
        plan.Versions[version].Source.Demand.First(d => rider.Of.Contains(d.Id)).Basis == DemandBasis.Kva ? "kVA" : "kW";

    private void AddRiderLine(BillSegment part, Rider rider, decimal quantity, string unit, decimal price, string? note)
    {
        if (quantity != 0)
        {
            Line(rider.Kind == AdjustmentKind.Tax ? LineKind.Tax : LineKind.Adjustment, rider.Id, rider.Name, quantity, unit, price, new LineDetail(
                Version: FindVersionName(plan.GetSegments(part.Cycle).First(s => s.Version == part.Version)), Note: note));
        }
    }

    private static string? JoinReasons(IEnumerable<string?> reasons) => string.Join("; ", reasons.OfType<string>()) is { Length: > 0 } text ? text : null;
}

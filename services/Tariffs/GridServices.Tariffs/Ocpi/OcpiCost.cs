using System.Collections.Immutable;
using GridServices.Tariffs.Bills;
using NodaTime;

namespace GridServices.Tariffs.Ocpi;

/// <summary>An amount before and after tax.</summary>
[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Auto)]
public readonly record struct OcpiPrice(decimal BeforeTaxes, decimal AfterTaxes)
{
    public static OcpiPrice operator +(OcpiPrice a, OcpiPrice b) => new(a.BeforeTaxes + b.BeforeTaxes, a.AfterTaxes + b.AfterTaxes);

    public static OcpiPrice operator -(OcpiPrice a, OcpiPrice b) => new(a.BeforeTaxes - b.BeforeTaxes, a.AfterTaxes - b.AfterTaxes);

    public static OcpiPrice Add(OcpiPrice a, OcpiPrice b) => a + b;

    public static OcpiPrice Subtract(OcpiPrice a, OcpiPrice b) => a - b;

    /// <summary>To 18 digits after the point, so that parts of an hour sum to what the hour costs, and half a cent is one.</summary>
    internal OcpiPrice Kept() => new(LineItem.RoundAmount(BeforeTaxes), LineItem.RoundAmount(AfterTaxes));

    public OcpiPrice Rounded(int digits) => new(Rounding.Apply(BeforeTaxes, digits, RoundingMode.HalfUp), Rounding.Apply(AfterTaxes, digits, RoundingMode.HalfUp));
}

/// <summary>One priced dimension of one stretch of the session.</summary>
public sealed record OcpiCostLine
{
    public required OcpiDimension Dimension { get; init; }

    /// <summary>Place of the charging period in the session; -1 = the reservation.</summary>
    public required int Period { get; init; }

    /// <summary>Whose prices.</summary>
    public required string TariffId { get; init; }

    /// <summary>Place of the element in the tariff that was the first to match.</summary>
    public required int Element { get; init; }

    public required Instant From { get; init; }
    public required Instant Until { get; init; }

    /// <summary>kWh, seconds, or 1.</summary>
    public required decimal Volume { get; init; }

    /// <summary>The volume with what step_size adds to the session's last one.</summary>
    public required decimal Billed { get; init; }

    /// <summary>Per kWh, per hour, or once.</summary>
    public required decimal Price { get; init; }

    public decimal? Vat { get; init; }
    public int StepSize { get; init; }

    public required OcpiPrice Cost { get; init; }
}

/// <summary>What a session costs, and why.</summary>
public sealed record OcpiCostReport
{
    public required string Currency { get; init; }
    public required string TariffId { get; init; }

    /// <summary>After minimum and maximum price.</summary>
    public required OcpiPrice Total { get; init; }

    /// <summary>The sum of the lines.</summary>
    public required OcpiPrice Unlimited { get; init; }

    /// <summary>Stretches in order; a charging period is split where a restriction begins or ends to hold.</summary>
    public required ImmutableArray<OcpiCostLine> Lines { get; init; }

    public ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>What is easily overlooked, each with a code.</summary>
    public ImmutableArray<OcpiRemark> Remarks { get; init; } = [];

    public OcpiPrice GetPrice(OcpiDimension dimension) => Sum(l => l.Period >= 0 && l.Dimension == dimension);

    public OcpiPrice Reservation => Sum(l => l.Period < 0);

    /// <summary>Billed kWh.</summary>
    public decimal BilledKwh => Lines.Where(l => l.Period >= 0 && l.Dimension == OcpiDimension.Energy).Sum(l => l.Billed);

    /// <summary>Billed seconds of charging or parking.</summary>
    public decimal BilledSeconds(OcpiDimension dimension) => Lines.Where(l => l.Period >= 0 && l.Dimension == dimension).Sum(l => l.Billed);

    /// <summary>A credit for this CDR: only the total is negative (CDRs are immutable; corrections are a credit and a new one).</summary>
    public OcpiPrice Credit() => new(-Total.BeforeTaxes, -Total.AfterTaxes);

    private OcpiPrice Sum(Func<OcpiCostLine, bool> counts) => Lines.Where(counts).Aggregate(default(OcpiPrice), (sum, line) => sum + line.Cost);
}

/// <summary>
/// Costs of charging sessions by OCPI tariffs:
/// <code>
///   1 split the charging periods wherever a restriction of the tariff may begin or end to hold
///   2 per stretch and dimension: the first element whose restrictions all hold
///   3 step_size: once on energy, once on charging and parking time together, on the session's total of the last priced dimension
///   4 taxes per component, then minimum and maximum on both totals, each tariff's on its own part
/// </code>
/// Where charging periods name their tariffs, each is priced by its own, and one that names none costs nothing (OCPI 2.2.1, ChargingPeriod.tariff_id).
/// OCPI leaves rounding to the parties: nothing is rounded here, but sums to 18 digits.
/// </summary>
public static class OcpiCost
{
    public static OcpiCostReport Compute(OcpiTariff tariff, OcpiSession session) => Compute([tariff], session);

    /// <param name="tariffs">The tariffs that price the session, each once; one currency.</param>
    /// <param name="session">What happened.</param>
    public static OcpiCostReport Compute(ImmutableArray<OcpiTariff> tariffs, OcpiSession session)
    {
        var lines = new List<OcpiCostLine>();
        if (session.Reservation is { Seconds: > 0 } reservation)
        {
            var reserved = tariffs.Where(t => t.Prices(session, reservation.TariffId)).SelectMany(t => ReservationLines(t, session, reservation));
            lines.AddRange(OcpiSteps.Apply(reserved.ToList()));
        }

        lines.AddRange(OcpiSteps.Apply([.. tariffs.SelectMany(t => SessionLines(t, session)).OrderBy(l => l.Period).ThenBy(l => l.From)]));
        var byId = tariffs.ToDictionary(t => t.Id, StringComparer.OrdinalIgnoreCase);
        var priced = Priced(lines, byId);
        var parts = tariffs.Select(t => (Tariff: t, Sum: Sum(priced.Where(l => t.IsNamed(l.TariffId)).Select(l => l.Cost)))).Select(p => (p.Tariff, p.Sum, Limited: Limited(p.Tariff, p.Sum))).ToArray();
        return new OcpiCostReport
        {
            Currency = tariffs[0].Currency,
            TariffId = string.Join(", ", tariffs.Select(t => t.Id)),
            Lines = priced,
            Unlimited = Sum(parts.Select(p => p.Sum)),
            Total = Sum(parts.Select(p => p.Limited)),
            Notes = [.. tariffs.Where(t => OcpiTariff.Governing([t], session.Start) is null).Select(t => $"the tariff '{t.Id}' is not valid when the session starts")],
            Remarks = OcpiRemarks.Collect(parts, session, priced),
        };
    }

    /// <summary>Each line costs what it adds to its tariff's sum, which is kept to 18 digits: the lines add up to it exactly.</summary>
    private static ImmutableArray<OcpiCostLine> Priced(List<OcpiCostLine> lines, Dictionary<string, OcpiTariff> byId)
    {
        var sums = byId.Values.ToDictionary(t => t.Id, _ => default(OcpiPrice), StringComparer.OrdinalIgnoreCase);
        var priced = ImmutableArray.CreateBuilder<OcpiCostLine>(lines.Count);
        foreach (var line in lines)
        {
            var before = sums[line.TariffId];
            var after = before + Cost(byId[line.TariffId], line);
            sums[line.TariffId] = after;
            priced.Add(line with { Cost = after.Kept() - before.Kept() });
        }

        return priced.ToImmutable();
    }

    private static OcpiPrice Sum(IEnumerable<OcpiPrice> prices) => prices.Aggregate(default(OcpiPrice), (sum, price) => sum + price);

    /// <summary>
    /// OCPI 2.3.0, PriceLimit: each total is held to its own bound. Where only one bound is given, the other total follows it at the session's own tax,
    /// so that a price after taxes never stands below the one before them.
    /// </summary>
    private static OcpiPrice Limited(OcpiTariff tariff, OcpiPrice sum)
    {
        var tax = sum.BeforeTaxes > 0 ? sum.AfterTaxes / sum.BeforeTaxes : GetTaxFactor(tariff);
        var price = sum;
        if (tariff.MinPrice is { } least)
        {
            price = Bounded(price, least, tax, Math.Max);
        }

        return tariff.MaxPrice is { } most ? Bounded(price, most, tax, Math.Min) : price;
    }

    private static OcpiPrice Bounded(OcpiPrice price, OcpiLimit limit, decimal tax, Func<decimal, decimal, decimal> choose)
    {
        var before = limit.BeforeTaxes is { } net ? choose(price.BeforeTaxes, net) : price.BeforeTaxes;
        var after = limit.AfterTaxes is { } gross ? choose(price.AfterTaxes, gross) : price.AfterTaxes;
        return limit switch
        {
            { AfterTaxes: null } when before != price.BeforeTaxes => new OcpiPrice(before, before * tax),
            { BeforeTaxes: null } when after != price.AfterTaxes => new OcpiPrice(after / tax, after),
            _ => new OcpiPrice(before, after),
        };
    }

    /// <summary>The one tax of a tariff's prices; 1 = none, or several of which none was met.</summary>
    private static decimal GetTaxFactor(OcpiTariff tariff)
    {
        var rates = tariff.Elements.SelectMany(e => e.Components).Select(c => c.Vat ?? 0).Distinct().ToArray();
        return tariff.TaxIncluded == OcpiTax.NotApplicable || rates.Length != 1 ? 1 : 1 + rates[0] / 100;
    }

    private static IEnumerable<OcpiCostLine> SessionLines(OcpiTariff tariff, OcpiSession session)
    {
        var flat = false;
        foreach (var stretch in OcpiStretches.Split(tariff, session))
        {
            if (!flat && First(tariff, OcpiDimension.Flat, stretch, e => e.Reservation is null) is { } once)
            {
                flat = true;
                yield return Line(tariff, once, stretch, 1);
            }

            foreach (var (dimension, volume) in new[] { (OcpiDimension.Energy, stretch.Energy), (OcpiDimension.Time, stretch.ChargingSeconds), (OcpiDimension.ParkingTime, stretch.ParkingSeconds) })
            {
                if (volume > 0 && First(tariff, dimension, stretch, e => e.Reservation is null) is { } found)
                {
                    yield return Line(tariff, found, stretch, volume);
                }
            }
        }
    }

    private static IEnumerable<OcpiCostLine> ReservationLines(OcpiTariff tariff, OcpiSession session, OcpiReservation reservation)
    {
        var flat = false;
        foreach (var stretch in OcpiStretches.Split(tariff, session, reservation))
        {
            if (!flat && ForReservation(tariff, OcpiDimension.Flat, stretch, reservation.Expired) is { } once)
            {
                flat = true;
                yield return Line(tariff, once, stretch, 1);
            }

            if (ForReservation(tariff, OcpiDimension.Time, stretch, reservation.Expired) is { } found)
            {
                yield return Line(tariff, found, stretch, stretch.ChargingSeconds);
            }
        }
    }

    /// <summary>For an expired reservation the prices for expiry go before the plain ones, dimension by dimension.</summary>
    private static (int Element, OcpiComponent Component)? ForReservation(OcpiTariff tariff, OcpiDimension dimension, OcpiStretch stretch, bool expired) =>
        (expired ? First(tariff, dimension, stretch, e => e.Reservation is { Expired: true }) : null)
        ?? First(tariff, dimension, stretch, e => e.Reservation is { Expired: false });

    private static (int Element, OcpiComponent Component)? First(OcpiTariff tariff, OcpiDimension dimension, OcpiStretch stretch, Func<OcpiElement, bool> eligible)
    {
        for (var i = 0; i < tariff.Elements.Length; i++)
        {
            var element = tariff.Elements[i];
            var component = element.Components.FirstOrDefault(c => c.Dimension == dimension);
            if (component is not null && eligible(element) && element.Restrictions.All(stretch.Satisfies))
            {
                return (i, component);
            }
        }

        return null;
    }

    private static OcpiCostLine Line(OcpiTariff tariff, (int Element, OcpiComponent Component) found, OcpiStretch stretch, decimal volume) => new()
    {
        Dimension = found.Component.Dimension,
        Period = stretch.Period,
        TariffId = tariff.Id,
        Element = found.Element,
        From = stretch.From,
        Until = stretch.Until,
        Volume = volume,
        Billed = volume,
        Price = found.Component.Price,
        Vat = found.Component.Vat,
        StepSize = found.Component.StepSize,
        Cost = default,
    };

    private static OcpiPrice Cost(OcpiTariff tariff, OcpiCostLine line)
    {
        var amount = line.Dimension is OcpiDimension.Time or OcpiDimension.ParkingTime ? line.Billed * line.Price / 3600 : line.Billed * line.Price;
        var factor = 1 + (line.Vat ?? 0) / 100;
        return tariff.TaxIncluded switch
        {
            OcpiTax.Yes => new OcpiPrice(amount / factor, amount),
            OcpiTax.NotApplicable => new OcpiPrice(amount, amount),
            _ => new OcpiPrice(amount, amount * factor),
        };
    }
}

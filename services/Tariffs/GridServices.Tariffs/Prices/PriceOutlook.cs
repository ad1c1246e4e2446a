using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Meters;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Prices;

/// <summary>What a price of energy is made of.</summary>
/// <param name="Source">e.g. <c>tariff depot 2026 energy peak tier 2</c>, <c>price series DE-LU</c>, <c>openadr/PROG7</c>.</param>
/// <param name="Price">Per kWh, before riders and taxes.</param>
/// <param name="WithTaxes">With them.</param>
public sealed record PricePart(string Source, decimal Price, decimal WithTaxes);

/// <summary>The price of one kWh more (or less) over [<see cref="From"/>, <see cref="Until"/>).</summary>
public sealed record OutlookSegment
{
    public required Instant From { get; init; }
    public required Instant Until { get; init; }

    /// <summary>Imported, before riders and taxes; absent while a price that belongs to it is not known.</summary>
    public decimal? ImportPrice { get; init; }

    /// <summary>Imported, with riders and taxes.</summary>
    public decimal? ImportPriceWithTaxes { get; init; }

    /// <summary>Earned by an exported kWh.</summary>
    public decimal? ExportPrice { get; init; }

    public required ImmutableArray<PricePart> Parts { get; init; }

    /// <summary>What is not known yet.</summary>
    public string? Missing { get; init; }
}

/// <summary>
/// The price of energy ahead: the tariff's own price at the tier under way, real-time prices, prices of programs, riders and taxes. Energy that is yet to be
/// drawn may reach the next tier; the curve tells the marginal price of now.
/// </summary>
public sealed class PriceOutlook
{
    private const int MostSegments = 2_000;
    private readonly MeterPlan plan;
    private readonly OutlookInputs inputs;
    private readonly Instant from;
    private readonly Instant until;
    private readonly SortedSet<string> notes = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Tariff, string Charge, string Period, LocalDate Cycle), int> tiers = [];
    private readonly ImmutableArray<(PriceSeries Series, ProgramPrice Rule)> programs;

    private PriceOutlook(MeterPlan plan, OutlookInputs inputs, Instant from, Instant until)
    {
        (this.plan, this.inputs, this.from, this.until) = (plan, inputs, from, until);
        programs = [.. inputs.Programs.Select(p => (p, Rule(p))).Where(p => Usable(p.p, p.Item2))];
    }

    public static (ImmutableArray<OutlookSegment> Segments, ImmutableArray<string> Notes) Compute(MeterPlan plan, OutlookInputs inputs, Instant from, Instant until)
    {
        var outlook = new PriceOutlook(plan, inputs, from, until);
        var segments = ImmutableArray.CreateBuilder<OutlookSegment>();
        foreach (var (a, b) in outlook.Edges().Zip(outlook.Edges().Skip(1)))
        {
            var segment = outlook.Price(a, b);
            if (segments.Count > 0 && CanMerge(segments[^1], segment))
            {
                segments[^1] = segments[^1] with { Until = b };
            }
            else
            {
                segments.Add(segment);
            }
        }

        if (segments.Count > MostSegments)
        {
            segments.RemoveRange(MostSegments, segments.Count - MostSegments);
            outlook.notes.Add($"one answer has at most {MostSegments} segments: this one ends at {segments[^1].Until}; ask for the rest with from={segments[^1].Until}");
        }

        return (segments.ToImmutable(), [.. outlook.notes]);
    }

    private ProgramPrice Rule(PriceSeries series) =>
        plan.ProgramPrices.FirstOrDefault(p => p.Stream == series.Stream.ToString()) ?? new ProgramPrice(series.Stream.ToString());

    private bool Usable(PriceSeries series, ProgramPrice rule)
    {
        if (rule.Use == ProgramPriceUse.Shown)
        {
            return false;
        }

        var currency = inputs.Versions[0].Source.Currency;
        var isEnergy = PerKwh(series) is not null;
        if (series.Currency != currency || !isEnergy)
        {
            notes.Add($"{series.Stream} states prices in {series.Currency} per {series.Unit}; the tariff's are in {currency} per kWh, so they are not in the curve");
        }

        return series.Currency == currency && isEnergy;
    }

    private static decimal? PerKwh(PriceSeries series) => series.Unit.ToUpperInvariant() switch
    {
        "KWH" => 1,
        "MWH" => 0.001m,
        _ => null,
    };

    private Instant[]? edges;

    private Instant[] Edges()
    {
        if (edges is not null)
        {
            return edges;
        }

        var zone = inputs.Versions[0].Zone;
        var all = new SortedSet<Instant> { from, until, zone.AtStartOfDay(inputs.Cycle.Until).ToInstant() };
        foreach (var version in inputs.Versions)
        {
            all.UnionWith(version.Source.Energy.SelectMany(e => PeriodSpans.Compute(version, e.Schedule, from, until, plan.Events)).Select(s => s.From));
            all.UnionWith(version.Source.Riders.SelectMany(r => new[] { r.EffectiveFrom, r.EffectiveUntil }).OfType<LocalDate>().Select(d => zone.AtStartOfDay(d).ToInstant()));
            all.UnionWith(new[] { version.Source.EffectiveFrom, version.Source.EffectiveUntil }.OfType<LocalDate>().Select(d => zone.AtStartOfDay(d).ToInstant()));
        }

        all.UnionWith(inputs.Curves.SelectMany(c => c.Points).SelectMany(p => new[] { p.From, p.Until }));
        all.UnionWith(programs.SelectMany(p => p.Series.Segments).SelectMany(s => new[] { s.From, s.Until ?? until }));
        return edges = [.. all.Where(e => e >= from && e <= until)];
    }

    private OutlookSegment Price(Instant a, Instant b)
    {
        var day = a.InZone(inputs.Versions[0].Zone).Date;
        var tariff = LiveMeter.On(inputs.Versions, day);
        return tariff.Source.EffectiveFrom > day || tariff.Source.EffectiveUntil <= day ? Unversioned(tariff, a, b) : Price(tariff, a, b);
    }

    /// <summary>No version holds: the one before or after is another time's price. What a program states holds all the same.</summary>
    private OutlookSegment Unversioned(CompiledTariff nearest, Instant a, Instant b)
    {
        var parts = ImmutableArray.CreateBuilder<PricePart>();
        var missing = Programs(nearest, parts, a, $"no version of tariff {nearest.Source.Id} is in force here");
        return Segment(a, b, parts, missing) with { ExportPrice = null };
    }

    private OutlookSegment Price(CompiledTariff tariff, Instant a, Instant b)
    {
        var parts = ImmutableArray.CreateBuilder<PricePart>();
        string? missing = null;
        foreach (var charge in tariff.Source.Energy)
        {
            var factor = OnTop.Factor(tariff.Source, LineKind.Energy, charge.Id);
            var losses = charge.LossFactor ?? 1;
            if (IsTierUnknown(tariff, charge, a))
            {
                missing = $"the tier of {charge.Id} is not known: what was drawn in this billing cycle is not";
            }
            else if (Tier(tariff, charge, a) is { } tier)
            {
                parts.Add(Part($"tariff {tariff.Source.Id} {tariff.Source.Version} {charge.Id} {tier.Period}{(tier.Number is { } n ? $" tier {n}" : "")}", tier.Price * losses, factor));
            }

            if (charge.Index is { } index)
            {
                if (PointAt(index, a) is { } point)
                {
                    parts.Add(Part($"price series {index.Series}", BillRun.Retail(index, point.Price) * losses, factor));
                }
                else
                {
                    missing = $"price series {index.Series} does not reach here yet";
                }
            }
        }

        missing = Programs(tariff, parts, a, Pairs(tariff.Source, parts) ?? missing);
        Riders(tariff.Source, parts, a.InZone(tariff.Zone).Date);
        return Segment(a, b, parts, missing) with { ExportPrice = Export(tariff, a) };
    }

    private static OutlookSegment Segment(Instant a, Instant b, ImmutableArray<PricePart>.Builder parts, string? missing) => new()
    {
        From = a,
        Until = b,
        ImportPrice = missing is null ? parts.Sum(p => p.Price) : null,
        ImportPriceWithTaxes = missing is null ? parts.Sum(p => p.WithTaxes) : null,
        Parts = parts.ToImmutable(),
        Missing = missing,
    };

    /// <summary>Price pairs by hours of use: known where the account says the year's hours.</summary>
    private string? Pairs(Tariff tariff, ImmutableArray<PricePart>.Builder parts)
    {
        foreach (var charge in tariff.HoursOfUse)
        {
            if (!plan.Account.HoursOfUse.TryGetValue(charge.Id, out var hours))
            {
                return $"the price of {charge.Id} is that of the year's hours of use, which the meter's account does not say";
            }

            parts.Add(Part($"tariff {tariff.Id} {tariff.Version} {charge.Id}", BillRun.ChoosePair(charge, h => hours < h).EnergyPrice, OnTop.Factor(tariff, LineKind.Energy, charge.Id)));
        }

        return null;
    }

    /// <summary>Riders per kWh that hold on the day; one more kWh lies above kWh that are exempt.</summary>
    private void Riders(Tariff tariff, ImmutableArray<PricePart>.Builder parts, LocalDate day)
    {
        foreach (var rider in tariff.Riders.Where(r => r.Per == RiderPer.Kwh && !(r.EffectiveFrom > day) && !(r.EffectiveUntil <= day)))
        {
            var price = rider.Price * (rider.LossFactor ?? 1) * (100 - (rider.ExemptPercent ?? 0)) / 100;
            parts.Add(Part($"tariff {tariff.Id} {tariff.Version} {rider.Id}", price, OnTop.Factor(tariff, rider.Kind == AdjustmentKind.Tax ? LineKind.Tax : LineKind.Adjustment, rider.Id)));
        }

        if (!tariff.Maximums.IsEmpty)
        {
            notes.Add($"tariff {tariff.Id} has maximums ({string.Join(", ", tariff.Maximums.Select(m => m.Id))}): where one binds, one more kWh costs something else than the curve says");
        }
    }

    /// <summary>A program's price stands in place of the tariff's energy price, or on top; then what the tariff lacks is no gap.</summary>
    private string? Programs(CompiledTariff tariff, ImmutableArray<PricePart>.Builder parts, Instant at, string? missing)
    {
        var factor = tariff.Source.Energy.IsEmpty ? 1 : OnTop.Factor(tariff.Source, LineKind.Energy, tariff.Source.Energy[0].Id);
        foreach (var (series, rule) in programs)
        {
            if (series.Segments.FirstOrDefault(s => s.From <= at && (s.Until is null || s.Until > at))?.ImportPrice is not { } price)
            {
                continue;
            }

            if (rule.Use == ProgramPriceUse.Replaces)
            {
                parts.Clear();
                missing = null;
            }

            parts.Add(Part(series.Stream.ToString(), price * PerKwh(series)!.Value, rule.OnTop ? factor : 1));
        }

        return missing;
    }

    private static PricePart Part(string source, decimal price, decimal factor) => new(source, price, price * factor);

    private PricePoint? PointAt(IndexPrice index, Instant at) => inputs.Curves.FirstOrDefault(c => c.Series == index.Series)?.Points.FirstOrDefault(p => p.From <= at && p.Until > at);

    private (string Period, int? Number, decimal Price, decimal? Sell)? Tier(CompiledTariff tariff, EnergyCharge charge, Instant at)
    {
        if (PeriodAt(tariff, charge.Schedule, at) is not { } period || charge.Rates.FirstOrDefault(r => r.Period == period) is not { } rate)
        {
            return null;
        }

        var position = At(at);
        var key = (tariff.Hash, charge.Id, period, position.Cycle.From);
        if (!tiers.TryGetValue(key, out var tier))
        {
            tiers[key] = tier = rate.Tiers.Length == 1 ? 0 : TierPosition.Find(tariff, charge, rate, position);
        }

        return (period, rate.Tiers.Length > 1 ? tier + 1 : null, rate.Tiers[tier].Price + rate.Tiers[tier].Adjustment, rate.Tiers[tier].Sell);
    }

    private bool IsTierUnknown(CompiledTariff tariff, EnergyCharge charge, Instant at) => inputs.IsCycleUnknown && At(at).Cycle == inputs.Cycle
        && PeriodAt(tariff, charge.Schedule, at) is { } period && charge.Rates.FirstOrDefault(r => r.Period == period) is { Tiers.Length: > 1 };

    /// <summary>What is drawn so far counts in its own cycle only.</summary>
    private CyclePosition At(Instant at)
    {
        var zone = inputs.Versions[0].Zone;
        return at >= zone.AtStartOfDay(inputs.Cycle.Until).ToInstant()
            ? new CyclePosition(BillingCycle.Containing(inputs.Cycle.Until, plan.ReadingDay), null, plan.Events)
            : new CyclePosition(inputs.Cycle, inputs.CycleSoFar, plan.Events);
    }

    private string? PeriodAt(CompiledTariff tariff, string? schedule, Instant at) =>
        PeriodSpans.Compute(tariff, schedule, at, at + Duration.FromMinutes(1), plan.Events) is [var span, ..] ? span.Period : null;

    private decimal? Export(CompiledTariff tariff, Instant at)
    {
        var terms = tariff.Source.Export;
        if (terms is null or { Mode: ExportMode.None })
        {
            return null;
        }

        if (terms.NetWithinMinutes is { } minutes)
        {
            notes.Add($"tariff {tariff.Source.Id} nets import and export within {minutes} min: where one of them is left over at the end of such a span, one more kWh has its price");
        }

        if (SellingCharge.FindConflict(tariff.Source) is { } mix)
        {
            notes.Add($"tariff {tariff.Source.Id}: {mix}; the curve has no export price");
            return null;
        }

        var seller = SellingCharge.Find(tariff.Source);
        var sum = seller is null && terms.Mode != ExportMode.NetMetering ? terms.SellPrice ?? 0 : 0;
        foreach (var charge in tariff.Source.Energy)
        {
            var tier = Tier(tariff, charge, at);
            if ((terms.Mode == ExportMode.NetMetering || tier?.Sell is not null) && IsTierUnknown(tariff, charge, at))
            {
                return null;
            }

            sum += terms.Mode == ExportMode.NetMetering ? tier?.Price ?? 0 : tier?.Sell ?? (ReferenceEquals(charge, seller) ? terms.SellPrice ?? 0 : 0);
            if (charge.Index is { SellShare: { } share } index)
            {
                if (PointAt(index, at) is not { } point)
                {
                    return null;
                }

                sum += BillRun.Retail(index, point.Price) * share;
            }
        }

        return sum;
    }

    private static bool CanMerge(OutlookSegment a, OutlookSegment b) =>
        a.Until == b.From && a.ImportPrice == b.ImportPrice && a.ImportPriceWithTaxes == b.ImportPriceWithTaxes && a.ExportPrice == b.ExportPrice && a.Missing == b.Missing && a.Parts.SequenceEqual(b.Parts);
}

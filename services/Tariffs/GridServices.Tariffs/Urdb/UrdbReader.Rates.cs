using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Readers;

namespace GridServices.Tariffs.Urdb;

/// <summary>Rate structures and the 12 x 24 schedules that point into them.</summary>
internal sealed partial class UrdbReader
{
    private const int MostPeriods = 120;

    private ImmutableArray<EnergyCharge> Energy()
    {
        var charges = ImmutableArray.CreateBuilder<EnergyCharge>();
        var structure = rate.Member("energyratestructure");
        var schedule = Matrices("energy", "energyweekdayschedule", "energyweekendschedule", structure);
        if (structure is not null && Structure(structure) is { IsEmpty: false } periods && Single(schedule, periods.Length, structure))
        {
            charges.Add(new EnergyCharge
            {
                Id = "energy",
                Name = "Energy",
                Schedule = schedule?.Id,
                Rates = [.. Used(schedule, periods.Length).Select(p => new EnergyRate { Period = Name(schedule, p), Tiers = [.. Tiers(periods[p]).Select(EnergyTier)] })],
            });
        }

        if (rate.Member("fueladjustmentsmonthly") is { } fuel)
        {
            var months = ReadMonths(fuel).Select(m => m.Number()).ToArray();
            charges.Add(new EnergyCharge
            {
                Id = "fuel-adjustment",
                Name = "Fuel adjustment",
                Schedule = Monthly("fuel", [.. Enumerable.Range(0, months.Length)]).Id,
                Rates = [.. months.Select((price, m) => new EnergyRate { Period = Text(m), Tiers = [new EnergyTier { Price = price }] })],
            });
        }

        return charges.ToImmutable();
    }

    private ImmutableArray<DemandCharge> ReadDemand(DemandWindow? window, Ratchet? ratchet)
    {
        var charges = ImmutableArray.CreateBuilder<DemandCharge>();
        if (rate.Member("demandratestructure") is { } structure)
        {
            var schedule = Matrices("demand", "demandweekdayschedule", "demandweekendschedule", structure);
            Add("demand", "Demand by time of use", structure, schedule, "demandrateunit");
        }
        else
        {
            Matrices("demand", "demandweekdayschedule", "demandweekendschedule", structure: null);
        }

        if (rate.Member("flatdemandstructure") is { } flat)
        {
            Add("flat-demand", "Demand", flat, Months(flat), "flatdemandunit");
        }

        if (rate.Member("coincidentratestructure") is { } coincident && Structure(coincident) is { IsEmpty: false } peaks)
        {
            charges.AddRange(Coincident(peaks));
        }

        return charges.ToImmutable();

        void Add(string id, string name, JsonMember rates, Schedule? schedule, string unit)
        {
            var periods = Structure(rates);
            if (!periods.IsEmpty && Single(schedule, periods.Length, rates))
            {
                var used = Used(schedule, periods.Length);
                var (basis, assess) = Unit(unit);
                charges.Add(new DemandCharge
                {
                    Id = id,
                    Name = name,
                    Schedule = schedule?.Id,
                    Window = window,
                    Basis = basis,
                    Assess = assess,
                    Seasons = schedule is null || assess == DemandAssessment.Daily ? null : SeasonalDemand.ByDays,
                    Ratchet = assess == DemandAssessment.Daily ? null : ratchet is null || schedule is null ? ratchet
                        : ratchet with { SourcePeriods = id == "flat-demand" ? [.. used.Select(p => Name(schedule, p))] : [] },
                    Rates = [.. used.Select(p => new DemandRate { Period = Name(schedule, p), Tiers = [.. Tiers(periods[p]).Select(ReadDemandTier)] })],
                });
            }
        }
    }

    /// <summary>One charge for each period that has a price; the kind of event names the period where there are several.</summary>
    private IEnumerable<DemandCharge> Coincident(ImmutableArray<JsonMember> periods)
    {
        if (rate.Member("coincidentrateunit") is { } unit && unit.Text() != "kW")
        {
            UnknownUnit(unit, unit.Text(), "kW: a coincident peak is the mean power in called events");
            return [];
        }

        var tiers = periods.Select(p => Tiers(p).Select(ReadDemandTier).ToImmutableArray()).ToArray();
        var priced = Enumerable.Range(0, tiers.Length).Where(p => tiers[p].Any(t => t.Price + t.Adjustment != 0)).ToArray();
        if (priced.Length == 0)
        {
            return [];
        }

        var kinds = priced.ToDictionary(p => p, p => priced.Length == 1 ? "coincident" : $"coincident-{Text(p)}");
        notes.Add($"the coincident peak rate is billed for called events of kind {string.Join(", ", kinds.Values.Select(k => $"'{k}'"))}; the source does not say when they are"
            + (priced.Length > 1 ? " (the number is the period of its coincidentrateschedule)" : string.Empty));
        return priced.Select(p => new DemandCharge
        {
            Id = kinds[p].Replace("coincident", "coincident-peak", StringComparison.Ordinal),
            Name = "Coincident peak",
            Rates = [new DemandRate { Period = "all", Tiers = tiers[p] }],
            Coincident = new CoincidentPeak { Event = kinds[p] },
        });
    }

    private ImmutableArray<JsonMember> Structure(JsonMember structure)
    {
        var periods = structure.Items();
        if (periods.Length <= MostPeriods)
        {
            return periods;
        }

        problems.Refuse(ErrorClass.LimitCount, structure.Pointer, $"{periods.Length} periods; at most {MostPeriods} are read");
        return [];
    }

    private ImmutableArray<JsonMember> Tiers(JsonMember period)
    {
        var tiers = period.Items();
        if (tiers.IsEmpty)
        {
            problems.Refuse(ErrorClass.SemanticEmpty, period.Pointer, "a period needs a tier");
            return [];
        }

        foreach (var tier in tiers)
        {
            UnknownMembers.Report(tier, "a tier of the rate database", UrdbMembers.Tier, nearOnly: true, problems);
        }

        var bounds = tiers.Select(t => t.Member("max") is { } max && !max.IsHuge() ? max.Number() : (decimal?)null).ToArray();
        var mixed = tiers.Select(t => t.Member("unit")?.Text() ?? "kWh").Distinct(StringComparer.Ordinal).Count() > 1;
        if (bounds[^1] is { } last)
        {
            problems.Refuse(ErrorClass.SemanticTier, period.Pointer, $"the last tier ends at {last}: there is no price above; leave its max out");
        }
        else if (!mixed && (bounds[..^1].Any(b => b is null or <= 0) || bounds[..^1].Zip(bounds[..^1].Skip(1)).Any(p => p.First >= p.Second)))
        {
            problems.Refuse(ErrorClass.SemanticTier, period.Pointer, "the max of the tiers must be above 0 and rise; order them");
        }

        return tiers;
    }

    private EnergyTier EnergyTier(JsonMember tier) => new()
    {
        UpTo = Bound(tier),
        Price = tier.Member("rate")?.Number() ?? 0,
        Adjustment = tier.Member("adj")?.Number() ?? 0,
        Sell = tier.Member("sell")?.Number(),
        Unit = tier.Member("unit")?.Text() switch
        {
            null or "kWh" => TierUnit.Kwh,
            "kWh daily" => TierUnit.KwhDaily,
            "kWh/kW" => TierUnit.KwhPerKw,
            "kWh/kW daily" => TierUnit.KwhPerKwDaily,
            var other => (TierUnit)(int)UnknownUnit(tier.Member("unit")!, other, "kWh, kWh daily, kWh/kW or kWh/kW daily"),
        },
    };

    private DemandTier ReadDemandTier(JsonMember tier) => new()
    {
        UpTo = Bound(tier),
        Price = tier.Member("rate")?.Number() ?? 0,
        Adjustment = tier.Member("adj")?.Number() ?? 0,
    };

    private static decimal? Bound(JsonMember tier) => tier.Member("max") is { } max && !max.IsHuge() ? max.Number() : null;

    private (DemandBasis Basis, DemandAssessment Assess) Unit(string name)
    {
        var unit = rate.Member(name);
        switch (unit?.Text())
        {
            case null or "kW":
                return (DemandBasis.Kw, DemandAssessment.BillingPeriod);
            case "kVA":
                return (DemandBasis.Kva, DemandAssessment.BillingPeriod);
            case "kW daily":
                return (DemandBasis.Kw, DemandAssessment.Daily);
            case var other:
                UnknownUnit(unit!, other, "kW, kW daily or kVA");
                return default;
        }
    }

    private DemandWindow? Window(JsonMember minutes)
    {
        var length = minutes.Integer();
        if (length > 0 && 1440 % length == 0)
        {
            return new DemandWindow { Minutes = length };
        }

        problems.Refuse(ErrorClass.SemanticWindow, minutes.Pointer, $"{length} minutes do not divide the day; use 5, 15, 30 or 60");
        return null;
    }

    private Ratchet? Ratchet()
    {
        var byMonth = rate.Member("demandratchetpercentage") is { } monthly ? ReadMonths(monthly).Select(Share).ToImmutableArray() : [];
        var percent = (rate.Member("lookbackPercent") ?? rate.Member("lookbackpercent")) is { } one ? Share(one) : 0;
        var months = (rate.Member("lookbackMonths") ?? rate.Member("lookbackmonths")) is { } flags
            ? ReadMonths(flags).Select(f => f.Integer()).ToArray()
            : LookbackMonths();
        var range = (rate.Member("lookbackRange") ?? rate.Member("lookbackrange"))?.Integer() ?? 0;
        // Twelve flags that are all 0, and no range: no earlier month counts.
        if ((byMonth.All(p => p == 0) && percent == 0) || (percent != 0 && range == 0 && months.Length > 0 && Array.TrueForAll(months, flag => flag == 0)))
        {
            return null;
        }

        if (!options.Ratchets)
        {
            notes.Add("the source has a demand ratchet (lookback) that was left out on request");
            return null;
        }

        var trailing = range > 0 || percent == 0;
        return new Ratchet
        {
            Percent = percent == 0 ? null : percent,
            PercentByMonth = percent == 0 ? byMonth : [],
            LookbackMonths = range > 0 ? range : 11,
            SourceMonths = [.. months.Select((flag, m) => flag != 0 ? m + 1 : 0).Where(m => m > 0)],
            Basis = trailing ? RatchetBasis.Trailing : RatchetBasis.CalendarYear,
        };
    }

    /// <summary>kW that scale tiers in kWh/kW: the highest windows of the rate, with its ratchet; null where it has no such tiers.</summary>
    private static BillingDemand? BillingDemand(ImmutableArray<EnergyCharge> energy, DemandWindow? window, Ratchet? ratchet) =>
        (window is not null || ratchet is not null) && energy.Any(BillRun.NeedsDemand) ? new BillingDemand { Window = window, Ratchet = ratchet } : null;

    /// <summary>Where the ratchet is, or that nothing of the rate can have it.</summary>
    private void NoteRatchet(Ratchet? ratchet, ImmutableArray<DemandCharge> demand, BillingDemand? billing)
    {
        if (ratchet is not null)
        {
            notes.Add(billing?.Ratchet is not null || demand.Any(d => d.Ratchet is not null)
                ? "demand ratchet from the source's lookback fields; compare it with the tariff sheet"
                : "the source has a demand ratchet (lookback), but no demand per billing period and no tiers in kWh/kW that it could hold for: it is not calculated");
        }
    }

    /// <summary>Of the older form only the months that count may be there.</summary>
    private int[] LookbackMonths()
    {
        var flags = Enumerable.Range(1, 12).Select(m => rate.Member($"lookbackmonth{Text(m)}")).ToArray();
        return Array.TrueForAll(flags, f => f is null) ? [] : [.. flags.Select(f => f?.Integer() ?? 0)];
    }

    /// <summary>A share 0..1 as percent.</summary>
    private decimal Share(JsonMember share)
    {
        var value = share.Number();
        if (value is >= 0 and <= 1)
        {
            return value * 100;
        }

        problems.Refuse(ErrorClass.SemanticNumber, share.Pointer, $"a ratchet is a share from 0 to 1 (0.8 = 80 %), not {value}");
        return 0;
    }

    private ImmutableArray<JsonMember> ReadMonths(JsonMember months)
    {
        var items = months.Items();
        if (items.Length != 12)
        {
            problems.Refuse(ErrorClass.SchemaInvalid, months.Pointer, $"{items.Length} entries; give twelve, January first");
        }

        return items;
    }
}

using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.Tariffs.Model;

namespace GridServices.Tariffs.Readers;

internal sealed partial class TariffRules
{
    /// <summary>Above this a price per kWh is more likely cents than major units.</summary>
    private const decimal ImplausibleEnergyPrice = 5;

    private const decimal ImplausibleDemandPrice = 1000;

    private void Energy(EnergyCharge charge, string at)
    {
        Require(charge.Index is not null || !charge.Rates.IsEmpty, ErrorClass.SemanticEmpty, at, "an energy charge needs rates or an index");
        if (!charge.Rates.IsEmpty)
        {
            References(charge.Schedule, charge.Rates.Select(r => r.Period), at, all: true);
        }

        Each(charge.Rates, $"{at}/rates", (rate, where) =>
        {
            Tiers(rate.Tiers, $"{where}/tiers");
            Each(rate.Tiers, $"{where}/tiers", (tier, place) => Plausible(tier.Price + tier.Adjustment, ImplausibleEnergyPrice, "kWh", $"{place}/price"));
        });
        Require(
            charge.Index is not { Floor: { } floor, Cap: { } cap } || floor <= cap,
            ErrorClass.SemanticNumber,
            $"{at}/index/cap",
            "the cap is below the floor");
    }

    private void CheckDemand(DemandCharge charge, string at)
    {
        Require(!charge.Rates.IsEmpty, ErrorClass.SemanticEmpty, $"{at}/rates", "a demand charge needs a rate");
        References(charge.Schedule, charge.Rates.Select(r => r.Period), at, all: false);
        Each(charge.Rates, $"{at}/rates", (rate, where) =>
        {
            var bounds = rate.Tiers.Select(t => t.UpTo).ToImmutableArray();
            Ascending(bounds, $"{where}/tiers");
            Each(rate.Tiers, $"{where}/tiers", (tier, place) => Plausible(tier.Price + tier.Adjustment, ImplausibleDemandPrice, "kW", $"{place}/price"));
        });
        Window(charge.Window, $"{at}/window");
        Ratchets(charge.Ratchet, charge.Schedule, $"{at}/ratchet");
        Require(charge.MinimumKw is null or >= 0, ErrorClass.SemanticNumber, $"{at}/minimumKw", "at least 0 kW");
        Require(charge.Mean is not { Months: < 1 or > 60 }, ErrorClass.SemanticNumber, $"{at}/mean/months", "the mean is over 1 to 60 months");
        Require(charge.PowerFactorLimit is null or (> 0 and <= 1), ErrorClass.SemanticNumber, $"{at}/powerFactorLimit", "a power factor is above 0 and at most 1");
    }

    private void Ratchets(Ratchet? ratchet, string? schedule, string at)
    {
        if (ratchet is null)
        {
            return;
        }

        Require(
            ratchet.Percent is null == !ratchet.PercentByMonth.IsEmpty,
            ErrorClass.SchemaInvalid,
            at,
            "give either percent or the twelve values of percentByMonth");
        Require(ratchet.PercentByMonth.Length is 0 or 12, ErrorClass.SemanticNumber, $"{at}/percentByMonth", "twelve percentages, January first");
        var percents = ratchet.Percent is { } one ? ratchet.PercentByMonth.Add(one) : ratchet.PercentByMonth;
        Require(percents.All(p => p is >= 0 and <= 100), ErrorClass.SemanticNumber, at, "a ratchet is 0 to 100 percent");
        Require(ratchet.LookbackMonths is >= 0 and <= 60, ErrorClass.SemanticNumber, $"{at}/lookbackMonths", "the lookback is 0 to 60 months");
        var months = ratchet.SourceMonths.Concat(ratchet.AppliesInMonths).Concat(ratchet.CurrentInFullMonths);
        Require(months.All(m => m is >= 1 and <= 12), ErrorClass.SemanticNumber, at, "months are 1..12");
        References(schedule, ratchet.SourcePeriods, $"{at}/sourcePeriods", all: false);
    }

    private void References(string? schedule, IEnumerable<string> named, string at, bool all)
    {
        if (schedule is not null && !Require(periods.ContainsKey(schedule), ErrorClass.SemanticReference, $"{at}/schedule",
            $"there is no schedule '{SafeText.Short(schedule)}' under schedules; {Spelling.Hint(schedule, periods.Keys)}"))
        {
            return;
        }

        ImmutableArray<string> known = schedule is null ? ["all"] : periods[schedule];
        var names = named.ToImmutableArray();
        foreach (var stray in names.Except(known, StringComparer.Ordinal))
        {
            Require(false, ErrorClass.SemanticReference, at,
                $"there is no period '{SafeText.Short(stray)}' in its schedule; {Spelling.Hint(stray, known)} (without a schedule the only period is 'all')");
        }

        Require(names.Distinct(StringComparer.Ordinal).Count() == names.Length, ErrorClass.DuplicateId, at, "a period stands twice; give each period once, with its tiers");
        foreach (var missing in all ? known.Except(names, StringComparer.Ordinal) : [])
        {
            Require(false, ErrorClass.SemanticReference, $"{at}/rates", $"period '{SafeText.Short(missing)}' has no rate; add one (price 0 if it is free)");
        }
    }

    private void Window(DemandWindow? window, string at)
    {
        if (window is null)
        {
            return;
        }

        var fits = window.Minutes > 0 && 1440 % window.Minutes == 0;
        Require(fits, ErrorClass.SemanticWindow, $"{at}/minutes", $"{window.Minutes} minutes do not divide the day; use 5, 15, 30 or 60");
        Require(
            window.StepMinutes is not { } step || (step > 0 && fits && window.Minutes % step == 0),
            ErrorClass.SemanticWindow,
            $"{at}/stepMinutes",
            "the step divides the window");
    }

    private void Tiers(ImmutableArray<EnergyTier> tiers, string at)
    {
        if (tiers.Select(t => t.Unit).Distinct().Count() <= 1)
        {
            Ascending([.. tiers.Select(t => t.UpTo)], at);
            return;
        }

        Require(!tiers.IsEmpty && tiers[^1].UpTo is null, ErrorClass.SemanticTier, at, "the last tier must be open: leave upTo out, or energy above it has no price");
        foreach (var unit in tiers.Select(t => t.Unit).Distinct())
        {
            var bounds = tiers.Where(t => t.Unit == unit && t.UpTo is not null).Select(t => t.UpTo!.Value).ToArray();
            Require(bounds.Zip(bounds.Skip(1)).All(pair => pair.First < pair.Second), ErrorClass.SemanticTier, at, $"the bounds in {unit} do not ascend; order them");
        }
    }

    private void Ascending(ImmutableArray<decimal?> bounds, string at)
    {
        if (!Require(!bounds.IsEmpty, ErrorClass.SemanticEmpty, at, "a rate needs a tier"))
        {
            return;
        }

        Require(bounds[^1] is null, ErrorClass.SemanticTier, at, "the last tier must be open: leave upTo out, or what lies above it has no price");
        var inner = bounds[..^1];
        Require(
            inner.All(b => b is > 0) && inner.Zip(inner.Skip(1)).All(pair => pair.First < pair.Second),
            ErrorClass.SemanticTier,
            at,
            "upTo must be above 0 and rise from tier to tier; only the last tier is open");
    }

    private void Plausible(decimal price, decimal limit, string per, string at)
    {
        if (price < 0)
        {
            warnings.Add(new Finding(ErrorClass.SemanticNumber, at, $"a negative price per {per}: legal, but make sure it is meant"));
        }
        else if (price > limit)
        {
            warnings.Add(new Finding(ErrorClass.Plausibility, at, $"{price} {tariff.Currency}/{per} looks like minor units; prices are in {tariff.Currency}"));
        }
    }
}

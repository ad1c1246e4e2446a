using System.Collections.Immutable;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Model;
using NodaTime;

namespace GridServices.Tariffs.Tests.Allocation;

/// <summary>A tariff with one kind of charge, and what it is charged for, counted plainly.</summary>
internal sealed record ChargeKind(Tariff Tariff, Func<SiteLoad, ChargedFor[]> Parts, bool Scales = true);

/// <summary>Every kind of charge once.</summary>
internal static class ChargeKinds
{
    public static readonly ImmutableSortedDictionary<string, ChargeKind> All = new Dictionary<string, ChargeKind>
    {
        ["energy"] = new(Base() with { Energy = [Sample.Flat(0.3m)] }, l => [Energy(l, 0.3m, Every())]),
        ["touEnergy"] = new(Base() with { Energy = [TouEnergy] }, l => [Energy(l, 0.5m, On()), Energy(l, 0.1m, Off())]),
        ["realTimeEnergy"] = new(
            Base() with { Energy = [new EnergyCharge { Id = "rtp", Index = new IndexPrice { Series = "da" } }] }, l => [.. Every().Select(t => Energy(l, SiteLoad.GetPrice(t), [t]))], Scales: false),
        ["demandOfIntervals"] = Demand(window: null, "all", new DemandCharge { Id = "d", Rates = [Sample.PerKw("all", 10)] }, 10),
        ["demand30"] = Demand(Block(30), "all", new DemandCharge { Id = "d", Window = Block(30), Rates = [Sample.PerKw("all", 10)] }, 10),
        ["demandRolling"] = Demand(Rolling, "all", new DemandCharge { Id = "d", Window = Rolling, Rates = [Sample.PerKw("all", 10)] }, 10),
        ["touDemand"] = Demand(Block(15), "on", new DemandCharge { Id = "d", Schedule = "tou", Window = Block(15), Rates = [Sample.PerKw("on", 20)] }, 20),
        ["touDemandRolling"] = Demand(Rolling, "on", new DemandCharge { Id = "d", Schedule = "tou", Window = Rolling, Rates = [Sample.PerKw("on", 20)] }, 20),
        ["dailyDemand"] = new(
            Base() with { Demand = [new DemandCharge { Id = "d", Schedule = "tou", Window = Block(30), Assess = DemandAssessment.Daily, Rates = [Sample.PerKw("on", 2)] }] },
            l => [.. Days(d => ChargedFor.Peak(2, l, On().Where(t => t / SiteLoad.PerDay == d), [.. Windows(Block(30), "on").Where(w => w[0] / SiteLoad.PerDay == d)]))]),
        ["coincidentMax"] = new(Coincident(PeakCombination.Max), l => [ChargedFor.Peak(5, l, Called().SelectMany(w => w), Called())]),
        ["coincidentMean"] = new(Coincident(PeakCombination.Mean), l => [.. Called().Select(w => ChargedFor.Peak(2.5m, l, w, [w]))]),
        ["coincidentSum"] = new(Coincident(PeakCombination.Sum), l => [.. Called().Select(w => ChargedFor.Peak(5, l, w, [w]))]),
        ["contractedExcess"] = new(Contracted, ContractedParts, Scales: false),
        ["fixed"] = new(Base() with { Fixed = [new FixedCharge { Id = "f", Amount = 7, Per = FixedPer.Day }] }, _ => [ChargedFor.Energy(14, Every())], Scales: false),
        ["minimum"] = new(Base() with { Minimums = [new MinimumBill { Id = "m", Amount = 20, Per = MinimumPer.Day }] }, _ => [ChargedFor.Energy(40, Every())], Scales: false),
        ["riderPerKwh"] = new(
            Base() with { Riders = [new Rider { Id = "r", Per = RiderPer.Kwh, Price = 0.2m, EffectiveFrom = SecondDay }] }, l => [Energy(l, 0.2m, Every().Where(t => t >= SiteLoad.PerDay))]),
        ["riderPerKw"] = new(
            Base() with { Demand = [TouDemand], Riders = [new Rider { Id = "r", Per = RiderPer.Kw, Of = ["d"], Price = 4, EffectiveFrom = SecondDay }] },
            l => [ChargedFor.Peak(20 + 2, l, On(), Windows(Block(30), "on"))]),
        ["riderPerKwOfGraceCycles"] = new(
            Base() with { Demand = [TouDemand with { GraceCycles = 1 }], Riders = [new Rider { Id = "r", Per = RiderPer.Kw, Of = ["d"], Price = 4 }] },
            l => [ChargedFor.Peak(4, l, On(), Windows(Block(30), "on"))]),
        ["riderPerDay"] = new(
            Base() with { Riders = [new Rider { Id = "r", Per = RiderPer.Day, Price = 4, EffectiveFrom = SecondDay }] }, _ => [ChargedFor.Energy(4, Every().Where(t => t >= SiteLoad.PerDay))], Scales: false),
        ["cappedDemand"] = new(
            Base() with { Energy = [Sample.Flat(0.3m)], Demand = [TouDemand], Maximums = [new MaximumCharge { Id = "cap", Base = ["d"], PerKwh = 0.05m }] }, CappedParts),
        ["cappedBill"] = new(Base() with { Energy = [Sample.Flat(0.3m)], Demand = [TouDemand], Maximums = [new MaximumCharge { Id = "cap", PerKwh = 0.35m }] }, CappedBillParts),
        ["squareRootExcess"] = new(Contracted with { ContractedPower = [Contracted.ContractedPower[0] with { Rule = ContractedPowerRule.SquareRootExcess }] }, RootParts, Scales: false),
        ["hoursOfUse"] = new(
            Base() with { HoursOfUse = [new HoursOfUseCharge { Id = "h", Pairs = [new HoursOfUsePair { UpToHours = 2500, EnergyPrice = 0.1m, DemandPrice = 365 }, new HoursOfUsePair { EnergyPrice = 1, DemandPrice = 1 }] }] },
            l => [Energy(l, 0.1m, Every()), ChargedFor.Peak(2, l, Every(), Windows(null, "all"))]),
        ["lossesAndExemptTax"] = new(
            Base() with { Energy = [TouEnergy with { LossFactor = 1.1m }], Demand = [TouDemand], Adjustments = [new Adjustment { Id = "t", Percent = 20, Except = ["d"], ExemptPercent = 50 }] },
            l => [Energy(l, 0.5m * 1.1m * 1.1m, On()), Energy(l, 0.1m * 1.1m * 1.1m, Off()), ChargedFor.Peak(20, l, On(), Windows(Block(30), "on"))]),
        ["tieredEnergy"] = new(
            Base() with { Energy = [new EnergyCharge { Id = "e", Fill = TierFill.Chronological, Rates = [new EnergyRate { Period = "all", Tiers = [new EnergyTier { UpTo = 100, Price = 0.2m }, new EnergyTier { Price = 0.5m }] }] }] },
            TieredParts, Scales: false),
        ["tieredDemand"] = new(
            Base() with { Demand = [new DemandCharge { Id = "d", Rates = [new DemandRate { Period = "all", Tiers = [new DemandTier { UpTo = 30, Price = 5 }, new DemandTier { Price = 20 }] }] }] },
            l => [Above(l, 0, 5), Above(l, 30, 15)], Scales: false),
        ["ratchet"] = new(
            Base() with { Demand = [new DemandCharge { Id = "d", Rates = [Sample.PerKw("all", 10)], Ratchet = new Ratchet { Percent = 80 } }] },
            l => [Above(l, 0, 1) with { Amount = 10 * Math.Max(Above(l, 0, 1).Amount, 80) }], Scales: false),
        ["subscription"] = new(
            Base() with { Subscriptions = [new SubscriptionCharge { Id = "s", BlockKw = 10, BlockPrice = 100, Blocks = 2, OveragePerKw = 30 }] },
            l => [Above(l, 0, 1) with { Amount = 200m * TwoDays }, Above(l, 20, 30 * TwoDays)], Scales: false),
        ["reactiveDemand"] = new(Base() with { Reactive = [new ReactiveCharge { Id = "q", FreeShare = 0.2m, Price = 4 }] }, l => [Above(l, 0, 4 * 0.3m)]),
        ["reactiveEnergy"] = new(Base() with { Reactive = [new ReactiveCharge { Id = "q", Rule = ReactiveRule.ExcessKvarh, FreeShare = 0.2m, Price = 0.04m }] }, l => [Energy(l, 0.04m * 0.3m, Every())]),
        ["riderOnEnergyAndTax"] = new(WithRider, RiderParts),
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>What some of the charges ask of the customer.</summary>
    public static Account Account => new() { ServiceFrom = SiteLoad.Cycle.From, HoursOfUse = ImmutableDictionary<string, decimal>.Empty.Add("h", 1000), PriorPeaks = [new PriorPeak { Month = new YearMonth(2025, 11), Kw = 100 }] };

    /// <summary>Of January: what is charged by the month is charged for two days of it.</summary>
    private const decimal TwoDays = 2m / 31;

    private static LocalDate SecondDay => SiteLoad.Cycle.From.PlusDays(1);

    private static EnergyCharge TouEnergy => new() { Id = "e", Schedule = "tou", Rates = [Sample.Rate("on", 0.5m), Sample.Rate("off", 0.1m)] };

    private static DemandCharge TouDemand => new() { Id = "d", Schedule = "tou", Window = Block(30), Rates = [Sample.PerKw("on", 20)] };

    private static DemandWindow Rolling => new() { Minutes = 30, Kind = WindowKind.Rolling, StepMinutes = 10 };

    /// <summary>A rider of 10 % on the energy charge alone, and 20 % tax on all.</summary>
    private static Tariff WithRider => Base() with
    {
        Energy = [TouEnergy],
        Demand = [TouDemand],
        Adjustments = [new Adjustment { Id = "rider", Kind = AdjustmentKind.Rider, Percent = 10, Base = ["e"] }, new Adjustment { Id = "vat", Percent = 20 }],
    };

    private static Tariff Contracted => Base() with
    {
        ContractedPower = [new ContractedPower
        {
            Id = "c", Schedule = "tou", Window = Block(15), Rule = ContractedPowerRule.Excess, PricePerDay = true,
            Rates = [new ContractedRate { Period = "on", ContractedKw = 20, Price = 0.5m, ExcessPrice = 3 }],
        }],
    };

    private static ChargedFor[] RiderParts(SiteLoad load)
    {
        ChargedFor[] energy = [Energy(load, 0.5m, On()), Energy(load, 0.1m, Off())];
        var demand = ChargedFor.Peak(20, load, On(), Windows(Block(30), "on"));
        return [.. energy.Select(e => e with { Amount = e.Amount * 1.1m * 1.2m }), demand with { Amount = demand.Amount * 1.2m }];
    }

    private static ChargedFor[] ContractedParts(SiteLoad load)
    {
        var peak = ChargedFor.Peak(1, load, On(), Windows(Block(15), "on"));
        return [peak with { Amount = 20 * 2 * 0.5m }, peak with { Amount = Math.Max(0, peak.Amount - 20) * 2 * 3 }];
    }

    private static ChargedFor[] TieredParts(SiteLoad load)
    {
        var kwh = Energy(load, 1, Every());
        return [kwh with { Amount = (Math.Min(kwh.Amount, 100) * 0.2m) + (Math.Max(0, kwh.Amount - 100) * 0.5m) }];
    }

    /// <summary>What the peak of all hours costs above so many kW.</summary>
    private static ChargedFor Above(SiteLoad load, decimal kw, decimal price)
    {
        var peak = ChargedFor.Peak(1, load, Every(), Windows(null, "all"));
        return peak with { Amount = Math.Max(0, peak.Amount - kw) * price };
    }

    private static ChargedFor[] CappedParts(SiteLoad load)
    {
        var demand = ChargedFor.Peak(20, load, On(), Windows(Block(30), "on"));
        var energy = Energy(load, 0.3m, Every());
        return [energy, demand with { Amount = Math.Min(demand.Amount, energy.Amount / 0.3m * 0.05m) }];
    }

    private static ChargedFor[] CappedBillParts(SiteLoad load)
    {
        ChargedFor[] parts = [Energy(load, 0.3m, Every()), ChargedFor.Peak(20, load, On(), Windows(Block(30), "on"))];
        var (sum, most) = (parts.Sum(p => p.Amount), parts[0].Amount / 0.3m * 0.35m);
        return sum <= most ? parts : [.. parts.Select(p => p with { Amount = p.Amount * most / sum })];
    }

    /// <summary>20 kW contracted; each window above is paid for by its square.</summary>
    private static ChargedFor[] RootParts(SiteLoad load)
    {
        var windows = Windows(Block(15), "on");
        decimal Squared(int[] window) => Math.Max(0, BruteForce.Mean(load.Whole, window) - 20) is var over ? over * over : 0;
        var sum = windows.Sum(Squared);
        var root = (decimal)Math.Sqrt((double)sum);
        var contracted = ChargedFor.Peak(1, load, On(), windows) with { Amount = 20 * 2 * 0.5m };
        return [contracted, .. windows.Where(w => Squared(w) > 0).Select(w => new ChargedFor(3 * root * Squared(w) / sum, w, [w]))];
    }

    private static ChargeKind Demand(DemandWindow? window, string period, DemandCharge charge, decimal price) =>
        new(Base() with { Demand = [charge] }, l => [ChargedFor.Peak(price, l, period == "all" ? Every() : On(), Windows(window, period))]);

    private static Tariff Coincident(PeakCombination combine) => Base() with
    {
        Demand = [new DemandCharge { Id = "cp", Rates = [Sample.PerKw("all", 5)], Coincident = new CoincidentPeak { Event = "peak", Combine = combine } }],
    };

    private static Tariff Base() => Sample.Empty("Europe/Berlin") with { Schedules = [Sample.OnOff(16, 21)] };

    private static DemandWindow Block(int minutes) => new() { Minutes = minutes };

    private static ChargedFor Energy(SiteLoad load, decimal price, IEnumerable<int> hours) =>
        ChargedFor.Energy(price * hours.Sum(t => load.Whole[t]) * SiteLoad.StepMinutes / 60, hours);

    private static IEnumerable<int> Every() => Enumerable.Range(0, SiteLoad.Count);

    private static IEnumerable<int> On() => Every().Where(t => SiteLoad.GetHour(t) is >= 16 and < 21);

    private static IEnumerable<int> Off() => Every().Except(On());

    private static IEnumerable<ChargedFor> Days(Func<int, ChargedFor> of) => [of(0), of(1)];

    private static int[][] Called() => [.. SiteLoad.CallsAt.Select(c => Enumerable.Range(c.From, c.Until - c.From).ToArray())];

    /// <summary>Windows of a period; intervals before the data are numbered below 0 and hold nothing.</summary>
    private static int[][] Windows(DemandWindow? window, string period)
    {
        var length = (window?.Minutes ?? SiteLoad.StepMinutes) / SiteLoad.StepMinutes;
        var stride = window?.StepMinutes is { } step ? step / SiteLoad.StepMinutes : length;
        bool Belongs(int lastStep) => period == "all" || SiteLoad.GetHour(lastStep) is >= 16 and < 21;
        return [.. Enumerable.Range(0, SiteLoad.Count / stride)
            .Select(n => n * stride)
            .Where(Belongs)
            .Select(lastStep => Enumerable.Range(lastStep + stride - length, length).ToArray())];
    }
}

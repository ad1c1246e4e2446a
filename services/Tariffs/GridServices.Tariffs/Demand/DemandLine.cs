using System.Collections.Immutable;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Model;
using NodaTime;

namespace GridServices.Tariffs.Demand;

/// <summary>
/// Something of a tariff that is paid by the highest window: a demand charge, an EV subscription, contracted power. What matters live is the same for all
/// three: which windows, which period, how many kW (or kVA) are paid for anyway, and what one more costs.
/// </summary>
public sealed record DemandLine
{
    public required string Id { get; init; }
    public string? Name { get; init; }
    public string? Schedule { get; init; }
    public required Duration Window { get; init; }

    /// <summary>Distance of window starts: the window's length for blocks.</summary>
    public required Duration Stride { get; init; }

    public bool IsRolling => Stride < Window;

    /// <summary>Paid by kVA: the root of kW² + kvar² of a window. All its "kW" are kVA then.</summary>
    public bool IsApparent { get; init; }

    /// <summary>kVA: the power factor that the tariff states for windows whose kvar are not known; absent = such a window sets no peak, as on the bill.</summary>
    public decimal? PowerFactor { get; init; }

    /// <summary>kVA: the worst power factor that is assumed where kvar are not known, ahead or in a gap; absent = none is known.</summary>
    public decimal? WorstPowerFactor { get; init; }

    /// <summary>The peak is forgotten at each local midnight.</summary>
    public bool Daily { get; init; }

    /// <summary>Periods in which a peak costs anything.</summary>
    public required ImmutableArray<string> Periods { get; init; }

    /// <summary>(period, peak of this cycle) -> kW that are paid for anyway.</summary>
    public required Func<string, decimal, decimal> PaidKw { get; init; }

    /// <summary>(period, kW) -> price of one more kW in this cycle, before riders and taxes.</summary>
    public required Func<string, decimal, decimal> PriceAbove { get; init; }

    /// <summary>What riders and taxes make of it.</summary>
    public required decimal OnTopFactor { get; init; }

    /// <summary>How often one more kW is paid in all if a ratchet or a mean of months remembers it: 1 = only now.</summary>
    public required decimal HorizonFactor { get; init; }
}

/// <summary>The lines of a tariff version for one account, at one billing cycle.</summary>
public static class DemandLines
{
    /// <param name="tariff">The version that holds.</param>
    /// <param name="account">Subscribed blocks, contracted power, peaks from before.</param>
    /// <param name="month">The billing month under way.</param>
    /// <param name="peaks">Peaks of earlier months, as far as they are known.</param>
    /// <param name="interval">The meter's own interval: the window of a charge that names none, as on the bill; absent = 15 min.</param>
    public static ImmutableArray<DemandLine> Create(Tariff tariff, Account account, YearMonth month, IReadOnlyCollection<PriorPeak> peaks, Duration? interval = null)
    {
        PriorPeak[] history = [.. account.PriorPeaks, .. peaks];
        var own = new DemandWindow { Minutes = (int)(interval ?? Duration.FromMinutes(15)).TotalMinutes };
        return
        [
            .. tariff.Demand.Where(c => c.Coincident is null).Select(c => CreateLine(tariff, c with { Window = c.Window ?? own }, account, month, history)),
            .. tariff.Subscriptions.Select(c => CreateLine(tariff, c with { Window = c.Window ?? own }, account)),
            .. tariff.HoursOfUse.Where(c => account.HoursOfUse.ContainsKey(c.Id)).Select(c => CreateLine(tariff, c with { Window = c.Window ?? own }, account.HoursOfUse[c.Id], month, history)),
            .. tariff.ContractedPower.Select(c => CreateLine(tariff, c with { Window = c.Window ?? own }, account, month)),
        ];
    }

    private static DemandLine CreateLine(Tariff tariff, DemandCharge charge, Account account, YearMonth month, PriorPeak[] history) => Windowed(charge.Window!) with
    {
        Id = charge.Id,
        Name = charge.Name,
        Schedule = charge.Schedule,
        IsApparent = charge.Basis == DemandBasis.Kva,
        PowerFactor = charge.PowerFactor,
        WorstPowerFactor = charge.PowerFactor,
        Daily = charge.Assess == DemandAssessment.Daily,
        Periods = [.. charge.Rates.Select(r => r.Period)],
        PaidKw = (period, _) => Floor(charge, period, month, history),
        PriceAbove = (period, kw) => charge.Rates.FirstOrDefault(r => r.Period == period) is { } rate
            ? (Price(rate, kw * (charge.LossFactor ?? 1)) * TimeShare(charge, account, month) + RiderPrice(tariff, charge, month)) * (charge.LossFactor ?? 1) / (charge.Mean?.Months ?? 1)
            : 0,
        OnTopFactor = OnTop.Factor(tariff, LineKind.Demand, charge.Id),
        HorizonFactor = charge.Mean?.Months ?? 1 + (charge.Ratchet is { } ratchet ? Horizon(ratchet) : 0),
    };

    /// <summary>The load factor of a cycle under way is not known, so its share is taken for the whole price.</summary>
    private static decimal TimeShare(DemandCharge charge, Account account, YearMonth month) =>
        account.ServiceFrom is { } start && (charge.GraceCycles is not null || !charge.PhaseIn.IsEmpty) ? PhaseInShare.Compute(charge, start, month.OnDayOfMonth(1)) : 1;

    /// <summary>Riders per kW that hold on the first day of the month.</summary>
    private static decimal RiderPrice(Tariff tariff, DemandCharge charge, YearMonth month) => tariff.Riders
        .Where(r => r.Per == RiderPer.Kw && r.Of.Contains(charge.Id) && !(r.EffectiveFrom > month.OnDayOfMonth(1)) && !(r.EffectiveUntil <= month.OnDayOfMonth(1)))
        .Sum(r => r.Price);

    private static decimal Horizon(Ratchet ratchet) =>
        (ratchet.Percent ?? ratchet.PercentByMonth.Max()) / 100 * (ratchet.AppliesInMonths.IsEmpty ? ratchet.LookbackMonths : Math.Min(ratchet.LookbackMonths, ratchet.AppliesInMonths.Length));

    internal static decimal Price(DemandRate rate, decimal kw)
    {
        var tier = rate.Tiers.First(t => t.UpTo is null || kw < t.UpTo);
        return tier.Price + tier.Adjustment;
    }

    private static decimal Floor(DemandCharge charge, string period, YearMonth month, PriorPeak[] history)
    {
        var floor = Math.Max((charge.MinimumKw ?? 0) / (charge.LossFactor ?? 1), charge.Mean?.FloorKw ?? 0);
        if (charge.Ratchet is not { } ratchet || charge.Assess == DemandAssessment.Daily)
        {
            return floor;
        }

        var sources = ratchet.SourcePeriods.IsEmpty ? [period] : ratchet.SourcePeriods;
        var earlier = history.Where(p => (p.Charge is null || p.Charge == charge.Id) && (p.Period is null || sources.Contains(p.Period))).Select(p => (p.Month, p.Kw));
        return Math.Max(floor, RatchetRule.Apply(ratchet, month, 0, earlier).Kw);
    }

    /// <summary>With blocks agreed, they are paid; without, every block begun is, so the next one starts where this one ends.</summary>
    private static DemandLine CreateLine(Tariff tariff, SubscriptionCharge charge, Account account)
    {
        var agreed = account.SubscribedBlocks.TryGetValue(charge.Id, out var blocks) ? blocks : charge.Blocks;
        return Windowed(charge.Window!) with
        {
            Id = charge.Id,
            Name = charge.Name,
            Periods = ["all"],
            PaidKw = (_, peak) => (agreed ?? Math.Ceiling(peak / charge.BlockKw)) * charge.BlockKw,
            PriceAbove = (_, _) => agreed is null ? charge.BlockPrice / charge.BlockKw : charge.OveragePerKw,
            OnTopFactor = OnTop.Factor(tariff, LineKind.Demand, charge.Id),
            HorizonFactor = 1,
        };
    }

    /// <summary>A kW above the year's peak so far is paid for the whole year.</summary>
    private static DemandLine CreateLine(Tariff tariff, HoursOfUseCharge charge, decimal hours, YearMonth month, PriorPeak[] history) => Windowed(charge.Window!) with
    {
        Id = charge.Id,
        Name = charge.Name,
        Periods = ["all"],
        PaidKw = (_, _) => history.Where(p => (p.Charge is null || p.Charge == charge.Id) && p.Month.Year == month.Year).Select(p => p.Kw).DefaultIfEmpty(0).Max(),
        PriceAbove = (_, _) => BillRun.ChoosePair(charge, h => hours < h).DemandPrice,
        OnTopFactor = OnTop.Factor(tariff, LineKind.Demand, charge.Id),
        HorizonFactor = 1,
    };

    private static DemandLine CreateLine(Tariff tariff, ContractedPower charge, Account account, YearMonth month)
    {
        var times = charge.PricePerDay ? month.Calendar.GetDaysInMonth(month.Year, month.Month) : 1;
        decimal Contracted(ContractedRate rate) => account.ContractedKw.TryGetValue($"{charge.Id}/{rate.Period}", out var kw) ? kw : rate.ContractedKw ?? 0;
        ContractedRate? Rate(string period) => charge.Rates.FirstOrDefault(r => r.Period == period);
        var isExcess = charge.Rule != ContractedPowerRule.Maximeter;
        var isRoot = charge.Rule == ContractedPowerRule.SquareRootExcess;
        return Windowed(charge.Window!) with
        {
            Id = charge.Id,
            Name = charge.Name,
            Schedule = charge.Schedule,
            IsApparent = charge.Basis == DemandBasis.Kva,
            PowerFactor = charge.PowerFactor,
            WorstPowerFactor = charge.PowerFactor,
            Periods = [.. charge.Rates.Select(r => r.Period)],
            PaidKw = (period, _) => Rate(period) is { } rate ? Contracted(rate) * (isExcess ? 1 : charge.UnderUseShare) : 0,
            PriceAbove = (period, kw) => Rate(period) is not { } rate ? 0
                : isRoot ? (rate.ExcessPrice ?? 0) * (rate.ExcessCoefficient ?? 1)
                : isExcess ? (rate.ExcessPrice ?? 0) * times
                : rate.Price * times * (kw < Contracted(rate) * charge.OverUseShare ? 1 : 1 + charge.OverUseMultiplier),
            OnTopFactor = OnTop.Factor(tariff, LineKind.Demand, charge.Id),
            HorizonFactor = 1,
        };
    }

    private static DemandLine Windowed(DemandWindow window)
    {
        var length = Duration.FromMinutes(window.Minutes);
        var stride = window is { Kind: WindowKind.Rolling } ? Duration.FromMinutes(Math.Min(window.Minutes, window.StepMinutes ?? 1)) : length;
        return new DemandLine
        {
            Id = string.Empty,
            Window = length,
            Stride = stride,
            Periods = [],
            PaidKw = (_, _) => 0,
            PriceAbove = (_, _) => 0,
            OnTopFactor = 1,
            HorizonFactor = 1,
        };
    }
}

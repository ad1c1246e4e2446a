using System.Collections.Immutable;
using GridServices.Tariffs.Model;
using NodaTime;

namespace GridServices.Tariffs.Bills;

/// <summary>Steps 4 and 6: netting, credits and their true-up.</summary>
internal sealed partial class BillRun
{
    /// <summary>The note of a true-up that comes before the minimum.</summary>
    internal const string TurnedIntoCredit = "surplus of the year, turned into money credit";

    /// <summary>Times of day at which a period of one cycle is matched with that of the next.</summary>
    private static readonly int[] MatchHours = [0, 6, 12, 18, 3, 9, 15, 21];

    /// <summary>kWh carried over, by energy charge and period: each charge nets the same energy in its own periods.</summary>
    private readonly Dictionary<string, Dictionary<string, decimal>> kwhCredit = new(StringComparer.Ordinal);
    private decimal moneyCredit;
    private decimal excessKwh;
    private bool creditsDoubtful;

    private void OpenCredits()
    {
        moneyCredit = account.OpeningCredit;
        var charges = Held.SelectMany(v => v.Source.Energy).Where(c => !c.Rates.IsEmpty).Select(c => c.Id).Distinct(StringComparer.Ordinal);
        // Each charge nets the same energy; what one with fewer periods has left is nearest to what is left in all.
        excessKwh = charges.Select(c => GetOpening(c).Values.Sum()).DefaultIfEmpty(0).Min();
        if (account.CreditDoubt is { } doubt && plan.Segments.Any(s => GetExportTerms(s) is { Mode: not ExportMode.None, Credit: not ExportCredit.None }))
        {
            creditsDoubtful = true;
            notes.Add(doubt);
        }
    }

    private Dictionary<string, decimal> GetOrAddCredit(EnergyCharge charge)
    {
        if (!kwhCredit.TryGetValue(charge.Id, out var credit))
        {
            kwhCredit[charge.Id] = credit = GetOpening(charge.Id);
        }

        return credit;
    }

    /// <summary>What the account brings of a charge: by <c>charge/period</c> where that is given of any, else by period.</summary>
    private Dictionary<string, decimal> GetOpening(string charge)
    {
        var named = plan.Versions.SelectMany(v => v.Source.Energy).Select(c => $"{c.Id}/").Where(p => account.OpeningKwh.Keys.Any(k => k.StartsWith(p, StringComparison.Ordinal))).ToArray();
        var prefix = named.Length == 0 ? string.Empty : $"{charge}/";
        return account.OpeningKwh.Where(k => k.Key.StartsWith(prefix, StringComparison.Ordinal)).ToDictionary(k => k.Key[prefix.Length..], k => k.Value, StringComparer.Ordinal);
    }

    /// <summary>What is left for the next bill: by period where all charges leave the same, else by <c>charge/period</c>.</summary>
    private ImmutableDictionary<string, decimal> KwhLeft()
    {
        var all = kwhCredit.Values.ToArray();
        return Array.TrueForAll(all, c => c.Count == all[0].Count && c.All(k => all[0].TryGetValue(k.Key, out var kwh) && kwh == k.Value))
            ? all.FirstOrDefault()?.ToImmutableDictionary(StringComparer.Ordinal) ?? ImmutableDictionary<string, decimal>.Empty
            : kwhCredit.SelectMany(c => c.Value, (c, k) => KeyValuePair.Create($"{c.Key}/{k.Key}", k.Value)).ToImmutableDictionary(StringComparer.Ordinal);
    }

    /// <summary>What is left over all periods together; calculated once per cycle, whatever the number of charges.</summary>
    private void Net(int cycle)
    {
        if (plan.GetSegments(cycle).Any(s => GetExportTerms(s) is { Mode: ExportMode.NetMetering, Credit: ExportCredit.Kwh }))
        {
            excessKwh = Math.Max(0, excessKwh + totals.ExportKwh - totals.ImportKwh);
        }
    }

    /// <summary>
    /// Import and export of the cycle netted per period, less what was carried over; the rest is bought (tiers pro rata, for a
    /// net has no order in time) or is surplus.
    /// </summary>
    private void Netted(BillSegment segment, RateSheet sheet, ExportTerms terms)
    {
        var brought = GetCarriedCredit(segment, sheet);
        var net = new decimal[sheet.Names.Length];
        foreach (var run in plan.GetTable(segment.Version, sheet.Charge.Schedule).Between(segment.From, segment.Until))
        {
            net[run.Period] += data.Net.Kwh(Import(run.Start, run.Length)) - (data.Export ?? data.Net).Kwh(Export(run.Start, run.Length));
        }

        var (use, surplus) = (new decimal[net.Length], new decimal[net.Length]);
        for (var p = 0; p < net.Length; p++)
        {
            net[p] -= brought.GetValueOrDefault(sheet.Names[p]);
            (use[p], surplus[p]) = (Math.Max(0, net[p]), Math.Max(0, -net[p]));
        }

        var bought = new TierFilling(sheet.Blocks);
        FillShares(bought, sheet, TierFill.Prorated, use);
        AddEnergyLines(segment, sheet, bought.Shares(), note: "net of export and of what was carried over");
        if (terms.Credit == ExportCredit.Kwh)
        {
            Carry(sheet, surplus);
            return;
        }

        if (surplus.Any(kwh => kwh > 0) && !SellingCharge.HasPrice(plan.Versions[segment.Version].Source))
        {
            notes.Add("net metering leaves a surplus, and the tariff does not say what becomes of it: it is neither carried nor paid; give export.credit (kwh or money), or a sell price");
        }

        var sold = new TierFilling(sheet.Blocks);
        FillShares(sold, sheet, TierFill.Prorated, surplus);
        AddSaleLines(segment, sheet, terms, sold.Shares());

        // What the account brought is used up; surplus that is money is no kWh any more.
        GetOrAddCredit(sheet.Charge).Clear();
    }

    private void Carry(RateSheet sheet, decimal[] surplus)
    {
        var credit = GetOrAddCredit(sheet.Charge);
        credit.Clear();
        for (var p = 0; p < surplus.Length; p++)
        {
            if (surplus[p] > 0)
            {
                credit[sheet.Names[p]] = surplus[p];
                Line(LineKind.Export, sheet.Charge.Id, sheet.Charge.Name, surplus[p], "kWh", 0, new LineDetail(sheet.Names[p], Note: "surplus, carried to the next billing period"));
            }
        }
    }

    /// <summary>Surplus of the cycle before, in the periods that now hold at the same times of day.</summary>
    private Dictionary<string, decimal> GetCarriedCredit(BillSegment segment, RateSheet sheet)
    {
        var brought = new Dictionary<string, decimal>(StringComparer.Ordinal);
        foreach (var (period, kwh) in GetOrAddCredit(sheet.Charge))
        {
            var target = Match(segment, sheet, period);
            brought[target] = brought.GetValueOrDefault(target) + kwh;
        }

        return brought;
    }

    private string Match(BillSegment segment, RateSheet sheet, string period)
    {
        if (plan.Versions[segment.Version].FindSchedule(sheet.Charge.Schedule) is not { } schedule || !schedule.Periods.Contains(period))
        {
            return sheet.Names[0];
        }

        var now = Weekday(segment.Span.From);
        var then = Weekday(segment.Span.From.PlusDays(-15));
        foreach (var hour in MatchHours)
        {
            if (schedule.Periods[schedule.PeriodAt(then + new LocalTime(hour, 0))] == period)
            {
                return schedule.Periods[schedule.PeriodAt(now + new LocalTime(hour, 0))];
            }
        }

        return period;
    }

    private static LocalDate Weekday(LocalDate from)
    {
        var middle = from.PlusDays(14);
        return middle.DayOfWeek >= IsoDayOfWeek.Saturday ? middle.Next(IsoDayOfWeek.Monday) : middle;
    }

    /// <summary>Money credits reduce the energy charges, never below 0; what is left moves on.</summary>
    private void ApplyCredits(int cycle)
    {
        var terms = GetExportTerms(plan.GetSegments(cycle).Last());
        var before = moneyCredit;
        var earned = totals.Earned;
        if (terms is { Credit: ExportCredit.Kwh, TrueUp: TrueUpRule.RollOver } && IsTrueUp(terms, cycle) && excessKwh > 0)
        {
            Line(LineKind.Export, "true-up", null, excessKwh, "kWh", -terms.TrueUpPrice, new LineDetail(Note: TurnedIntoCredit));
            earned -= lines[^1].Amount;
            ClearKwh();
        }

        if (before == 0 && earned == 0)
        {
            return;
        }

        var charges = lines.Where(l => l.Kind == LineKind.Energy).Sum(l => l.Amount);
        var same = terms.ApplyInSamePeriod || terms.Mode == ExportMode.NetMetering;
        var applied = Math.Min(before + (same ? earned : 0), Math.Max(charges, 0));
        moneyCredit = before + earned - applied;
        if (moneyCredit != before)
        {
            Line(LineKind.Export, "credit", null, moneyCredit - before, currency, 1, new LineDetail(
                Note: moneyCredit > before ? "credit carried to later bills" : "credit from earlier bills"));
        }
    }

    private void TrueUp(int cycle)
    {
        var terms = GetExportTerms(plan.GetSegments(cycle).Last());
        if (terms.Mode is ExportMode.None or ExportMode.BuyAllSellAll || !IsTrueUp(terms, cycle) || terms.TrueUp == TrueUpRule.RollOver)
        {
            return;
        }

        var pays = terms.TrueUp == TrueUpRule.Pay;
        if (excessKwh > 0 && terms.Credit == ExportCredit.Kwh)
        {
            Line(LineKind.Export, "true-up", null, excessKwh, "kWh", pays ? -terms.TrueUpPrice : 0, new LineDetail(
                Note: pays ? "surplus of the year, paid out" : "surplus of the year, expired"));
        }

        if (moneyCredit > 0)
        {
            Line(LineKind.Export, "true-up", null, moneyCredit, currency, pays ? -1 : 0, new LineDetail(
                Note: pays ? "credit of the year, paid out" : "credit of the year, expired"));
        }

        ClearKwh();
        moneyCredit = 0;
    }

    private void ClearKwh()
    {
        excessKwh = 0;
        foreach (var credit in kwhCredit.Values)
        {
            credit.Clear();
        }
    }

    /// <summary>The last cycle known by the true-up month.</summary>
    private bool IsTrueUp(ExportTerms terms, int cycle) =>
        plan.Cycles[cycle].Month.Month == terms.TrueUpMonth
        && (cycle + 1 == plan.Cycles.Length || plan.Cycles[cycle + 1].Month.Month != terms.TrueUpMonth);
}

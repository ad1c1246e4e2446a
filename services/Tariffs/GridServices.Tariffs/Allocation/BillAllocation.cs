using System.Collections.Immutable;

namespace GridServices.Tariffs;

/// <summary>One who used part of the site's energy: kWh or kW on the site's interval grid.</summary>
public sealed record SiteUser(string Id, IntervalSeries Series);

/// <summary>What a user caused: exact parts by kind of line, and what is paid, to the cent.</summary>
public sealed record UserCost(string Id, decimal Kwh, ImmutableSortedDictionary<LineKind, decimal> Exact, decimal Payable)
{
    /// <summary>What the user brought in less what it caused.</summary>
    public decimal Margin(decimal paid) => paid - Payable;
}

/// <summary>
/// A site's bill split among sessions or tenants: energy lines by what each used in the line's own period, demand lines by the chosen method on
/// the windows of the cycle, fixed charges and everything else by energy, riders and taxes in proportion to what they are reckoned on.
/// What no user accounts for is the site's own. The parts sum to the payable total.
/// </summary>
public static class BillAllocation
{
    public const string Site = "(site)";

    public static ImmutableArray<UserCost> Of(BillPlan plan, Bill bill, MeterData data, IReadOnlyList<SiteUser> users, DemandAllocationMethod method)
    {
        foreach (var user in users)
        {
            if (user.Series.Start != data.Net.Start || user.Series.StepSeconds != data.Net.StepSeconds || user.Series.Count != data.Net.Count || user.Series.HasNegative)
            {
                throw new BillRefusedException($"the intervals of '{user.Id}' do not lie on the site's grid, or are negative; resample them first");
            }
        }

        var split = new Split(plan, data, users, method);
        for (var cycle = 0; cycle < bill.Months.Length; cycle++)
        {
            split.Add(cycle, bill.Months[cycle]);
        }

        return split.Close(bill);
    }

    private sealed class Split(BillPlan plan, MeterData data, IReadOnlyList<SiteUser> users, DemandAllocationMethod method)
    {
        private readonly SortedDictionary<LineKind, decimal>[] parts = [.. Enumerable.Range(0, users.Count + 1).Select(_ => new SortedDictionary<LineKind, decimal>())];

        public void Add(int cycle, BillPeriod period)
        {
            var sofar = new decimal[parts.Length];
            foreach (var line in period.LineItems)
            {
                var weights = line.Kind switch
                {
                    LineKind.Energy => Energy(cycle, line),
                    LineKind.Demand => Demand(cycle, line),
                    LineKind.Tax or LineKind.Adjustment => sofar.Any(s => s < 0) ? Energy(cycle, line: null) : [.. sofar],
                    _ => Energy(cycle, line: null),
                };
                var sum = weights.Sum();
                for (var i = 0; i < parts.Length; i++)
                {
                    // Without any use there is nobody but the site to pay.
                    var amount = sum == 0 ? (i == users.Count ? line.Amount : 0) : line.Amount * weights[i] / sum;
                    parts[i][line.Kind] = parts[i].GetValueOrDefault(line.Kind) + amount;
                    sofar[i] += amount;
                }
            }
        }

        public ImmutableArray<UserCost> Close(Bill bill)
        {
            var payable = LargestRemainder.Round(bill.Payable, [.. parts.Select(p => p.Values.Sum())], bill.Rounding.Scale ?? Currencies.MinorDigits(bill.Currency));
            return [.. parts.Select((p, i) => new UserCost(
                i < users.Count ? users[i].Id : Site,
                i < users.Count ? users[i].Series.Kwh(ExactSum.All(users[i].Series.Values, users[i].Series.MaxAbs)) : 0,
                p.ToImmutableSortedDictionary(),
                payable[i]))];
        }

        /// <summary>kWh of each user, and of the site's rest, in the line's period (all periods without a line).</summary>
        private decimal[] Energy(int cycle, LineItem? line)
        {
            var weights = new decimal[parts.Length];
            foreach (var (from, count) in Ranges(cycle, line))
            {
                var whole = data.Net.Kwh(ExactSum.Positive(data.Net.Values.Slice(from, count), data.Net));
                for (var i = 0; i < users.Count; i++)
                {
                    var kwh = users[i].Series.Kwh(ExactSum.All(users[i].Series.Values.Slice(from, count), users[i].Series.MaxAbs));
                    weights[i] += kwh;
                    whole -= kwh;
                }

                weights[^1] += whole;
            }

            // Users that together read more than the site's meter leave no rest.
            weights[^1] = Math.Max(0, weights[^1]);
            return weights;
        }

        private List<(int From, int Count)> Ranges(int cycle, LineItem? line)
        {
            var ranges = new List<(int From, int Count)>();
            foreach (var segment in plan.SegmentsOf(cycle).Where(s => line?.Version is null || plan.Versions[s.Version].Source.Version == line.Version))
            {
                var charge = line is null ? null : plan.Versions[segment.Version].Source.Energy.FirstOrDefault(e => e.Id == line.Charge);
                var names = plan.Versions[segment.Version].ScheduleOf(charge?.Schedule)?.Periods;
                foreach (var run in plan.TableOf(segment.Version, charge?.Schedule).Between(segment.From, segment.Until))
                {
                    if (line?.Period is null || names is null || names.Value[run.Period] == line.Period)
                    {
                        ranges.Add((run.Start, run.Length));
                    }
                }
            }

            return ranges;
        }

        /// <summary>The demand method's shares over the cycle's intervals, the site's rest being a user like the others.</summary>
        private decimal[] Demand(int cycle, LineItem line)
        {
            var (from, count) = plan.Spans[cycle];
            var own = Enumerable.Range(0, users.Count).Select(i => Kw(users[i].Series, from, count)).ToArray();
            var site = Kw(data.Net, from, count);
            var rest = site.Select((kw, t) => Math.Max(0, kw - own.Sum(o => o[t])));
            DemandShareholder[] all = [.. own.Select((kw, i) => new DemandShareholder(users[i].Id, [.. kw])), new DemandShareholder(Site, [.. rest])];
            if (line.PeakAt.Length == 1 && method is DemandAllocationMethod.CoincidentPeak)
            {
                // The window that set this line's peak, which need not be the month's highest.
                var at = plan.Grid.IndexAt(line.PeakAt[0]) - from;
                return [.. all.Select(s => s.Kw[at])];
            }

            var outcome = DemandAllocation.Of(all, 1, method);
            return [.. all.Select(s => outcome.Exact[s.Id])];
        }

        private static decimal[] Kw(IntervalSeries series, int from, int count)
        {
            var kw = new decimal[count];
            for (var i = 0; i < count; i++)
            {
                kw[i] = Math.Max(0, series.Kw(series.Values[from + i], 1));
            }

            return kw;
        }
    }
}

using System.Collections.Immutable;
using System.Globalization;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Readers;

namespace GridServices.Tariffs.Allocation;

/// <summary>
/// One who used part of the site's energy: kWh or kW on the site's interval grid, all of it or the intervals from start to end alone (a session); outside of them it used nothing.
/// </summary>
public sealed record SiteUser(string Id, IntervalSeries Series);

/// <summary>What a user caused: exact parts by kind of line, and what is paid, to the cent.</summary>
public sealed record UserCost(string Id, decimal Kwh, ImmutableSortedDictionary<LineKind, decimal> Exact, decimal Payable)
{
    /// <summary>Likely error of its part by sampled Shapley shares (95 %), in money: it grows with its own peak; 0 = exact.</summary>
    public decimal ErrorBound { get; init; }

    /// <summary>Intervals without a reading: what was used in them is not known and is paid by the site, so the shares will change.</summary>
    public int MissingIntervals { get; init; }

    /// <summary>What the user brought in less what it caused.</summary>
    public decimal Margin(decimal paid) => paid - Payable;
}

/// <summary>
/// A site's bill split among sessions or tenants, line by line, by what the line was charged for: energy by use in the line's own hours (real-time prices: interval by
/// interval), demand by the chosen method on the line's own windows, days or called events, riders and taxes in proportion to the lines they are a percentage of, fixed
/// charges and minimums by the energy that each drew through the site's meter. Export, and what no user accounts for, is the site's own. The parts sum to the payable total.
/// </summary>
public static class BillAllocation
{
    public const string Site = "(site)";

    /// <summary>Users may read so much more than the site's meter before it is told: meters have an error.</summary>
    private const decimal MeterError = 1.02m;

    /// <param name="plan">The bill's plan.</param>
    /// <param name="bill">The bill.</param>
    /// <param name="data">What the site's meter recorded.</param>
    /// <param name="users">Who shares it, on the site's intervals.</param>
    /// <param name="method">How demand is shared.</param>
    /// <param name="options">The bill's options; needed where the tariff has real-time prices.</param>
    /// <exception cref="BillRefusedException">Users' intervals do not lie on the site's grid, or are negative.</exception>
    public static ImmutableArray<UserCost> Allocate(
        BillPlan plan, Bill bill, MeterData data, IReadOnlyList<SiteUser> users, DemandAllocationMethod method, BillOptions? options = null) =>
        Explain(plan, bill, data, users, method, [], options).Costs;

    /// <summary>The same, and of some users why: line by line their part, what it was shared by, and what they drew there.</summary>
    public static (ImmutableArray<UserCost> Costs, ImmutableArray<CostReason> Reasons) Explain(
        BillPlan plan, Bill bill, MeterData data, IReadOnlyList<SiteUser> users, DemandAllocationMethod method, IReadOnlyCollection<string> explained, BillOptions? options = null)
    {
        foreach (var user in users)
        {
            if (!IsOnGrid(user.Series, data.Net) || user.Series.HasNegative)
            {
                throw new BillRefusedException($"the intervals of '{user.Id}' do not lie on the site's grid, or are negative; resample them first");
            }
        }

        data = plan.Refined(data);
        var load = new SharedLoad(plan, data, users);
        var reasons = new CostReasons(load, data.Net, explained);
        var parts = new SortedDictionary<LineKind, decimal[]>();
        var errors = new decimal[load.Count];
        for (var cycle = 0; cycle < bill.Months.Length; cycle++)
        {
            var split = new LineSplit(plan, load, data, options ?? BillOptions.Default, bill.Rounding, method, cycle);
            foreach (var line in bill.Months[cycle].LineItems)
            {
                var shares = split.Split(line);
                reasons.Add(cycle, line, shares, split.Basis);
                Add(parts, line.Kind, shares);
            }

            for (var i = 0; i < errors.Length; i++)
            {
                errors[i] += split.Errors[i];
            }
        }

        return (Closed(bill, load, users, parts, errors), reasons.All());
    }

    private static bool IsOnGrid(IntervalSeries own, IntervalSeries site) =>
        own.StepSeconds == site.StepSeconds && own.Start >= site.Start && own.End <= site.End && (own.Start - site.Start).TotalSeconds % site.StepSeconds == 0;

    /// <summary>What is odd about a split before it is made: users that read more than the site's meter or lack readings, and Shapley shares that must be sampled.</summary>
    public static ImmutableArray<Finding> Findings(MeterData data, IReadOnlyList<SiteUser> users, DemandAllocationMethod method)
    {
        var findings = ImmutableArray.CreateBuilder<Finding>();
        var site = data.Net.Kwh(ExactSum.Positive(data.Net.Values, data.Net));
        var own = users.Sum(u => u.Series.Kwh(ExactSum.All(u.Series.Values, u.Series.MaxAbs)));
        if (own > site * MeterError)
        {
            findings.Add(new Finding(ErrorClass.Plausibility, "/users", string.Create(
                CultureInfo.InvariantCulture,
                $"the users together read {own:0.###} kWh, the site's meter {site:0.###} kWh{(site > 0 ? $" ({own / site * 100:0.#} %)" : "")}: nothing is left for the site; check units, double counting and generation behind the meter")));
        }

        for (var u = 0; u < users.Count; u++)
        {
            if (users[u].Series.Missing.Sum(m => m.Count) is > 0 and var missing)
            {
                findings.Add(new Finding(ErrorClass.DataGap, $"/users/{u}", string.Create(
                    CultureInfo.InvariantCulture,
                    $"'{SafeText.Short(users[u].Id)}' has no reading in {missing} intervals: what it used in them is not known, counts as the site's, and the shares are provisional")));
            }
        }

        if (method == DemandAllocationMethod.Shapley && users.Count + 1 is var shares && !ShapleyValue.IsExact(shares, 1))
        {
            findings.Add(new Finding(ErrorClass.Plausibility, "/method", string.Create(
                CultureInfo.InvariantCulture,
                $"{shares} shares: where more than {ShapleyValue.MostExact} of them have load in a charge's windows, Shapley shares are sampled, not exact; they sum to the cent, and the same request gives the same shares")));
        }

        return findings.ToImmutable();
    }

    private static void Add(SortedDictionary<LineKind, decimal[]> parts, LineKind kind, decimal[] shares)
    {
        if (!parts.TryGetValue(kind, out var sums))
        {
            parts[kind] = [.. shares];
            return;
        }

        for (var i = 0; i < shares.Length; i++)
        {
            sums[i] += shares[i];
        }
    }

    private static ImmutableArray<UserCost> Closed(Bill bill, SharedLoad load, IReadOnlyList<SiteUser> users, SortedDictionary<LineKind, decimal[]> parts, decimal[] errors)
    {
        var exact = Enumerable.Range(0, load.Count).Select(i => parts.Values.Sum(p => p[i])).ToArray();
        var payable = LargestRemainder.Round(bill.Payable, exact, bill.Rounding.Scale ?? Currencies.MinorDigits(bill.Currency));
        return [.. Enumerable.Range(0, load.Count).Select(i => new UserCost(
            load.Ids[i],
            i < users.Count ? ExactDecimal.Plain(users[i].Series.Kwh(ExactSum.All(users[i].Series.Values, users[i].Series.MaxAbs))) : 0,
            parts.ToImmutableSortedDictionary(p => p.Key, p => p.Value[i]),
            payable[i])
        {
            ErrorBound = errors[i],
            MissingIntervals = i < users.Count ? users[i].Series.Missing.Sum(m => m.Count) : 0,
        })];
    }
}

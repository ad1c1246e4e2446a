using System.Collections.Immutable;
using System.Globalization;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Requests;

namespace GridServices.Tariffs.Statements;

/// <summary>What can make a line of the statement another than ours: each cause that gives its number, the most telling first.</summary>
internal sealed class LineCauses(BillRequest request, Bill bill, Statement statement, CycleShifts shifts)
{
    private const int MostTold = 3;
    private static readonly int[] Windows = [5, 10, 15, 30, 60];
    private readonly ImmutableArray<LineItem> items = [.. bill.Months.SelectMany(m => m.LineItems)];

    /// <summary>What taxes make of an amount.</summary>
    private decimal TaxFactor => bill.Total - bill.Subtotal(LineKind.Tax) is > 0 and var net ? bill.Total / net : 1;

    public ImmutableArray<StatementReason> Explain(StatementLine theirs, BilledGroup ours, decimal tolerance)
    {
        var exact = GetCandidates(theirs, ours).Where(r => r.Leaves is { } leaves && Math.Abs(leaves) <= tolerance).Take(MostTold).ToImmutableArray();
        var estimated = Estimated();
        return exact.IsEmpty ? [.. estimated, .. FindDifferences(theirs, ours, tolerance).DefaultIfEmpty(Unexplained(theirs.Amount - ours.Amount))]
            : exact.Any(r => r.Cause < StatementCause.OtherPrice) ? exact : [.. exact, .. estimated];
    }

    /// <summary>The statement has it, and our bill does not.</summary>
    public StatementReason NotInTariff(StatementLine theirs)
    {
        var kwh = bill.Months.Sum(m => m.ImportKwh);
        var perKwh = kwh > 0 ? string.Create(CultureInfo.InvariantCulture, $"; over {Number(kwh)} kWh it would be {Number(decimal.Round(theirs.Amount / kwh, 6))} {bill.Currency}/kWh") : string.Empty;
        return new StatementReason(
            StatementCause.NotInTariff, $"no line of our bill is this one: a rider or charge that our tariff misses, or one that is not due{(theirs.Charge is null ? "; name its charge if it has another name with us" : string.Empty)}{perKwh}", 0);
    }

    public static StatementReason NotOnStatement(BilledGroup ours) =>
        new(StatementCause.NotOnStatement, $"'{ours.First.Charge}' is due by our tariff and no line of the statement is it: a rider or charge that the statement misses, or one that stands in another line", 0);

    public IEnumerable<StatementReason> Estimated()
    {
        var (missing, estimated) = (bill.Months.Sum(m => m.MissingIntervals), bill.Months.Sum(m => m.EstimatedIntervals));
        if (statement.Estimated == true)
        {
            yield return new StatementReason(StatementCause.EstimatedRead, "the statement rests on an estimated reading; the next one with a real reading settles it", null);
        }
        else if (missing + estimated > 0)
        {
            yield return new StatementReason(StatementCause.EstimatedRead, $"of our intervals {missing} are missing and {estimated} estimated", null);
        }
    }

    private IEnumerable<StatementReason> GetCandidates(StatementLine theirs, BilledGroup ours)
    {
        decimal Left(decimal explained) => theirs.Amount - explained;
        if (theirs is { Quantity: { } q, Rate: { } r } && decimal.Round(q * r, 2) != decimal.Round(theirs.Amount, 2) && decimal.Round(q * r, 2) == decimal.Round(ours.Amount, 2))
        {
            yield return new StatementReason(StatementCause.Arithmetic, $"the statement's own {Number(q)} x {Number(r)} is {Number(q * r)}, not {Number(theirs.Amount)}", 0);
        }

        yield return new StatementReason(StatementCause.SignTurned, $"{Number(ours.Amount)} {bill.Currency} with its sign turned", Left(-ours.Amount));
        if (ours is { IsPercentage: true, Rate: { } percent })
        {
            var own = statement.Lines.Where(l => l != theirs).Sum(l => l.Amount);
            yield return new StatementReason(StatementCause.FollowsOthers,
                $"{Number(percent * 100)} % of the statement's other lines, {Number(own)} {bill.Currency}: it follows their differences", Left(own * percent));
        }

        foreach (var reason in Shifted(theirs, ours).Concat(Priced(theirs, ours)).Concat(Windowed(theirs, ours)).Concat(Shares(theirs, ours)))
        {
            yield return reason;
        }
    }

    private IEnumerable<StatementReason> Shifted(StatementLine theirs, BilledGroup ours) =>
        from shift in shifts.All
        let same = ours.In(shift.Bill)
        where same is not null
        select new StatementReason(
            StatementCause.OtherCycle, $"billed from {shift.Cycle.From:uuuu-MM-dd} until {shift.Cycle.Until:uuuu-MM-dd} it is {Number(same.Amount)} {bill.Currency} ({Number(same.Quantity)} {same.Unit})", theirs.Amount - same.Amount);

    /// <summary>Our quantity at the other prices of the same charge.</summary>
    private IEnumerable<StatementReason> Priced(StatementLine theirs, BilledGroup ours)
    {
        if (ours.Quantity is not { } quantity)
        {
            yield break;
        }

        var siblings = items.Where(i => i.Charge == ours.First.Charge && i.Kind == ours.First.Kind && !ours.Items.Contains(i) && i.Unit == ours.Unit);
        foreach (var other in siblings)
        {
            var (cause, name) = other.Period != ours.First.Period ? (StatementCause.OtherPeriod, $"period '{other.Period}'")
                : other.Version != ours.First.Version ? (StatementCause.OtherVersion, $"version '{other.Version}'") : (StatementCause.WrongTier, $"tier {other.Tier ?? 1}");
            foreach (var amount in new[] { quantity, theirs.Quantity ?? quantity, quantity + other.Quantity }.Distinct())
            {
                yield return new StatementReason(cause, $"{Number(amount)} {ours.Unit} at the price of {name}, {Number(other.Rate)}", theirs.Amount - amount * other.Rate);
            }
        }

        foreach (var version in request.Tariffs.Where(t => t.Source.Id == bill.TariffId).SelectMany(t => t.Source.Energy).Where(e => e.Id == ours.First.Charge))
        {
            foreach (var (tier, number) in version.Rates.Where(r => r.Period == ours.First.Period).SelectMany(r => r.Tiers.Select((t, i) => (t, i + 1))))
            {
                yield return new StatementReason(
                    StatementCause.WrongTier, $"{Number(quantity)} {ours.Unit} at the price of tier {number}, {Number(tier.Price + tier.Adjustment)}",
                        theirs.Amount - quantity * (tier.Price + tier.Adjustment));
            }
        }
    }

    /// <summary>A demand of other windows, at our price.</summary>
    private IEnumerable<StatementReason> Windowed(StatementLine theirs, BilledGroup ours)
    {
        if (ours is not { First.Kind: LineKind.Demand, Unit: "kW", Rate: { } rate } || bill.Months is not [var month])
        {
            yield break;
        }

        foreach (var minutes in Windows)
        {
            if (HighestMean.Kw(request, month, minutes) is { } kw && kw != ours.Quantity)
            {
                yield return new StatementReason(StatementCause.OtherWindow,
                    $"the highest mean of windows of {minutes} min is {Number(decimal.Round(kw, 6))} kW, at {Number(rate)}", theirs.Amount - kw * rate);
            }
        }
    }

    private IEnumerable<StatementReason> Shares(StatementLine theirs, BilledGroup ours)
    {
        yield return new StatementReason(StatementCause.Taxes, "our amount with the taxes on it", theirs.Amount - ours.Amount * TaxFactor);
        yield return new StatementReason(StatementCause.BilledTwice, $"twice {Number(ours.Amount)} {bill.Currency}", theirs.Amount - 2 * ours.Amount);
        if (ours.Amount != 0 && ours.First.Kind is LineKind.Energy or LineKind.Demand)
        {
            var ratio = theirs.Amount / ours.Amount;
            var factor = ratio >= 1 ? decimal.Round(ratio) : ratio > 0 ? decimal.Round(1 / ratio) : 0;
            if (factor is >= 3 and <= 10_000)
            {
                yield return new StatementReason(
                    StatementCause.Multiplier, $"{Number(factor)} {(ratio >= 1 ? "times" : "times less than")} ours: a transformers' ratio that is missing or applied twice", theirs.Amount - (ratio >= 1 ? ours.Amount * factor : ours.Amount / factor));
            }
        }

        if (ours.First.Kind is LineKind.Fixed or LineKind.Demand && request.Cycles is [var cycle] && cycle.Days is > 1 and <= 400)
        {
            var days = Math.Clamp((int)decimal.Round(ours.Amount == 0 ? 0 : theirs.Amount / ours.Amount * cycle.Days), 0, 2 * cycle.Days);
            if (days > 0 && days != cycle.Days)
            {
                yield return new StatementReason(StatementCause.Proration, $"{days} of {cycle.Days} days of our amount", theirs.Amount - ours.Amount * days / cycle.Days);
            }
        }
    }

    /// <summary>What differs, where no cause gives the number.</summary>
    private static IEnumerable<StatementReason> FindDifferences(StatementLine theirs, BilledGroup ours, decimal tolerance)
    {
        if (theirs.Quantity is not { } quantity || ours is not { Quantity: { } own, Rate: { } rate })
        {
            yield break;
        }

        var price = theirs.Rate ?? (quantity == 0 ? rate : theirs.Amount / quantity);
        if (Math.Abs(quantity * rate - own * rate) <= tolerance)
        {
            yield return new StatementReason(StatementCause.OtherPrice,
                $"the price is {Number(decimal.Round(price, 8))} on the statement and {Number(rate)} in our tariff", theirs.Amount - own * price);
        }
        else if (Math.Abs(own * price - own * rate) <= tolerance)
        {
            yield return new StatementReason(StatementCause.OtherQuantity, $"{Number(quantity)} {ours.Unit} on the statement, {Number(own)} by our data", theirs.Amount - quantity * rate);
        }
        else
        {
            yield return new StatementReason(StatementCause.OtherQuantity,
                $"{Number(quantity)} {ours.Unit} on the statement, {Number(own)} by our data: {Number(decimal.Round((quantity - own) * rate, 4))} at our price",
                    theirs.Amount - ours.Amount - (quantity - own) * rate);
            yield return new StatementReason(StatementCause.OtherPrice, $"and the price is {Number(decimal.Round(price, 8))} instead of {Number(rate)}", 0);
        }
    }

    private static StatementReason Unexplained(decimal difference) =>
        new(StatementCause.Unexplained, "nothing that was tried gives this number; quantity and rate of the line would say more", difference);

    internal static string Number(decimal? number) => number?.ToString("0.############", CultureInfo.InvariantCulture) ?? string.Empty;
}

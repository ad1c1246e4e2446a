using System.Collections.Immutable;
using GridServices.Tariffs.Bills;

namespace GridServices.Tariffs.Statements;

/// <summary>What can make the total another than ours, where the statement has no lines: each single cause that gives it. Several at once are not guessed.</summary>
internal sealed class TotalCauses(Bill bill, Statement statement, CycleShifts shifts, LineCauses lines)
{
    private const int MostTold = 5;

    public ImmutableArray<StatementReason> Explain(decimal total, decimal tolerance)
    {
        var exact = GetCandidates(total).Where(r => Math.Abs(r.Leaves!.Value) <= tolerance).Take(MostTold).ToImmutableArray();
        var told = exact.IsEmpty || statement.Kwh is not null ? lines.Estimated().Concat(Energy()) : [];
        return exact.IsEmpty ? [.. told, new StatementReason(StatementCause.Unexplained, "no single cause gives this total; the statement's lines would say more",
            total - bill.Payable)] : [.. exact, .. told];
    }

    private IEnumerable<StatementReason> Energy()
    {
        var kwh = bill.Months.Sum(m => m.ImportKwh);
        if (statement.Kwh is { } theirs && Math.Abs(theirs - kwh) >= 1)
        {
            yield return new StatementReason(StatementCause.OtherQuantity, $"the statement bills {LineCauses.Number(theirs)} kWh, our data have {LineCauses.Number(kwh)}", null);
        }
    }

    private IEnumerable<StatementReason> GetCandidates(decimal total)
    {
        var items = bill.Months.SelectMany(m => m.LineItems).GroupBy(BilledGroup.Key).Select(g => new BilledGroup([.. g])).ToArray();
        var difference = total - bill.Total;
        var tax = bill.Total - bill.Subtotal(LineKind.Tax) is > 0 and var net ? bill.Total / net : 1;
        foreach (var (cycle, other) in shifts.All)
        {
            yield return new StatementReason(StatementCause.OtherCycle,
                $"billed from {cycle.From:uuuu-MM-dd} until {cycle.Until:uuuu-MM-dd} the total is {LineCauses.Number(other.Payable)} {bill.Currency}", total - other.Payable);
        }

        foreach (var group in items.Where(g => g.Amount != 0))
        {
            var (amount, name) = (group.First.Kind == LineKind.Tax ? group.Amount : group.Amount * tax,
                $"'{group.First.Charge}'{(group.First.Period is { } period ? $" of period '{period}'" : string.Empty)}");
            yield return new StatementReason(StatementCause.NotOnStatement, $"our bill without {name}, {LineCauses.Number(amount)} {bill.Currency} with the taxes on it", difference + amount);
            yield return new StatementReason(StatementCause.BilledTwice, $"{name} twice, {LineCauses.Number(amount)} {bill.Currency} with the taxes on it", difference - amount);
        }

        foreach (var (group, other) in from g in items
                                       from o in items
                                       where g != o && g.First.Kind == LineKind.Energy && o.First.Kind == g.First.Kind
            && o.First.Charge == g.First.Charge && g.Quantity is not null && o.Rate is not null
                                       select (g, o))
        {
            var cause = other.First.Period == group.First.Period ? StatementCause.WrongTier : StatementCause.OtherPeriod;
            yield return new StatementReason(
                cause, $"{LineCauses.Number(group.Quantity)} {group.Unit} of '{group.First.Charge}' at {LineCauses.Number(other.Rate)}, the price of {(cause == StatementCause.WrongTier ? $"tier {other.First.Tier ?? 1}" : $"period '{other.First.Period}'")}",
                difference - (group.Quantity!.Value * other.Rate!.Value - group.Amount) * tax);
        }
    }
}

using System.Collections.Immutable;
using System.Globalization;
using GridServices.Contracts.Json;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Requests;

namespace GridServices.Tariffs.Statements;

/// <summary>The utility's bill held against the one that we calculate: what differs, the likely reason, and how far that can be trusted.</summary>
public static class BillShadow
{
    /// <param name="request">What is calculated; bills of other days are made of it to find a cycle that fits.</param>
    /// <param name="bill">Its bill.</param>
    /// <param name="statement">The utility's.</param>
    public static StatementComparison Compare(BillRequest request, Bill bill, Statement statement)
    {
        var coin = Coin(bill.Currency);
        var shifts = new CycleShifts(request, bill);
        var causes = new LineCauses(request, bill, statement, shifts);
        var lines = Lines(bill, statement, causes, coin);
        var total = statement.Total ?? statement.Lines.Sum(l => l.Amount);
        var difference = total - bill.Payable;

        // Every line of theirs may be rounded by itself.
        var tolerance = statement.Tolerance ?? coin / 2 * Math.Max(1, Math.Max(statement.Lines.Length, bill.Months.Sum(m => m.LineItems.Length)));
        var reasons = statement.Lines.IsEmpty && Math.Abs(difference) > tolerance ? new TotalCauses(bill, statement, shifts, causes).Explain(total, tolerance) : Unlisted(statement, total, coin);
        return new StatementComparison
        {
            Currency = bill.Currency,
            StatementTotal = total,
            OurTotal = bill.Payable,
            Difference = difference,
            Agrees = Math.Abs(difference) <= tolerance && lines.All(l => l.Agrees) && reasons.IsEmpty,
            Lines = lines,
            Reasons = reasons,
            Accuracy = Accuracy(request, bill, statement, lines, reasons, coin),
        };
    }

    /// <summary>The smallest coin: half of it is what one rounding can make.</summary>
    private static decimal Coin(string currency) => 1 / ExactDecimal.Power(Currencies.MinorDigits(currency));

    private static ImmutableArray<StatementDifference> Lines(Bill bill, Statement statement, LineCauses causes, decimal coin)
    {
        if (statement.Lines.IsEmpty)
        {
            return [];
        }

        var (pairs, left) = StatementMatching.Match(statement.Lines, bill, coin);
        return
        [
            .. statement.Lines.Select((line, i) => CompareLine(line, i, pairs[i], statement, causes, coin)),
            .. left.Where(g => Math.Abs(g.Amount) > coin / 2).Select(g => OnlyOurs(g, statement, coin)),
        ];
    }

    private static StatementDifference CompareLine(StatementLine theirs, int index, BilledGroup? ours, Statement statement, LineCauses causes, decimal coin)
    {
        var tolerance = statement.Tolerance ?? coin / 2 * Math.Max(1, ours?.Items.Length ?? 1);
        var difference = theirs.Amount - (ours?.Amount ?? 0);
        var agrees = ours is not null && Math.Abs(difference) <= tolerance;
        return new StatementDifference
        {
            Line = theirs.Id ?? (index + 1).ToString(CultureInfo.InvariantCulture),
            Text = theirs.Text,
            Charge = ours?.First.Charge ?? theirs.Charge,
            Period = Common(ours, i => i.Period),
            Tier = Common(ours, i => i.Tier?.ToString(CultureInfo.InvariantCulture)) is { } tier ? int.Parse(tier, CultureInfo.InvariantCulture) : null,
            Version = Common(ours, i => i.Version),
            Unit = ours?.Unit ?? theirs.Unit,
            StatementQuantity = theirs.Quantity,
            OurQuantity = ours?.Quantity,
            StatementRate = theirs.Rate,
            OurRate = ours?.Rate,
            StatementAmount = theirs.Amount,
            OurAmount = ours?.Amount,
            Difference = difference,
            Tolerance = tolerance,
            Agrees = agrees,
            Reasons = agrees ? [] : ours is null ? [causes.NotInTariff(theirs)] : causes.Explain(theirs, ours, tolerance),
        };
    }

    private static StatementDifference OnlyOurs(BilledGroup ours, Statement statement, decimal coin) => new()
    {
        Charge = ours.First.Charge,
        Period = ours.First.Period,
        Tier = ours.First.Tier,
        Version = ours.First.Version,
        Unit = ours.Unit,
        OurQuantity = ours.Quantity,
        OurRate = ours.Rate,
        OurAmount = ours.Amount,
        Difference = -ours.Amount,
        Tolerance = statement.Tolerance ?? coin / 2,
        Agrees = false,
        Reasons = [LineCauses.NotOnStatement(ours)],
    };

    private static string? Common(BilledGroup? ours, Func<LineItem, string?> of) => ours is not null && ours.Items.Select(of).Distinct().Count() == 1 ? of(ours.First) : null;

    /// <summary>What the statement asks for beyond its own lines.</summary>
    private static ImmutableArray<StatementReason> Unlisted(Statement statement, decimal total, decimal coin)
    {
        var listed = statement.Lines.Sum(l => l.Amount);
        return !statement.Lines.IsEmpty && Math.Abs(total - listed) > coin / 2 * (statement.Lines.Length + 1)
            ? [new StatementReason(StatementCause.Arithmetic,
            $"the statement's lines sum to {LineCauses.Number(listed)}, its total is {LineCauses.Number(total)}: a line is not given, or it adds wrongly", total - listed)]
            : [];
    }

    private static StatementAccuracy Accuracy(
        BillRequest request, Bill bill, Statement statement, ImmutableArray<StatementDifference> lines, ImmutableArray<StatementReason> reasons, decimal coin)
    {
        var theirs = lines.Where(l => l.StatementAmount is not null).ToArray();
        var all = theirs.Sum(l => Math.Abs(l.StatementAmount!.Value));
        var leaves = lines.Where(l => !l.Agrees).Select(l => l.Reasons.FirstOrDefault()?.Leaves).Concat(reasons.Take(1).Select(r => r.Leaves)).ToArray();
        return new StatementAccuracy
        {
            Provisional = bill.Provisional,
            MissingIntervals = bill.Months.Sum(m => m.MissingIntervals),
            EstimatedIntervals = bill.Months.Sum(m => m.EstimatedIntervals),
            AgreeingLines = theirs.Count(l => l.Agrees),
            Lines = theirs.Length,
            AgreeingShare = all == 0 ? null : decimal.Round(theirs.Where(l => l.Agrees).Sum(l => Math.Abs(l.StatementAmount!.Value)) / all, 6),
            Unexplained = leaves.All(l => l is not null) ? leaves.Sum(l => Math.Abs(l!.Value)) : null,
            Assumptions = [.. Assumptions(request, bill, statement, coin)],
        };
    }

    private static IEnumerable<string> Assumptions(BillRequest request, Bill bill, Statement statement, decimal coin)
    {
        yield return statement.Tolerance is { } declared
            ? $"a difference of up to {LineCauses.Number(declared)} {bill.Currency} in a line is rounding, as declared"
            : $"the utility rounds each of its lines to {LineCauses.Number(coin)} {bill.Currency}";
        if (statement is { From: { } from, Until: { } until } && request.Cycles.Length != 1)
        {
            yield return $"the statement bills {from:uuuu-MM-dd} until {until:uuuu-MM-dd}; {request.Cycles.Length} cycles were calculated";
        }
        else if (statement is { From: { } first, Until: { } end } && request.Cycles is [var only] && (only.From != first || only.Until != end))
        {
            yield return $"the statement bills {first:uuuu-MM-dd} until {end:uuuu-MM-dd}; {only.From:uuuu-MM-dd} until {only.Until:uuuu-MM-dd} was calculated";
        }

        if (statement.Lines.Any(l => l.Charge is null))
        {
            yield return "lines that name no charge were matched by their text, unit, rate and amount";
        }

        foreach (var note in bill.Notes)
        {
            yield return note;
        }
    }
}

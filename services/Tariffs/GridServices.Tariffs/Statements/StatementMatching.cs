using System.Collections.Immutable;
using GridServices.Tariffs.Bills;

namespace GridServices.Tariffs.Statements;

/// <summary>Which of our lines a line of the statement is. Named charges are taken at their word; the rest is matched where one line fits clearly better than any other.</summary>
internal static class StatementMatching
{
    private const int LeastScore = 3;

    public static (ImmutableArray<BilledGroup?> Pairs, ImmutableArray<BilledGroup> Left) Match(ImmutableArray<StatementLine> theirs, Bill bill, decimal coin)
    {
        var free = bill.Months.SelectMany(m => m.LineItems).GroupBy(BilledGroup.Key).Select(g => new BilledGroup([.. g])).ToList();
        var pairs = new BilledGroup?[theirs.Length];

        // The most precise name first, so that "energy, peak" is not swallowed by "energy".
        foreach (var at in Enumerable.Range(0, theirs.Length).Where(i => theirs[i].Charge is not null).OrderByDescending(i => Precision(theirs[i])))
        {
            var meant = free.FindAll(g => BilledGroup.Means(g.First, theirs[at]));
            free.RemoveAll(meant.Contains);
            pairs[at] = meant.Count == 0 ? null : new BilledGroup([.. meant.SelectMany(g => g.Items)]);
        }

        while (Best(theirs, pairs, free, coin) is { } best)
        {
            pairs[best.At] = best.Group;
            free.Remove(best.Group);
        }

        return ([.. pairs], [.. free]);
    }

    private static int Precision(StatementLine line) => (line.Period is null ? 0 : 1) + (line.Tier is null ? 0 : 1) + (line.Version is null ? 0 : 1);

    /// <summary>The pair with the highest score, unless another fits the same line as well.</summary>
    private static (int At, BilledGroup Group)? Best(ImmutableArray<StatementLine> theirs, BilledGroup?[] pairs, List<BilledGroup> free, decimal coin)
    {
        (int At, BilledGroup Group, int Score)? best = null;
        for (var at = 0; at < theirs.Length; at++)
        {
            if (pairs[at] is not null || theirs[at].Charge is not null)
            {
                continue;
            }

            var scores = free.Select(g => (Group: g, Score: Score(theirs[at], g, coin))).OrderByDescending(s => s.Score).Take(2).ToArray();
            if (scores.Length > 0 && scores[0].Score >= LeastScore && (scores.Length == 1 || scores[1].Score < scores[0].Score) && scores[0].Score > (best?.Score ?? 0))
            {
                best = (at, scores[0].Group, scores[0].Score);
            }
        }

        return best is { } found ? (found.At, found.Group) : null;
    }

    private static int Score(StatementLine theirs, BilledGroup ours, decimal coin)
    {
        if (theirs.Unit is { } unit && ours.Unit is { } own && !string.Equals(unit, own, StringComparison.OrdinalIgnoreCase))
        {
            return 0;
        }

        var words = SplitWords(theirs.Text);
        var names = SplitWords($"{ours.First.Charge} {ours.First.Name} {ours.First.Period}");
        return 2 * Math.Min(3, words.Intersect(names, StringComparer.OrdinalIgnoreCase).Count())
            + (Math.Abs(theirs.Amount - ours.Amount) <= coin ? 3 : 0)
            + (theirs.Rate is { } rate && rate == ours.Rate ? 2 : 0)
            + (theirs.Quantity is { } quantity && ours.Quantity is { } q && Math.Abs(quantity - q) <= 0.5m ? 2 : 0)
            + (theirs.Unit is not null && ours.Unit is not null ? 1 : 0);
    }

    private static string[] SplitWords(string? text) =>
        (text ?? string.Empty).Split([' ', '-', '_', '.', ',', '/', '(', ')', ':'], StringSplitOptions.RemoveEmptyEntries);
}

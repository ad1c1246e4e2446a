using GridServices.Tariffs.Model;

namespace GridServices.Tariffs.Bills;

/// <summary>Step 3, last: what lines cost at most.</summary>
internal sealed partial class BillRun
{
    private void Maximums(int cycle)
    {
        foreach (var segment in plan.GetSegments(cycle))
        {
            foreach (var maximum in plan.Versions[segment.Version].Source.Maximums)
            {
                Cap(segment, maximum);
            }
        }
    }

    private void Cap(BillSegment segment, MaximumCharge maximum)
    {
        var version = FindVersionName(segment);
        LineItem[] capped = [.. lines.Where(l => (version is null || l.Version == version) && IsCapped(maximum, l))];
        var (most, formula) = Most(segment, maximum);
        var sum = capped.Sum(l => l.Amount);
        if (sum <= most)
        {
            return;
        }

        // Each kind is lowered by its part, so that a tax on one kind of line sees what that kind costs after the maximum.
        var kinds = capped.GroupBy(l => l.Kind, (kind, own) => (Kind: kind, Sum: own.Sum(l => l.Amount))).Where(k => k.Sum != 0).ToArray();
        var left = most - sum;
        for (var k = 0; k < kinds.Length; k++)
        {
            var part = k == kinds.Length - 1 ? left : LineItem.RoundAmount((most - sum) * kinds[k].Sum / sum);
            Line(kinds[k].Kind, maximum.Id, maximum.Name, part, currency, 1, new LineDetail(
                Version: version, Note: $"at most {formula} = {most:0.######}; {Named(maximum)} {sum:0.######}{(kinds.Length == 1 ? "" : $"; the part of {KindName(kinds[k].Kind)}")}"));
            left -= part;
        }
    }

    private (decimal Most, string Formula) Most(BillSegment segment, MaximumCharge maximum)
    {
        if (maximum.PerKwh is { } price)
        {
            var kwh = rounding.RoundKwh(PricedKwh(segment));
            return (kwh * price, $"{kwh:0.######} kWh x {price:0.######}");
        }

        var (time, unit) = maximum.Per == MinimumPer.Day ? (segment.Span.Days, "days") : (Months(segment), "months");
        return (maximum.Amount!.Value * time, $"{time:0.######} {unit} x {maximum.Amount:0.######}");
    }

    internal static bool IsCapped(MaximumCharge maximum, LineItem line) =>
        maximum.Base.IsEmpty || maximum.Base.Contains(line.Charge) || maximum.Base.Contains(KindName(line.Kind));

    private static string Named(MaximumCharge maximum) => maximum.Base.IsEmpty ? "all lines before" : string.Join(", ", maximum.Base);
}

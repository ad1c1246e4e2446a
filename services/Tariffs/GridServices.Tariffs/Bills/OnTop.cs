using GridServices.Tariffs.Model;

namespace GridServices.Tariffs.Bills;

/// <summary>What percentages make of one more unit of money on a line: 1.19 where 19 % come on top.</summary>
public static class OnTop
{
    /// <summary>One more kWh lies above kWh that are exempt.</summary>
    /// <param name="tariff">Gives riders and taxes in their order.</param>
    /// <param name="kind">Kind of the line.</param>
    /// <param name="charge">Its charge.</param>
    public static decimal Factor(Tariff tariff, LineKind kind, string charge)
    {
        List<(LineKind Kind, string Charge, decimal Amount)> lines = [(kind, charge, 1)];
        foreach (var adjustment in tariff.Adjustments)
        {
            var amount = lines.Where(l => BillRun.IsBase(adjustment, l.Kind, l.Charge)).Sum(l => l.Amount) * adjustment.Percent / 100;
            amount = adjustment.ExemptPercent is { } exempt ? amount * (100 - exempt) / 100 : amount;
            if (amount != 0)
            {
                lines.Add((adjustment.Kind == AdjustmentKind.Tax ? LineKind.Tax : LineKind.Adjustment, adjustment.Id, amount));
            }
        }

        return lines.Sum(l => l.Amount);
    }
}

using GridServices.Tariffs.Model;

namespace GridServices.Tariffs.Bills;

/// <summary>Which share of a line a percentage is taken of. Bills and their allocation share it.</summary>
/// <param name="Adjustment">The percentage.</param>
/// <param name="ExemptOfKwh">Share of the kWh that is exempt, 0..1.</param>
internal sealed record TaxBase(Adjustment Adjustment, decimal ExemptOfKwh)
{
    public static TaxBase Create(Adjustment adjustment, BillPlan plan, BillSegment segment, decimal kwh)
    {
        var exempt = (adjustment.ExemptKwh ?? 0) * ProratedMonths.Compute(plan, segment);
        return new TaxBase(adjustment, exempt == 0 ? 0 : exempt >= kwh ? 1 : exempt / kwh);
    }

    /// <summary>What the percentage is taken of.</summary>
    public decimal GetTaxable(LineItem line) => Share(line) is var share && share == 1 ? line.Amount : line.Amount * share;

    public decimal Share(LineItem line)
    {
        if (!BillRun.IsBase(Adjustment, line.Kind, line.Charge))
        {
            return 0;
        }

        var taxed = line.Unit == "kWh" && line.Kind != LineKind.Export ? 1 - ExemptOfKwh : 1;
        return Adjustment.ExemptPercent is { } percent ? taxed * (100 - percent) / 100 : taxed;
    }

    /// <summary>The exemptions, for the line's note.</summary>
    public string Note => (Adjustment.Except.IsEmpty ? "" : $" without {string.Join(", ", Adjustment.Except)}")
        + (Adjustment.ExemptKwh is { } kwh ? $"; {kwh:0.######} kWh a month are exempt: {ExemptOfKwh * 100:0.####} % of lines per kWh" : "")
        + (Adjustment.ExemptPercent is { } percent ? $"; {percent:0.######} % are exempt" : "");
}

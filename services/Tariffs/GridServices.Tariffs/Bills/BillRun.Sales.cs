using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Model;

namespace GridServices.Tariffs.Bills;

/// <summary>Step 1: energy sold. A kWh is sold once, whatever the number of energy charges.</summary>
internal sealed partial class BillRun
{
    private void AddSaleLines(BillSegment segment, RateSheet sheet, ExportTerms terms, IEnumerable<TierShare> shares)
    {
        var otherwise = ReferenceEquals(SellingCharge.Find(plan.Versions[segment.Version].Source), sheet.Charge) ? terms.SellPrice ?? 0 : 0;
        var mix = SellingCharge.FindConflict(plan.Versions[segment.Version].Source);
        foreach (var share in shares)
        {
            if (mix is not null && share.Kwh > 0)
            {
                throw new BillRefusedException(mix);
            }

            var tiers = sheet.GetTiers(share.Period);
            if ((tiers[share.Tier].Sell ?? otherwise) is not 0 and var price)
            {
                Line(LineKind.Export, sheet.Charge.Id, sheet.Charge.Name, share.Kwh, "kWh", -price, new LineDetail(
                    sheet.Names[share.Period], tiers.Length > 1 ? share.Tier + 1 : null, FindVersionName(segment)));
                totals.Earned -= terms.Credit == ExportCredit.Money ? lines[^1].Amount : 0;
            }
        }
    }

    /// <summary>The price per exported kWh of a tariff that prices import by a series, by hours of use or not at all.</summary>
    private void AddSaleLinesWithoutRates(BillSegment segment, EnergyCharge? charge)
    {
        var terms = GetExportTerms(segment);
        if (terms.SellPrice is not { } price || price == 0 || !ReferenceEquals(SellingCharge.Find(plan.Versions[segment.Version].Source), charge) || FindSoldEnergy(terms.Mode) is not { } sold)
        {
            return;
        }

        var kwh = sold.Series.Kwh(sold.Sum(segment.From, segment.Until - segment.From));
        if (kwh != 0)
        {
            Line(LineKind.Export, charge?.Id ?? "export", charge?.Name, kwh, "kWh", -price, new LineDetail(Version: FindVersionName(segment)));
            totals.Earned -= terms.Credit == ExportCredit.Money ? lines[^1].Amount : 0;
        }
    }

    /// <summary>What is sold interval by interval under a rule; null where nothing is.</summary>
    private (Func<int, int, Int128> Sum, IntervalSeries Series)? FindSoldEnergy(ExportMode mode) => mode switch
    {
        ExportMode.NetBilling => (Export, PricedData.Export ?? PricedData.Net),
        ExportMode.BuyAllSellAll when data.Generation is { } generation => (Generated, generation),
        _ => null,
    };

    private Int128 Generated(int from, int count) => ExactSum.Positive(data.Generation!.Values.Slice(from, count), data.Generation);

    /// <summary>Export that the tariff does not price is told; generation that should have been sold whole is not netted in silence.</summary>
    private void NoteExport(int cycle)
    {
        var versions = plan.GetSegments(cycle).Select(s => (Terms: GetExportTerms(s), plan.Versions[s.Version].Source, Kwh: Exported(s.From, s.Until))).ToArray();
        if (data.Generation is null && Array.Exists(versions, v => v.Terms.Mode == ExportMode.BuyAllSellAll))
        {
            notes.Add(Array.TrueForAll(versions, v => v.Kwh == 0 || v.Terms.Mode != ExportMode.BuyAllSellAll)
                ? "the tariff buys all and sells all: without generationKW nothing is sold, and import is taken for all that was consumed"
                : throw new BillRefusedException("the tariff buys all and sells all, and the meter shows export, which is what is left of the generation; give generationKW (the generator's own meter), and the consumption as import"));
        }

        if (Array.Exists(versions, v => v.Kwh > 0 && v.Terms.Mode == ExportMode.None))
        {
            notes.Add("energy was exported but the tariff says nothing about export: it is neither paid nor netted");
        }

        if (Array.Exists(versions, v => v.Kwh > 0 && v.Terms.Mode == ExportMode.NetBilling && !SellingCharge.HasPrice(v.Source)))
        {
            notes.Add("energy was exported but the tariff has no price for it (export.sellPrice, sell of a tier or sellShare of an index): it is not paid");
        }
    }
}

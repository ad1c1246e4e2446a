using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;

namespace GridServices.Tariffs.Carbon;

/// <summary>A generation meter's records as a supply on the site's intervals.</summary>
public static class MeteredSupply
{
    /// <param name="meter">Whose records, and how they are to be read.</param>
    /// <param name="data">What it recorded on the site's intervals; null = nothing, so all of it is missing.</param>
    /// <param name="site">The site's intervals.</param>
    public static RenewableSupply Create(SupplyMeter meter, MeterData? data, IntervalSeries site)
    {
        var fedIn = meter.Register == GenerationRegister.Export ? data?.Export : null;
        var source = fedIn ?? data?.Net;
        var sign = meter.Register == GenerationRegister.Export && fedIn is null ? -1 : 1;
        var units = new long[site.Count];
        for (var i = 0; source is not null && i < units.Length; i++)
        {
            units[i] = Math.Max(0, sign * source.Values[i]);
        }

        var step = NodaTime.Duration.FromSeconds(site.StepSeconds);
        var series = IntervalSeries.FromUnits(site.Start, step, source?.Unit ?? IntervalUnit.Kw, source?.Scale ?? 0, units);
        return new RenewableSupply(meter.MeterId, meter.Kind, source is null ? series.Marked([new IndexRange(0, site.Count)], []) : series.Marked(source.Missing, source.Estimated), meter.Percent);
    }
}

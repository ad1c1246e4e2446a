using System.Text;
using GridServices.Contracts.Json;
using NodaTime.Text;

namespace GridServices.Tariffs.Carbon;

/// <summary>The hours of a report as CSV; what is not known is empty.</summary>
public static class CarbonCsv
{
    private const string Head = "from,until,drawn_kwh,on_site_kwh,grams_per_kwh,grams,contracted_kwh,matched_kwh,matched_share,unmatched_grams,missing_intervals,doubtful_intervals\r\n";

    public static string Write(CarbonReport report)
    {
        var csv = new StringBuilder(Head);
        foreach (var hour in report.Hours)
        {
            csv.Append(InstantPattern.ExtendedIso.Format(hour.From)).Append(',').Append(InstantPattern.ExtendedIso.Format(hour.Until));
            decimal?[] numbers =
            [
                hour.DrawnKwh, hour.OnSiteKwh, hour.GramsPerKwh, hour.Grams, hour.ContractedKwh, hour.MatchedKwh, hour.MatchedShare, hour.UnmatchedGrams, hour.MissingIntervals, hour.DoubtfulIntervals,
            ];
            foreach (var number in numbers)
            {
                csv.Append(',').Append(number is { } known ? ExactDecimal.Text(known) : string.Empty);
            }

            csv.Append("\r\n");
        }

        return csv.ToString();
    }
}

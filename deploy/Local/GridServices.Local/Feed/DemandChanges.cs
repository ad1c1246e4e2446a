using System.Globalization;
using System.Text.Json;
using NodaTime;

namespace GridServices.Local.Feed;

/// <summary>From <c>GET /v1/sites/{siteId}/demand</c>: a line when the peak of the cycle or its target moves, not with every reading.</summary>
internal static class DemandChanges
{
    public static IEnumerable<Change> Of(string siteId, JsonElement site, Instant now) =>
        from meter in site.Items("meters")
        from charge in meter.Items("charges")
        select Charge(siteId, meter, charge, now);

    private static Change Charge(string siteId, JsonElement meter, JsonElement charge, Instant now)
    {
        var peak = $"peak to date {Kw(charge, "peakToDateKw")}, target {Kw(charge, "targetKw")}";
        var room = $"until {Words.Time(charge.Text("windowEnd"), now)} {Kw(charge, "headroomKw")} may be drawn on";
        var price = $"one kW more costs {charge.Text("marginalPriceWithTaxes")} {meter.Text("currency")}";
        var name = charge.Text("chargeId") is { Length: > 0 } id ? id : charge.Text("charge");
        var key = $"meter {meter.Text("meterId")}{(name.Length > 0 ? $" {name}" : string.Empty)}";
        return new Change("tariffs", siteId, key, $"{key}: {peak}; {room}; {price}")
        {
            Sameness = peak,
        };
    }

    private static string Kw(JsonElement charge, string name) =>
        decimal.TryParse(charge.Text(name), CultureInfo.InvariantCulture, out var kw) ? kw.ToString("0.0", CultureInfo.InvariantCulture) + " kW" : "any";
}

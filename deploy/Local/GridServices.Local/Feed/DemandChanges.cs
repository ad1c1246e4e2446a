using System.Globalization;
using System.Text.Json;
using NodaTime;

namespace GridServices.Local.Feed;

/// <summary>From <c>GET /v1/sites/{siteId}/demand</c>: a line when the peak of the cycle or its target moves, not with every reading.</summary>
internal static class DemandChanges
{
    public static IEnumerable<Change> Read(string siteId, JsonElement site, Instant now) =>
        from meter in site.Items("meters")
        let charges = meter.Items("charges").ToList()
        from charge in charges
        select Charge(siteId, meter, charge, charges.Count > 1, now);

    private static Change Charge(string siteId, JsonElement meter, JsonElement charge, bool isOneOfMany, Instant now)
    {
        var name = charge.Text("chargeId") is { Length: > 0 } id ? id : charge.Text("charge");
        var key = $"meter {meter.Text("meterId")}{(isOneOfMany ? $" {name}" : string.Empty)}";
        var peak = $"peak {Kw(charge, "peakToDateKw")}, target {Kw(charge, "targetKw")}";
        return new Change("tariffs", siteId, key, $"{key}: {peak}; {Kw(charge, "headroomKw")} free until {Words.Time(charge.Text("windowEnd"), now)}")
        {
            Sameness = peak,
        };
    }

    private static string Kw(JsonElement charge, string name) =>
        decimal.TryParse(charge.Text(name), CultureInfo.InvariantCulture, out var kw) ? kw.ToString("0.0", CultureInfo.InvariantCulture) + " kW" : "any";
}

using System.Globalization;
using System.Text.Json;

namespace GridServices.Local;

/// <summary>Where the demand window of the demo site's meter stands; said once a minute at most.</summary>
internal sealed class DemandView(ServiceApi api) : ServiceView("tariffs")
{
    private const int LooksPerLine = 60;
    private int looks;

    protected override async Task LookAsync(CancellationToken cancel)
    {
        if (looks++ % LooksPerLine != LooksPerLine / 3 || await api.GetAsync("tariffs", $"/v1/sites/{Topology.DemoSite}/demand", cancel) is not { } site)
        {
            return;
        }

        foreach (var meter in site.GetProperty("meters").EnumerateArray())
        {
            foreach (var charge in meter.GetProperty("charges").EnumerateArray())
            {
                Say($"meter {Text(meter, "meterId")}", Window(charge, Text(meter, "currency")));
            }
        }
    }

    private static string Window(JsonElement charge, string currency) =>
        $"peak to date {Kw(charge, "peakToDateKw")}, target {Kw(charge, "targetKw")}; in the window until {Text(charge, "windowEnd")} "
        + $"{Kw(charge, "headroomKw")} may be drawn on; one kW more costs {Text(charge, "marginalPriceWithTaxes")} {currency}";

    private static string Kw(JsonElement charge, string name) =>
        charge.TryGetProperty(name, out var value) && decimal.TryParse(value.ToString(), CultureInfo.InvariantCulture, out var kw)
            ? kw.ToString("0.0", CultureInfo.InvariantCulture) + " kW"
            : "any";
}

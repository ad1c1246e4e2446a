using System.Text.Json.Nodes;
using GridServices.Operations.Registry;
using NodaTime;

namespace GridServices.Operations.Provisioning;

/// <summary>The body of <c>PUT /v1/meters/{meterId}</c> with its tariff assignment, for meter points that have a tariff.</summary>
internal static class MeterDocument
{
    public static IEnumerable<WantedDocument> Create(IEnumerable<ProvisionSource> sources) =>
        (from source in sources
         from meter in source.MeterPoints
         where source.Enrollment.MeterPointIds.Contains(meter.Id) && meter.TariffId is not null
         select (source.Site, Meter: meter)).DistinctBy(pair => pair.Meter.Id).Select(pair => Create(pair.Site, pair.Meter));

    private static WantedDocument Create(Site site, MeterPoint meter)
    {
        var limit = ConnectionLimit.Compute(site);
        var body = new JsonObject
        {
            ["siteId"] = site.SiteId,
            ["tariffId"] = meter.TariffId,
            ["interval"] = VenDocument.Text(meter.IntervalMinutes is { } minutes ? Duration.FromMinutes(minutes) : null),
            ["telemetry"] = meter is { Kind: MeterKind.Utility, DataSource: MeterDataSource.Telemetry },
            // Only the utility's meter is at the connection that limits are stated for.
            ["publish"] = meter is { Kind: MeterKind.Utility, DataSource: MeterDataSource.Telemetry },
            ["physicalW"] = limit.ImportW,
        };
        return WantedDocument.Create(ProvisionedService.Tariffs, GetPath(meter), body,
            [new("/siteId", "/siteId"), new("/tariffId", "/meterPointIds"), new("/interval", "/meterPointIds"), new("/physicalW", "/siteId")]);
    }

    internal static string GetPath(MeterPoint meter) => $"/v1/meters/{Uri.EscapeDataString(GetKey(meter))}";

    /// <summary>The meter's id at Tariffs: the one given, else that of the meter point.</summary>
    internal static string GetKey(MeterPoint meter) => meter.TariffMeterId ?? meter.Id;
}

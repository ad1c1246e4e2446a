using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using GridServices.Contracts;

namespace GridServices.Operations;

/// <summary>The body of <c>PUT /v1/clients/{clientKey}</c>: a direct client of one site, or an aggregator's of several.</summary>
internal static class ClientDocument
{
    // IEEE 2030.5-2018 DERType
    private const int Photovoltaic = 4;
    private const int OtherStorage = 80;
    private const int Evse = 82;
    private const int PhotovoltaicAndStorage = 83;

    public static WantedDocument Create(string clientKey, IReadOnlyList<ProvisionSource> sources, List<ProvisioningFault> faults)
    {
        var first = sources[0];
        var identity = first.Enrollment.Identity;
        Agree(sources, faults);
        var client = new JsonObject
        {
            ["serverUrl"] = identity.Server,
            ["edition"] = first.Template.Defaults.Edition,
            // Without a certificate (plain http on this machine) there is nothing to work the LFDI out from.
            ["lfdi"] = first.Certificate is null ? identity.Lfdi : null,
            ["pen"] = identity.Pen,
            ["registration"] = first.Enrollment.Answers["registrationWay"],
            ["tier"] = EnumNames<Tier>.GetName(first.Template.Defaults.Tier),
            ["obligation"] = EnumNames<Obligation>.GetName(first.Template.Defaults.Obligation),
            ["nominalHz"] = first.Site.Address.Country is "US" or "CA" or "MX" ? 60 : 50,
            ["fallback"] = Fallback(first.Enrollment.Answers),
            ["failsafe"] = JsonSerializer.SerializeToNode(first.Enrollment.Failsafe ?? first.Template.Defaults.Failsafe, ContractJson.Options),
            ["polling"] = new JsonObject { ["default"] = VenDocument.Text(first.Template.Defaults.PollInterval) },
            ["reporting"] = new JsonObject { ["postRate"] = VenDocument.Text(first.Template.Defaults.ReportInterval) },
            ["transport"] = new JsonObject { ["clientCertificate"] = first.Certificate?.CertificateRef, ["clientKey"] = first.Certificate?.KeyRef, ["trustedRoots"] = identity.TrustedRoots },
        };
        AddDevices(client, sources);
        return WantedDocument.Create(ProvisionedService.Ieee2030Dot5, $"/v1/clients/{Uri.EscapeDataString(clientKey)}", client,
        [
            new("/serverUrl", "/identity/server"), new("/pin", "/identity/pin"), new("/nmi", "/identity/nmi"), new("/pen", "/identity/pen"), new("/lfdi", "/identity/lfdi"),
            new("/siteId", "/siteId"), new("/nameplate", "/assetIds"), new("/fallback", "/answers/fallbackExportW"), new("/registration", "/answers/registrationWay"),
            new("/transport", "/identity/certificateId"), new("/transport/trustedRoots", "/identity/trustedRoots"), new("/failsafe", "/failsafe"), new("/devices", "/identity/clientKey"),
        ]);
    }

    private static void Agree(IReadOnlyList<ProvisionSource> sources, List<ProvisioningFault> faults)
    {
        var first = sources[0];
        foreach (var other in sources.Skip(1))
        {
            if (other.Enrollment.Identity.Server != first.Enrollment.Identity.Server || other.Enrollment.Identity.CertificateId != first.Enrollment.Identity.CertificateId
                || other.Template.Defaults.Edition != first.Template.Defaults.Edition || other.Site.SiteId == first.Site.SiteId)
            {
                faults.Add(new ProvisioningFault(other.Enrollment.Id, "/identity/clientKey", $"the client {other.ClientKey} is another one for {first.Template.Code} at {first.Site.SiteId} (server, certificate or edition differ, or the site is there already); give this enrollment a client key of its own"));
            }
        }
    }

    private static void AddDevices(JsonObject client, IReadOnlyList<ProvisionSource> sources)
    {
        if (sources.Count > 1)
        {
            client["mode"] = "aggregator";
            client["devices"] = new JsonArray([.. sources.Select(s => Device(s, withLfdi: true))]);
            return;
        }

        client["mode"] = "direct";
        foreach (var (name, value) in Device(sources[0], withLfdi: false).ToList())
        {
            client[name] = value?.DeepClone();
        }
    }

    private static JsonObject Device(ProvisionSource source, bool withLfdi)
    {
        var device = new JsonObject
        {
            ["siteId"] = source.Site.SiteId,
            ["pin"] = source.Enrollment.Identity.Pin,
            ["nmi"] = source.Enrollment.Identity.Nmi,
            ["nameplate"] = Nameplate(source),
        };
        if (withLfdi)
        {
            device["lfdi"] = source.Enrollment.Identity.Lfdi;
        }

        return device;
    }

    private static JsonObject Nameplate(ProvisionSource source)
    {
        var assets = source.Assets.Where(a => source.Enrollment.AssetIds.Contains(a.Id) && a.Kind is AssetKind.Pv or AssetKind.Ess or AssetKind.EvGroup).ToList();
        var storage = assets.Where(a => a.Kind == AssetKind.Ess).ToList();
        return new JsonObject
        {
            ["type"] = TypeOf([.. assets.Select(a => a.Kind).Distinct()]),
            ["maxW"] = Sum(assets.Select(a => (long?)a.RatedW)),
            ["maxChargeW"] = Sum(storage.Select(a => (long?)a.RatedW)),
            ["maxDischargeW"] = Sum(storage.Select(a => (long?)a.RatedW)),
            ["maxWh"] = storage.Exists(a => a.EnergyWh is null) ? null : Sum(storage.Select(a => a.EnergyWh)),
        };
    }

    private static int TypeOf(IReadOnlyList<AssetKind> kinds) => kinds switch
    {
        [AssetKind.Pv] => Photovoltaic,
        [AssetKind.Ess] => OtherStorage,
        [AssetKind.EvGroup] => Evse,
        _ => PhotovoltaicAndStorage,
    };

    private static JsonValue? Sum(IEnumerable<long?> watts) => watts.Sum() is > 0 and { } sum ? JsonValue.Create(sum) : null;

    private static JsonObject? Fallback(Answers answers)
    {
        var (import, export) = (Whole(answers["fallbackImportW"]), Whole(answers["fallbackExportW"]));
        return import is null && export is null ? null : new JsonObject { ["importLimitW"] = import, ["exportLimitW"] = export };
    }

    private static long? Whole(string? answer) => long.TryParse(answer, NumberStyles.None, CultureInfo.InvariantCulture, out var watts) ? watts : null;
}

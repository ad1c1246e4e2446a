using System.Text.Json;
using System.Text.Json.Nodes;
using GridServices.Contracts;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Registry;

namespace GridServices.Operations.Provisioning;

/// <summary>The body of <c>PUT /v1/clients/{clientKey}</c>: a direct client of one site, or an aggregator's of several.</summary>
internal static class ClientDocument
{
    // IEEE 2030.5-2018 DERType
    private const int Photovoltaic = 4;
    private const int OtherStorage = 80;
    private const int Evse = 82;
    private const int PhotovoltaicAndStorage = 83;

    private const string ImportField = "/answers/fallbackImportW";
    private const string ExportField = "/answers/fallbackExportW";
    private const string KeyField = "/identity/clientKey";

    // What one client has for all of its sites, by the form's field that each part comes from.
    private static readonly FieldSource[] Fields =
    [
        new("/serverUrl", "/identity/server"), new("/pin", "/identity/pin"), new("/nmi", "/identity/nmi"), new("/pen", "/identity/pen"), new("/lfdi", "/identity/lfdi"),
        new("/siteId", "/siteId"), new("/nameplate", "/assetIds"), new("/fallback", ExportField), new("/fallback/importLimitW", ImportField), new("/registration", "/answers/registrationWay"),
        new("/transport", "/identity/certificateId"), new("/transport/trustedRoots", "/identity/trustedRoots"), new("/failsafe", "/failsafe"), new("/devices", "/identity/clientKey"),
    ];

    private static readonly string[] StatedByAbsence = ["/fallback", "/failsafe", "/transport/client"];

    public static WantedDocument Create(string clientKey, IReadOnlyList<ProvisionSource> sources, List<ProvisioningFault> faults)
    {
        var client = Shared(sources[0], faults);
        var document = WantedDocument.Create(ProvisionedService.Ieee2030Dot5, GetPath(clientKey), client, Fields);
        foreach (var other in sources.Skip(1))
        {
            CheckConsistency(sources[0], document, other, faults);
        }

        // Without a certificate (plain http on this machine) there is nothing to work the LFDI out from.
        client["lfdi"] = sources[0].Certificate is null ? sources[0].Enrollment.Identity.Lfdi : null;
        AddDevices(client, sources);
        return WantedDocument.Create(document.Service, document.Path, client, Fields);
    }

    /// <summary>What a client has once, for all of its sites.</summary>
    private static JsonObject Shared(ProvisionSource source, List<ProvisioningFault> faults)
    {
        var (identity, defaults) = (source.Enrollment.Identity, source.Template.Defaults);
        return new JsonObject
        {
            ["serverUrl"] = identity.Server,
            ["edition"] = defaults.Edition,
            ["pen"] = identity.Pen,
            ["registration"] = source.Enrollment.Answers["registrationWay"],
            ["tier"] = EnumNames<Tier>.GetName(defaults.Tier),
            ["obligation"] = EnumNames<Obligation>.GetName(defaults.Obligation),
            ["nominalHz"] = source.Site.Address.Country is "US" or "CA" or "MX" ? 60 : 50,
            ["fallback"] = Fallback(source.Enrollment, faults),
            ["failsafe"] = JsonSerializer.SerializeToNode(source.Enrollment.Failsafe ?? defaults.Failsafe, ContractJson.Options),
            ["polling"] = new JsonObject { ["default"] = VenDocument.Text(defaults.PollInterval) },
            ["reporting"] = new JsonObject { ["postRate"] = VenDocument.Text(defaults.ReportInterval) },
            ["transport"] = new JsonObject { ["clientCertificate"] = source.Certificate?.CertificateRef, ["clientKey"] = source.Certificate?.KeyRef, ["trustedRoots"] = identity.TrustedRoots },
        };
    }

    internal static string GetPath(string clientKey) => $"/v1/clients/{Uri.EscapeDataString(clientKey)}";

    /// <summary>Nobody's fallback, fail-safe, tier or obligation may silently be another site's: who states something else needs a client of its own.</summary>
    private static void CheckConsistency(ProvisionSource first, WantedDocument document, ProvisionSource other, List<ProvisioningFault> faults)
    {
        var id = other.Enrollment.Id;
        if (other.Site.SiteId == first.Site.SiteId)
        {
            faults.Add(new ProvisioningFault(id, KeyField, $"the client {other.ClientKey} has {first.Template.Code} at this site already; give this enrollment a client key of its own"));
        }

        var wanted = WantedDocument.Create(document.Service, document.Path, Shared(other, faults));
        foreach (var group in Drift.Between(document.Json, wanted.Json).Where(IsStatedOtherwise).GroupBy(item => FieldFaults.GetField(document, item.Pointer), StringComparer.Ordinal))
        {
            var differences = string.Join(", ", group.Select(item => $"{item.Pointer[1..]} {item.Wanted ?? "not stated"} there and {item.Found ?? "not stated"} here"));
            faults.Add(new ProvisioningFault(
                id, group.Key.Length == 0 ? KeyField : group.Key, $"one client has the same for all of its sites, and {other.ClientKey} is {first.Template.Code}'s at {first.Site.SiteId} too: {differences}; state the same, or give this enrollment a client key of its own"));
        }
    }

    /// <summary>Identity that is left out takes what the client has; of limits, and of the certificate, left out is another statement.</summary>
    private static bool IsStatedOtherwise(DriftItem item) =>
        item.Found is not null || Array.Exists(StatedByAbsence, part => item.Pointer.StartsWith(part, StringComparison.Ordinal));

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
            ["type"] = GetDerType([.. assets.Select(a => a.Kind).Distinct()]),
            ["maxW"] = Sum(assets.Select(a => (long?)a.RatedW)),
            ["maxChargeW"] = Sum(storage.Select(a => (long?)a.RatedW)),
            ["maxDischargeW"] = Sum(storage.Select(a => (long?)a.RatedW)),
            ["maxWh"] = storage.Exists(a => a.EnergyWh is null) ? null : Sum(storage.Select(a => a.EnergyWh)),
        };
    }

    private static int GetDerType(IReadOnlyList<AssetKind> kinds) => kinds switch
    {
        [AssetKind.Pv] => Photovoltaic,
        [AssetKind.Ess] => OtherStorage,
        [AssetKind.EvGroup] => Evse,
        _ => PhotovoltaicAndStorage,
    };

    private static JsonValue? Sum(IEnumerable<long?> watts) => watts.Sum() is > 0 and { } sum ? JsonValue.Create(sum) : null;

    private static JsonObject? Fallback(Enrollment enrollment, List<ProvisioningFault> faults)
    {
        var (import, export) = (Watts(enrollment, ImportField, faults), Watts(enrollment, ExportField, faults));
        return import is null && export is null ? null : new JsonObject { ["importLimitW"] = import, ["exportLimitW"] = export };
    }

    /// <summary>Null where nothing is answered; an answer that can't be read is a fault, and never "no fallback".</summary>
    private static long? Watts(Enrollment enrollment, string field, List<ProvisioningFault> faults)
    {
        if (enrollment.Answers[field["/answers/".Length..]] is not { } answer)
        {
            return null;
        }

        if (FormAnswers.ParseAmount(answer) is { } watts && watts % 1 == 0 && watts <= ElectricalLimit.MostW)
        {
            return (long)watts;
        }

        faults.Add(new ProvisioningFault(enrollment.Id, field, $"{SafeText.Quote(answer)} is no number of W: write it whole, from 0, as 5000"));
        return null;
    }
}

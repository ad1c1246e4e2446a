using System.Text.Json;
using System.Text.Json.Nodes;
using GridServices.Contracts;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Registry;
using NodaTime;

namespace GridServices.Operations.Provisioning;

/// <summary>The body of <c>PUT /v1/vens/{venKey}</c>: one VEN with the programs of all enrollments that share it.</summary>
internal static class VenDocument
{
    private const int UsualIntervalMinutes = 15;

    // An rId has 128 characters at most, with what stands before the meter.
    private const int LongestName = 100;

    public static WantedDocument Create(string venKey, IReadOnlyList<ProvisionSource> sources, LocalDate today, List<ProvisioningFault> faults)
    {
        var first = sources[0];
        CheckConsistency(sources, faults);
        var ven = new JsonObject
        {
            ["vtnUrl"] = first.Enrollment.Identity.VtnUrl,
            ["venName"] = first.Enrollment.Identity.VenName,
            ["venId"] = first.Enrollment.Identity.VenId,
            ["siteId"] = first.Site.SiteId,
            ["transport"] = "pull",
            ["pollInterval"] = Text(sources.Select(s => s.Template.Defaults.PollInterval).Min()),
            ["profile"] = Profile(first),
            ["programs"] = new JsonArray([.. sources.Select((s, i) => Program(s, sources, i, today, faults))]),
            ["reports"] = Reports(sources),
        };
        return WantedDocument.Create(ProvisionedService.OpenAdr, GetPath(venKey), ven,
        [
            new("/vtnUrl", "/identity/vtnUrl"), new("/venName", "/identity/venName"), new("/venId", "/identity/venId"), new("/siteId", "/siteId"),
            new("/reports", "/meterPointIds"), new("/profile", "/identity/certificateId"), new("/profile/trustedRoots", "/identity/trustedRoots"),
            .. sources.SelectMany((_, i) => new FieldSource[]
            {
                new($"/programs/{i}/marketContext", "/identity/marketContext"), new($"/programs/{i}/signals", "/answers"),
                new($"/programs/{i}/failsafe", "/failsafe"), new($"/programs/{i}/optPolicy", "/optPolicy"),
            }),
        ]);
    }

    internal static string GetPath(string venKey) => $"/v1/vens/{Uri.EscapeDataString(venKey)}";

    /// <summary>A VEN has one VTN, one name, one certificate.</summary>
    private static void CheckConsistency(IReadOnlyList<ProvisionSource> sources, List<ProvisioningFault> faults)
    {
        var first = sources[0].Enrollment.Identity;
        foreach (var other in sources.Skip(1))
        {
            var identity = other.Enrollment.Identity;
            if (identity.VtnUrl != first.VtnUrl || identity.VenName != first.VenName || identity.VenId != first.VenId || identity.CertificateId != first.CertificateId || (identity.TrustedRoots ?? first.TrustedRoots) != first.TrustedRoots || other.Site.SiteId != sources[0].Site.SiteId)
            {
                faults.Add(new ProvisioningFault(other.Enrollment.Id, "/identity/venKey", $"the VEN {other.VenKey} is another one for {sources[0].Template.Code} (site, VTN, name, id, certificate or trusted roots differ); give this enrollment a VEN key of its own"));
            }

            if (identity.MarketContext is null)
            {
                faults.Add(new ProvisioningFault(other.Enrollment.Id, "/identity/marketContext", "the VEN has several programs: state the utility's URI of each, so that events are told apart"));
            }
        }
    }

    private static JsonObject Profile(ProvisionSource source) => new()
    {
        ["clientCertificate"] = source.Certificate?.CertificateRef,
        ["clientKey"] = source.Certificate?.KeyRef,
        ["trustedRoots"] = source.Enrollment.Identity.TrustedRoots,
    };

    private static JsonObject Program(ProvisionSource source, IReadOnlyList<ProvisionSource> all, int index, LocalDate today, List<ProvisioningFault> faults)
    {
        var (enrollment, defaults) = (source.Enrollment, source.Template.Defaults);
        return new JsonObject
        {
            ["marketContext"] = enrollment.Identity.MarketContext,
            // A VEN of one program takes every event; of several, the one without a URI takes what the others do not.
            ["defaultPolicy"] = all.Count == 1 || enrollment.Identity.MarketContext is null,
            ["stream"] = Stream(source, all, index),
            ["tier"] = EnumNames<Tier>.GetName(defaults.Tier),
            ["obligation"] = EnumNames<Obligation>.GetName(defaults.Obligation),
            ["optPolicy"] = EnumNames<OptPolicy>.GetName(enrollment.AnswersBy),
            ["signals"] = SignalDocument.Create(source, today, faults),
            ["failsafe"] = JsonSerializer.SerializeToNode(enrollment.Failsafe ?? defaults.Failsafe, ContractJson.Options),
        };
    }

    private static string Stream(ProvisionSource source, IReadOnlyList<ProvisionSource> all, int index) =>
        all.Take(index).Any(s => s.Template.Code == source.Template.Code) ? $"{source.Template.Code}.{source.Enrollment.Id}" : source.Template.Code;

    private static JsonArray? Reports(IReadOnlyList<ProvisionSource> sources)
    {
        var interval = sources.Select(s => s.Template.Defaults.ReportInterval).Min();
        return interval is null
            ? null
            :
            [
                new JsonObject { ["kind"] = "TELEMETRY_USAGE", ["rId"] = "power", ["source"] = "site.netPowerW", ["samplingInterval"] = Text(interval) },
                .. UtilityMeters(sources).SelectMany(Histories),
            ];
    }

    /// <summary>The utility's meters whose intervals Tariffs has; others count a part of the site.</summary>
    private static IEnumerable<MeterPoint> UtilityMeters(IReadOnlyList<ProvisionSource> sources) => sources
        .SelectMany(s => s.MeterPoints.Where(m => s.Enrollment.MeterPointIds.Contains(m.Id)))
        .Where(m => m is { Kind: MeterKind.Utility, MeterAtTariffs: not null })
        .OrderBy(m => m.Id, StringComparer.Ordinal)
        .DistinctBy(m => m.MeterAtTariffs);

    /// <summary>Energy as it is billed, as intervals and as Green Button. A channel is named by its meter, for a VTN keeps what it knows by rId: no other meter may ever have that name.</summary>
    private static IEnumerable<JsonObject> Histories(MeterPoint meter) => new[] { ("HISTORY_USAGE", "billed-energy"), ("HISTORY_GREENBUTTON", "green-button") }
        .Select(channel => new JsonObject
        {
            ["kind"] = channel.Item1,
            ["rId"] = $"{channel.Item2}-{(meter.MeterAtTariffs!.Length <= LongestName ? meter.MeterAtTariffs : meter.Id)}",
            ["source"] = "site.energyImportWh",
            ["samplingInterval"] = Text(Duration.FromMinutes(meter.IntervalMinutes ?? UsualIntervalMinutes)),
            ["meter"] = meter.MeterAtTariffs,
        });

    internal static JsonNode? Text(Duration? duration) => duration is { } length ? JsonSerializer.SerializeToNode(length, ContractJson.Options) : null;
}

using System.Text.Json.Nodes;
using GridServices.Contracts;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Registry;
using NodaTime;

namespace GridServices.Operations.Provisioning;

/// <summary>The body of <c>PUT /v1/contracts/{contractId}</c> at FrequencyResponse, for programs that sell one of its services.</summary>
internal static class ContractDocument
{
    public static IEnumerable<WantedDocument> Create(IEnumerable<ProvisionSource> sources, List<ProvisioningFault> faults) =>
        sources.Where(s => s.Template.FrequencyService is not null && s.Enrollment.State != EnrollmentState.Suspended).Select(s => Create(s, faults)).OfType<WantedDocument>();

    private static WantedDocument? Create(ProvisionSource source, List<ProvisioningFault> faults)
    {
        var enrollment = source.Enrollment;
        var assets = source.Assets.Where(a => enrollment.AssetIds.Contains(a.Id) && a.AssetId is not null).Select(a => a.AssetId!).Order(StringComparer.Ordinal).ToList();
        var limit = ConnectionLimit.Compute(source.Site);
        var (quantity, price) = (FormAnswers.ParseAmount(enrollment.Answers["quantityKw"]), FormAnswers.ParseNumber(enrollment.Answers["pricePerMwHour"]));
        var meter = enrollment.Answers["frequencySource"];
        var before = faults.Count;
        Require(assets.Count > 0, "/assetIds", "choose at least one asset that the frequency service knows (with its asset id)");
        Require(quantity is not null, "/answers/quantityKw", "state the power that is sold");
        Require(price is not null || enrollment.Answers["pricePerMwHour"] is null, "/answers/pricePerMwHour", "is no number: write it as 4.5");
        Require(meter is not null, "/answers/frequencySource", "name the frequency meter");
        Require(limit is { ImportW: not null, ExportW: not null }, "/siteId", "the site's connection limit is not known in both directions: room for the response cannot be reserved");
        return faults.Count > before ? null : WantedDocument.Create(ProvisionedService.FrequencyResponse, GetPath(enrollment), new JsonObject
        {
            ["service"] = source.Template.FrequencyService,
            ["siteId"] = source.Site.SiteId,
            ["quantityW"] = (long)decimal.Truncate(quantity!.Value * 1000),
            ["windows"] = new JsonArray(Window(enrollment.Period.In(DateTimeZoneProviders.Tzdb[source.Template.TimeZone]))),
            ["assets"] = new JsonArray([.. assets.Select(a => JsonValue.Create(a))]),
            ["sources"] = new JsonArray(meter),
            ["connection"] = new JsonObject { ["importW"] = limit.ImportW, ["exportW"] = limit.ExportW },
            ["price"] = price is { } perMwHour ? new JsonObject { ["currency"] = source.Template.Payment.Currency, ["perMwHour"] = perMwHour } : null,
        }, [new("/service", "/template"), new("/siteId", "/siteId"), new("/quantityW", "/answers/quantityKw"), new("/windows", "/period"), new("/assets", "/assetIds"), new("/sources", "/answers/frequencySource"), new("/connection", "/siteId"), new("/price", "/answers/pricePerMwHour")]);

        void Require(bool holds, string field, string text)
        {
            if (!holds)
            {
                faults.Add(new ProvisioningFault(enrollment.Id, field, text));
            }
        }
    }

    internal static string GetPath(Enrollment enrollment) => $"/v1/contracts/{Uri.EscapeDataString(GetKey(enrollment))}";

    internal static string GetKey(Enrollment enrollment) => enrollment.Id;

    private static JsonObject Window(Interval period) => new() { ["from"] = TimeText.Format(period.Start), ["until"] = period.HasEnd ? TimeText.Format(period.End) : null };
}

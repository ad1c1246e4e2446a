using GridServices.Contracts;
using GridServices.Hosting.Auth;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Storage;
using GridServices.Hosting.Web;
using GridServices.Tariffs.Prices;
using GridServices.Tariffs.Service.Calculations;
using GridServices.Tariffs.Service.Meters;
using GridServices.Tariffs.Service.Registry;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Tariffs.Service.Prices;

/// <summary><c>GET /v1/sites/{siteId}/prices</c>.</summary>
internal static class SitePricesEndpoint
{
    private static readonly Duration Usual = Duration.FromHours(48);
    private static readonly Duration Longest = Duration.FromDays(7);

    public static void MapSitePrices(this IEndpointRouteBuilder routes) => routes
        .MapGet("/v1/sites/{siteId}/prices", ReadAsync)
        .RequirePermission(Permission.SeeSites, Role.Publisher, Role.Controller).WithName("getSitePrices").ReadsQuery("from", "until", "meter").WithTags("Prices")
        .WithSummary("The price of energy for the next 48 h, with riders and taxes, and what it is made of")
        .WithDescription("from (default now), until (default 48 h later, at most 7 days), meter (default: the one that limits the site, else one of the whole site). Merges the tariff's periods and tiers, stored price series, and prices of programs from the hub.")
        .Explains("from", "Start, inclusive, an instant in UTC; absent = now.").Explains("until", "End, exclusive, an instant in UTC; absent = 48 h after from.")
        .Produces<SitePrices>();

    private static async Task<IResult> ReadAsync(string siteId, HttpContext http, Store store, TariffStore tariffs, HubPrices hub, IClock clock)
    {
        http.Caller().RequireSite(siteId);
        var now = clock.GetCurrentInstant();
        var from = ReadInstant(http, "from") ?? now;
        var until = ReadInstant(http, "until") ?? from + Usual;
        if (until <= from || until - from > Longest)
        {
            throw new ProblemException(ErrorClass.SemanticTime, "until lies after from, by at most 7 days.", "until");
        }

        var tenant = http.Caller().Tenant;
        var (programs, problem) = await hub.GetSeriesAsync(tenant, siteId, http.RequestAborted);
        var wanted = http.Request.Query["meter"].ToString();
        return Responses.Json(await store.SnapshotAsync(
            async tx =>
            {
                var meters = await MeterStore.ListBySitesAsync(tx, tenant, [siteId]);
                var meter = wanted.Length > 0 ? meters.FirstOrDefault(m => m.MeterId == wanted) : meters.OrderBy(Rank).FirstOrDefault();
                if (meter is null)
                {
                    throw new ProblemException(ErrorClass.NotFound, $"Site '{siteId}' has no such meter; PUT /v1/meters/{{meterId}} with this siteId first.");
                }

                var versions = await tariffs.CompiledAsync(tx, tenant, meter.Plan.TariffId);
                var (inputs, unknown) = await OutlookReader.ReadAsync(tx, tariffs, meter, versions, from, until, now);
                var (segments, notes) = PriceOutlook.Compute(meter.Plan, inputs with { Programs = programs }, from, until);
                return new SitePrices
                {
                    SiteId = siteId,
                    MeterId = meter.MeterId,
                    TariffId = meter.Plan.TariffId,
                    Currency = versions[0].Source.Currency,
                    Unit = "kWh",
                    AsOf = now,
                    From = from,
                    Until = until,
                    Segments = segments,
                    Programs = programs,
                    Notes = [.. notes, .. new[] { problem, unknown }.OfType<string>()],
                };
            },
            http.RequestAborted));
    }

    /// <summary>The meter that states the site's limits, else one of the whole site, else the first.</summary>
    private static int Rank(StoredMeter meter) => meter.Plan switch
    {
        { Publish: true, LimitsAt: null or { Kind: TargetKind.Site } } => 0,
        { LimitsAt: null or { Kind: TargetKind.Site } } => 1,
        _ => 2,
    };

    private static Instant? ReadInstant(HttpContext http, string name) => http.Request.Query[name].ToString() is not { Length: > 0 } text ? null
        : InstantPattern.ExtendedIso.Parse(text) is { Success: true } parsed ? parsed.Value
        : throw new ProblemException(ErrorClass.SemanticTime, $"{name} is an instant like 2026-01-15T00:00:00Z.", name);
}

/// <summary>The price of energy ahead.</summary>
public sealed record SitePrices
{
    public required string SiteId { get; init; }
    public required string MeterId { get; init; }
    public required string TariffId { get; init; }
    public required string Currency { get; init; }
    public required string Unit { get; init; }
    public required Instant AsOf { get; init; }
    public required Instant From { get; init; }
    public required Instant Until { get; init; }
    public required IReadOnlyList<OutlookSegment> Segments { get; init; }

    /// <summary>Price series of programs as the hub has them.</summary>
    public required IReadOnlyList<PriceSeries> Programs { get; init; }

    public required IReadOnlyList<string> Notes { get; init; }
}

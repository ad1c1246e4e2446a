using System.Collections.Immutable;
using System.Data.Common;
using System.Net.Mime;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Storage;
using GridServices.Hosting.Web;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Carbon;
using GridServices.Tariffs.Meters;
using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Service.Calculations;
using GridServices.Tariffs.Service.Intensity;
using GridServices.Tariffs.Service.Meters;
using GridServices.Tariffs.Service.Registry;
using GridServices.Tariffs.Time;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Tariffs.Service.Carbon;

/// <summary><c>/v1/sites/{siteId}/carbon</c> and the plan that it is made by.</summary>
internal static class SiteCarbonEndpoints
{
    private const int MaxBody = 64 * 1024;
    private static readonly Duration MostRead = Duration.FromDays(400);

    public static void MapSiteCarbon(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/sites/{siteId}/carbon", ReportAsync)
            .RequirePermission(Permission.SeeSites, Role.Publisher).WithName("getSiteCarbon").ReadsQuery("from", "until").WithTags("Carbon")
            .WithSummary("A site's grams and renewables match by stored meters and intensity: whole hours of [from, until), at most 400 days, and its billing cycles")
            .WithDescription("As POST /v1/carbon-reports, by the site's carbon plan. Hours that are not over are left out. Accept: text/csv gives the hours.")
            .Produces<CarbonResponse>(StatusCodes.Status200OK, MediaTypeNames.Application.Json, MediaTypeNames.Text.Csv).RefusesCalculation();
        routes.MapGet("/v1/sites/{siteId}/carbon-plan", GetAsync)
            .RequirePermission(Permission.SeeSites).WithName("getCarbonPlan").WithTags("Carbon")
            .WithSummary("The meters and the grid zone that a site's carbon report is made of").Produces<CarbonPlanItem>().WritesETag();
        routes.MapPut("/v1/sites/{siteId}/carbon-plan", PutAsync)
            .RequirePermission(Permission.EditMeters).WithName("putCarbonPlan").WithTags("Carbon").WithSummary("Say which meter, grid zone and renewables a site's carbon report is made of")
            .WithDescription("All meters are registered, with one interval. A contracted plant's meter may be of another site. Every fault is named in `errors`, each with its JSON pointer and how to fix it.")
            .Accepts<SiteCarbonPlan>(MediaTypeNames.Application.Json).Produces<CarbonPlanItem>().Produces<CarbonPlanItem>(StatusCodes.Status201Created).TakesIfMatch().WritesETag();
        routes.MapDelete("/v1/sites/{siteId}/carbon-plan", DeleteAsync)
            .RequirePermission(Permission.EditMeters).WithName("deleteCarbonPlan").WithTags("Carbon").WithSummary("Forget what a site's carbon report is made of")
            .Produces(StatusCodes.Status204NoContent).TakesIfMatch();
    }

    private static async Task<IResult> GetAsync(string siteId, HttpContext http, Store store)
    {
        http.Caller().RequireSite(siteId);
        var held = await store.ReadAsync(db => SiteCarbonStore.FindAsync(db, null, http.Caller().Tenant, siteId), http.RequestAborted) ?? throw NoPlan(siteId);
        http.Tag(EntityTags.Compute(held.Content));
        return Responses.Json(new CarbonPlanItem(siteId, SiteCarbonPlanJson.Stored(held.Content), held.UpdatedAt));
    }

    private static async Task<IResult> PutAsync(string siteId, HttpContext http, Store store, IClock clock)
    {
        http.Caller().RequireSite(siteId);
        var read = SiteCarbonPlanJson.Read(await http.Request.ReadBodyAsync(MaxBody, MediaTypeNames.Application.Json));
        if (!read.Ok)
        {
            return Responses.Refused(http, read.Refusals);
        }

        var (plan, caller, now) = (read.Value!, http.Caller(), clock.GetCurrentInstant());
        var content = SiteCarbonPlanJson.Write(plan);
        var isNew = await store.WriteAsync(
            async tx =>
            {
                var held = await SiteCarbonStore.FindAsync(tx.Connection!, tx, caller.Tenant, siteId);
                http.RequireMatch(held is null ? null : EntityTags.Compute(held.Content));
                await RequireMetersAsync(tx, caller, siteId, plan);
                await RequireSharesAsync(tx, caller, siteId, plan);
                await SiteCarbonStore.PutAsync(tx, caller.Tenant, siteId, content, now);
                return held is null;
            },
            http.RequestAborted);
        http.Tag(EntityTags.Compute(content));
        http.Response.StatusCode = isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK;
        http.Response.Headers.Location = isNew ? $"/v1/sites/{siteId}/carbon-plan" : default;
        return Responses.Json(new CarbonPlanItem(siteId, plan, now));
    }

    private static async Task<IResult> DeleteAsync(string siteId, HttpContext http, Store store)
    {
        http.Caller().RequireSite(siteId);
        await store.WriteAsync(
            async tx =>
            {
                var held = await SiteCarbonStore.FindAsync(tx.Connection!, tx, http.Caller().Tenant, siteId) ?? throw NoPlan(siteId);
                http.RequireMatch(EntityTags.Compute(held.Content));
                await SiteCarbonStore.DeleteAsync(tx, http.Caller().Tenant, siteId);
            },
            http.RequestAborted);
        return Results.NoContent();
    }

    /// <exception cref="ProblemException">UNKNOWN_ID or SEMANTIC_REFERENCE.</exception>
    private static async Task RequireMetersAsync(DbTransaction tx, Caller caller, string siteId, SiteCarbonPlan plan)
    {
        var site = await MeterStore.FindAsync(tx, caller.Tenant, plan.MeterId);
        if (site is null || site.Plan.SiteId != siteId)
        {
            throw new ProblemException(ErrorClass.UnknownId, $"Site '{siteId}' has no meter '{plan.MeterId}'; PUT /v1/meters/{{meterId}} with this siteId first.", "/meterId");
        }

        for (var i = 0; i < plan.Supplies.Length; i++)
        {
            var meter = await MeterStore.FindAsync(tx, caller.Tenant, plan.Supplies[i].MeterId);
            if (meter is null || !caller.MayAct(meter.Plan.SiteId))
            {
                throw new ProblemException(ErrorClass.UnknownId, $"There is no meter '{plan.Supplies[i].MeterId}'; PUT /v1/meters/{{meterId}} first.", $"/supplies/{i}/meterId");
            }

            if (meter.Plan.Interval != site.Plan.Interval)
            {
                throw new ProblemException(ErrorClass.SemanticReference, $"Meter '{meter.MeterId}' keeps other intervals than '{site.MeterId}'; hours are matched of one.", $"/supplies/{i}/meterId");
            }
        }
    }

    /// <summary>Of a kWh made the sites match at most the whole.</summary>
    /// <exception cref="ProblemException">SEMANTIC_REFERENCE.</exception>
    private static async Task RequireSharesAsync(DbTransaction tx, Caller caller, string siteId, SiteCarbonPlan plan)
    {
        var others = plan.Supplies.IsEmpty ? [] : await SiteCarbonStore.OthersAsync(tx, caller.Tenant, siteId);
        var given = others.SelectMany(o => SiteCarbonPlanJson.Stored(o.Content).Supplies, (o, s) => (o.SiteId, s.MeterId, s.Percent)).ToLookup(s => s.MeterId, StringComparer.Ordinal);
        for (var i = 0; i < plan.Supplies.Length; i++)
        {
            var (supply, taken) = (plan.Supplies[i], given[plan.Supplies[i].MeterId].ToArray());
            if (supply.Percent + taken.Sum(t => t.Percent) > 100)
            {
                var seen = taken.Where(t => caller.MayAct(t.SiteId)).Select(t => $"'{t.SiteId}'").ToArray();
                throw new ProblemException(
                    ErrorClass.SemanticReference,
                    $"Other sites{(seen.Length == 0 ? string.Empty : $" ({string.Join(", ", seen)})")} have {ExactDecimal.Text(taken.Sum(t => t.Percent))} % of meter '{supply.MeterId}': with this site's share it would be matched more than once. Give all shares at most 100 % together.",
                    $"/supplies/{i}/percent");
            }
        }
    }

    private static async Task<IResult> ReportAsync(string siteId, HttpContext http, Store store, TariffStore tariffs, IClock clock)
    {
        http.Caller().RequireSite(siteId);
        var (from, until) = (ReadInstant(http, "from"), ReadInstant(http, "until"));
        if (until <= from || until - from > MostRead)
        {
            throw new ProblemException(ErrorClass.SemanticTime, "until lies after from, by at most 400 days.", "until");
        }

        var (tenant, now) = (http.Caller().Tenant, clock.GetCurrentInstant());
        var request = await store.SnapshotAsync(tx => RequestAsync(tx, tariffs, tenant, siteId, from, until < now ? until : now), http.RequestAborted);
        return await Responses.CalculateAsync(
            http, ReadResult<CarbonRequest>.Read(request), r => CarbonReportEndpoint.Written(http, new CarbonResponse(r.Report(), [])), MediaTypeNames.Application.Json, MediaTypeNames.Text.Csv);
    }

    private static async Task<CarbonRequest> RequestAsync(DbTransaction tx, TariffStore tariffs, string tenant, string siteId, Instant from, Instant until)
    {
        var held = await SiteCarbonStore.FindAsync(tx.Connection!, tx, tenant, siteId) ?? throw NoPlan(siteId);
        var plan = SiteCarbonPlanJson.Stored(held.Content);
        var meter = await MeterStore.FindAsync(tx, tenant, plan.MeterId) is { } found && found.Plan.SiteId == siteId ? found : throw MeterEndpoints.NoMeter(plan.MeterId);
        var zone = (await tariffs.CompiledAsync(tx, tenant, meter.Plan.TariffId)).FirstOrDefault()?.Zone
            ?? throw new ProblemException(ErrorClass.UnknownId, $"The meter's tariff '{meter.Plan.TariffId}' is not stored; PUT /v1/tariffs/{meter.Plan.TariffId} first.");
        var (grid, start, end) = (MeterGrid.Create(zone, meter.Plan.Interval), CarbonHours.GetStart(zone, from), CarbonHours.GetStart(zone, until));
        if (end <= start)
        {
            throw new ProblemException(ErrorClass.SemanticTime, "No hour between from and until is over yet.", "until");
        }

        var data = await DataAsync(tx, tariffs, meter, grid, start, end)
            ?? throw new ProblemException(ErrorClass.DataGap, $"Nothing is stored of meter '{meter.MeterId}' from {start} until {end}; PUT /v1/meters/{meter.MeterId}/intervals first.");
        var supplies = ImmutableArray.CreateBuilder<RenewableSupply>();
        foreach (var supply in plan.Supplies)
        {
            var of = await MeterStore.FindAsync(tx, tenant, supply.MeterId);
            var fits = of is not null && of.Plan.Interval == meter.Plan.Interval;
            supplies.Add(MeteredSupply.Create(supply, fits ? await DataAsync(tx, tariffs, of!, grid, start, end) : null, data.Net));
        }

        return new CarbonRequest
        {
            Zone = zone,
            GridZone = plan.GridZone,
            Curve = await IntensityStore.PointsAsync(tx.Connection!, tx, tenant, plan.GridZone, start, end),
            Data = data,
            Supplies = supplies.ToImmutable(),
            Cycles = [.. Cycles(start.InZone(zone).Date, (end - Duration.Epsilon).InZone(zone).Date, meter.Plan.ReadingDay)],
        };
    }

    /// <exception cref="ProblemException">DATA_GAP: of a sum of meters one lacks records.</exception>
    private static async Task<MeterData?> DataAsync(DbTransaction tx, TariffStore tariffs, StoredMeter meter, MeterGrid grid, Instant from, Instant until)
    {
        try
        {
            return await SummedMeters.DataAsync(tx, tariffs, meter, grid, from, until);
        }
        catch (BillRefusedException e)
        {
            throw new ProblemException(ErrorClass.DataGap, $"Meter '{meter.MeterId}': {e.Message}.");
        }
    }

    /// <summary>The billing cycles that the days touch; the report sums what it has of each.</summary>
    private static IEnumerable<BillingCycle> Cycles(LocalDate first, LocalDate last, int readingDay)
    {
        for (var cycle = BillingCycle.Containing(first, readingDay); cycle.From <= last; cycle = BillingCycle.Containing(cycle.Until, readingDay))
        {
            yield return cycle;
        }
    }

    private static ProblemException NoPlan(string siteId) => new(ErrorClass.NotFound, $"Site '{siteId}' has no carbon plan; PUT /v1/sites/{siteId}/carbon-plan first.");

    private static Instant ReadInstant(HttpContext http, string name) => InstantPattern.ExtendedIso.Parse(http.Request.Query[name].ToString()) is { Success: true } parsed
        ? parsed.Value
        : throw new ProblemException(ErrorClass.SemanticTime, $"{name} is an instant like 2026-01-15T00:00:00Z.", name);
}

/// <summary>What a site's carbon report is made of.</summary>
/// <param name="SiteId">Which site.</param>
/// <param name="Plan">As it was put.</param>
/// <param name="UpdatedAt">When.</param>
public sealed record CarbonPlanItem(string SiteId, SiteCarbonPlan Plan, Instant UpdatedAt);

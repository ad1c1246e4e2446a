using System.Net.Mime;
using System.Text;
using GridServices.Contracts;
using GridServices.Hosting.Auth;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Storage;
using GridServices.Hosting.Web;
using GridServices.Tariffs.Meters;
using GridServices.Tariffs.Service.Calculations;
using GridServices.Tariffs.Service.Registry;
using NodaTime;

namespace GridServices.Tariffs.Service.Meters;

/// <summary>The registry of meters.</summary>
internal static class MeterEndpoints
{
    private const int MaxBody = 256 * 1024;

    public static void MapMeters(this IEndpointRouteBuilder routes)
    {
        var meters = routes.MapGroup("/v1/meters").RequirePermission(Permission.SeeSites).WithTags("Meters");
        meters.MapGet("/", ListAsync).WithName("listMeters").WithSummary("Meters by id; after and limit page").Produces<ListOrPage<MeterItem>>();
        meters.MapPut("/{meterId}", PutAsync).RequirePermission(Permission.EditMeters).WithName("putMeter")
            .WithSummary("Register a meter: its site, its tariff, what its demand is held to, what holds when it is silent")
            .WithDescription("Publishes tariff/peak-cap (and each cap) to the hub. Every fault is named in `errors`, each with its JSON pointer and how to fix it.")
            .Accepts<MeterPlan>(MediaTypeNames.Application.Json).Produces<MeterItem>().Produces<MeterItem>(StatusCodes.Status201Created).Refuses(ErrorClass.Conflict).TakesIfMatch().WritesETag();
        meters.MapGet("/{meterId}", GetAsync).RequirePermission(Permission.SeeSites, Role.Publisher).WithName("getMeter")
            .WithSummary("A meter as it was registered, and up to when its readings are taken in").Produces<MeterItem>().WritesETag();
        meters.MapDelete("/{meterId}", DeleteAsync).RequirePermission(Permission.EditMeters).WithName("deleteMeter").WithSummary("Withdraw what a meter states and forget it; its records stay")
            .Produces(StatusCodes.Status204NoContent).TakesIfMatch();
    }

    public static ProblemException NoMeter(string meterId) => new(ErrorClass.NotFound, $"There is no meter '{meterId}'; PUT /v1/meters/{meterId} first.");

    /// <summary>The meter, if the caller may see its site.</summary>
    public static async Task<StoredMeter> MeterAsync(this HttpContext http, string meterId)
    {
        RequireId(meterId);
        var store = http.RequestServices.GetRequiredService<Store>();
        var meter = await store.SnapshotAsync(tx => MeterStore.FindAsync(tx, http.Caller().Tenant, meterId), http.RequestAborted) ?? throw NoMeter(meterId);
        http.Caller().RequireSite(meter.Plan.SiteId);
        return meter;
    }

    private static async Task<IResult> ListAsync(HttpContext http, Store store, string? after = null, string? limit = null)
    {
        var asked = Paging.Parse(after, limit);
        var most = asked?.Limit ?? Paging.Most;
        var found = await store.SnapshotAsync(tx => MeterStore.ListByTenantAsync(tx, http.Caller().Tenant, after ?? string.Empty, most + 1), http.RequestAborted);
        MeterItem[] Mine(IEnumerable<StoredMeter> meters) => [.. meters.Where(m => http.Caller().MayAct(m.Plan.SiteId)).Select(MeterItem.From)];
        if (asked is null)
        {
            return Responses.Json(Mine(found.Take(most)));
        }

        // Cut before others' meters are left out, so that a page of them still leads on.
        var page = asked.Cut(found, m => m.MeterId);
        return Responses.Page(new Page<MeterItem>(Mine(page.Items), page.Next));
    }

    private static async Task<IResult> PutAsync(string meterId, HttpContext http, MeterUpdater updater, TariffStore tariffs)
    {
        RequireId(meterId);
        var body = await http.Request.ReadBodyAsync(MaxBody, MediaTypeNames.Application.Json);
        var known = await tariffs.NamedInAsync(body, http.Caller().Tenant, http.RequestAborted);
        var read = MeterPlanJson.Read(body, id => known(id));
        if (!read.Ok)
        {
            return Responses.Refused(http, read.Refusals);
        }

        http.Caller().RequireSite(read.Value!.SiteId);
        if (await http.RequestServices.GetRequiredService<Store>().SnapshotAsync(tx => MeterStore.FindAsync(tx, http.Caller().Tenant, meterId), http.RequestAborted) is { } held)
        {
            http.Caller().RequireSite(held.Plan.SiteId);
        }

        await SummedMeters.CheckAsync(http, http.RequestServices.GetRequiredService<Store>(), meterId, read.Value);
        var json = Encoding.UTF8.GetString(MeterPlanJson.Write(read.Value));
        var isNew = await updater.PutAsync(http.Caller().Tenant, meterId, read.Value, json, now => http.RequireMatch(now is null ? null : EntityTags.Compute(now.PlanJson)), http.RequestAborted);
        http.Tag(EntityTags.Compute(json));
        http.Response.StatusCode = isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK;
        http.Response.Headers.Location = isNew ? $"/v1/meters/{meterId}" : default;
        return Responses.Json(MeterItem.From(await http.MeterAsync(meterId)));
    }

    private static async Task<IResult> GetAsync(string meterId, HttpContext http)
    {
        var meter = await http.MeterAsync(meterId);
        http.Tag(EntityTags.Compute(meter.PlanJson));
        return Responses.Json(MeterItem.From(meter));
    }

    private static async Task<IResult> DeleteAsync(string meterId, HttpContext http, MeterUpdater updater)
    {
        http.RequireMatch(EntityTags.Compute((await http.MeterAsync(meterId)).PlanJson));
        return await updater.DeleteAsync(http.Caller().Tenant, meterId, http.RequestAborted) ? Results.NoContent() : throw NoMeter(meterId);
    }

    private static void RequireId(string meterId)
    {
        if (!Identifiers.IsSafe(meterId))
        {
            throw new ProblemException(ErrorClass.SemanticId, "A meter's id has 1 to 128 of A-Z a-z 0-9 . _ : ~ - , begins with a letter, digit or _ and holds no '..'.", "meterId");
        }
    }
}

/// <summary>A registered meter.</summary>
/// <param name="MeterId">Its id.</param>
/// <param name="Plan">As it was put.</param>
/// <param name="AsOf">Up to here readings are taken in; absent = none yet.</param>
/// <param name="UpdatedAt">When the plan was put.</param>
public sealed record MeterItem(string MeterId, MeterPlan Plan, Instant? AsOf, Instant UpdatedAt)
{
    internal static MeterItem From(StoredMeter meter) => new(meter.MeterId, meter.Plan, meter.Memory.AsOf, meter.UpdatedAt);
}

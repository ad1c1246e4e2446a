using System.Net.Mime;
using GridServices.Contracts;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Storage;
using GridServices.Hosting.Web;
using GridServices.Tariffs.Intervals;
using NodaTime;

namespace GridServices.Tariffs.Service.Calculations;

/// <summary><c>/v1/meter-sources</c>: how each source writes its interval files, declared once and named in <c>source</c> from then on.</summary>
internal static class SourceEndpoints
{
    private const int MaxBody = 64 * 1024;

    public static void MapSources(this IEndpointRouteBuilder routes)
    {
        var sources = routes.MapGroup("/v1/meter-sources").RequirePermission(Permission.SeeSettings).WithTags("Meters");
        sources.MapGet("/", ListAsync).WithName("listMeterSources").WithSummary("Sources of interval files by id, a page at a time").Produces<Page<SourceItem>>();
        sources.MapGet("/{sourceId}", GetAsync).WithName("getMeterSource").WithSummary("How a source writes its files, as it was put").Produces<SourceItem>().WritesETag();
        sources.MapPut("/{sourceId}", PutAsync).RequirePermission(Permission.Settle).WithName("putMeterSource").WithSummary("Declare how a source writes its interval files")
            .WithDescription("Then source names it wherever a file is the body: PUT /v1/meters/{meterId}/intervals, POST /v1/bills, POST /v1/intervals/preview. What stands in the query beside it holds for that one file. "
                + "Records that are stored stay as they were read. Every fault is named in `errors`, each with its JSON pointer and how to fix it.")
            .Accepts<IntervalDialect>(MediaTypeNames.Application.Json).Produces<SourceItem>().Produces<SourceItem>(StatusCodes.Status201Created).TakesIfMatch().WritesETag();
        sources.MapDelete("/{sourceId}", DeleteAsync).RequirePermission(Permission.Settle).WithName("deleteMeterSource").WithSummary("Forget how a source writes; what was read with it stays")
            .Produces(StatusCodes.Status204NoContent).TakesIfMatch();
    }

    private static async Task<IResult> ListAsync(HttpContext http, Store store, string? after = null, string? limit = null)
    {
        var page = Paging.Parse(after, limit) ?? new Paging(null, Paging.Most);
        var held = await store.ReadAsync(db => SourceStore.ListAsync(db, http.Caller().Tenant, page.After ?? string.Empty, page.Limit + 1), http.RequestAborted);
        var cut = page.Cut(held, h => h.Id);
        return Responses.Json(new Page<SourceItem>([.. cut.Items.Select(SourceItem.From)], cut.Next));
    }

    private static async Task<IResult> GetAsync(string sourceId, HttpContext http, Store store)
    {
        var held = await store.ReadAsync(db => SourceStore.FindAsync(db, null, http.Caller().Tenant, sourceId), http.RequestAborted) ?? throw NoSource(sourceId);
        http.Tag(EntityTags.Compute(held.Content));
        return Responses.Json(SourceItem.From(held));
    }

    private static async Task<IResult> PutAsync(string sourceId, HttpContext http, Store store, IClock clock)
    {
        if (!Identifiers.IsSafe(sourceId))
        {
            throw new ProblemException(ErrorClass.SemanticId, "An id has 1 to 128 of A-Z a-z 0-9 . _ : ~ - , begins with a letter, digit or _ and holds no '..'.", "sourceId");
        }

        RequireAllSites(http.Caller());
        var read = IntervalDialectJson.Read(await http.Request.ReadBodyAsync(MaxBody, MediaTypeNames.Application.Json));
        if (!read.Ok)
        {
            return Responses.Refused(http, read.Refusals);
        }

        var (tenant, now, content) = (http.Caller().Tenant, clock.GetCurrentInstant(), IntervalDialectJson.Write(read.Value!));
        var isNew = await store.WriteAsync(
            async tx =>
            {
                var held = await SourceStore.FindAsync(tx.Connection!, tx, tenant, sourceId);
                http.RequireMatch(held is null ? null : EntityTags.Compute(held.Content));
                await SourceStore.PutAsync(tx, tenant, sourceId, content, now);
                return held is null;
            },
            http.RequestAborted);
        http.Tag(EntityTags.Compute(content));
        http.Response.StatusCode = isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK;
        http.Response.Headers.Location = isNew ? $"/v1/meter-sources/{sourceId}" : default;
        return Responses.Json(new SourceItem(sourceId, read.Value!, now));
    }

    private static async Task<IResult> DeleteAsync(string sourceId, HttpContext http, Store store)
    {
        RequireAllSites(http.Caller());
        await store.WriteAsync(
            async tx =>
            {
                var held = await SourceStore.FindAsync(tx.Connection!, tx, http.Caller().Tenant, sourceId) ?? throw NoSource(sourceId);
                http.RequireMatch(EntityTags.Compute(held.Content));
                await SourceStore.DeleteAsync(tx, http.Caller().Tenant, sourceId);
            },
            http.RequestAborted);
        return Results.NoContent();
    }

    private static ProblemException NoSource(string sourceId) => new(ErrorClass.NotFound, $"There is no source '{sourceId}'; GET /v1/meter-sources lists them.");

    /// <summary>A source belongs to the tenant, not to a site.</summary>
    private static void RequireAllSites(Caller caller)
    {
        if (caller.Sites is not null)
        {
            throw new ProblemException(ErrorClass.AuthzSite, $"Token '{caller.TokenId}' is for some sites only; sources are the whole tenant's.");
        }
    }
}

/// <summary>A source of interval files.</summary>
/// <param name="SourceId">Its id.</param>
/// <param name="Dialect">As it was put.</param>
/// <param name="UpdatedAt">When.</param>
public sealed record SourceItem(string SourceId, IntervalDialect Dialect, Instant UpdatedAt)
{
    internal static SourceItem From(StoredSource held) => new(held.Id, IntervalDialectJson.Stored(held.Content), held.UpdatedAt);
}

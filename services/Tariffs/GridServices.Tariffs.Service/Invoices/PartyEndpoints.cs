using System.Data.Common;
using System.Net.Mime;
using GridServices.Contracts;
using GridServices.Hosting.Auth;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Storage;
using GridServices.Hosting.Web;
using GridServices.Tariffs.Invoices;
using GridServices.Tariffs.Service.Calculations;
using NodaTime;

namespace GridServices.Tariffs.Service.Invoices;

/// <summary><c>/v1/parties</c> and <c>/v1/invoice-series</c>.</summary>
internal static class PartyEndpoints
{
    private const int MaxBody = 64 * 1024;

    public static void MapParties(this IEndpointRouteBuilder routes)
    {
        var parties = routes.MapGroup("/v1/parties").RequirePermission(Permission.SeeSettings).WithTags("Invoices");
        parties.MapGet("/", ListPartiesAsync).WithName("listParties").WithSummary("Sellers and buyers by id, a page at a time").Produces<Page<PartyItem>>();
        parties.MapGet("/{partyId}", GetPartyAsync).WithName("getParty").WithSummary("A seller or buyer as it was put").Produces<PartyItem>().WritesETag();
        parties.MapPut("/{partyId}", PutPartyAsync).RequirePermission(Permission.Settle).WithName("putParty").WithSummary("Store a seller or buyer: name, address, VAT id, terms, account")
            .WithDescription("Invoices keep the parties as they were when drafted. A seller needs timeZone; vat says how its lines are taxed where a request does not. Every fault is named in `errors`, each with its JSON pointer and how to fix it.")
            .Accepts<InvoiceParty>(MediaTypeNames.Application.Json).Produces<PartyItem>().Produces<PartyItem>(StatusCodes.Status201Created).TakesIfMatch().WritesETag();

        var series = routes.MapGroup("/v1/invoice-series").RequirePermission(Permission.SeeSettings).WithTags("Invoices");
        series.MapGet("/", ListSeriesAsync).WithName("listInvoiceSeries").WithSummary("Series of numbers by id, a page at a time").Produces<Page<SeriesItem>>();
        series.MapGet("/{seriesId}", GetSeriesAsync).WithName("getInvoiceSeries").WithSummary("A series of numbers as it was put").Produces<SeriesItem>().WritesETag();
        series.MapPut("/{seriesId}", PutSeriesAsync).RequirePermission(Permission.Settle).WithName("putInvoiceSeries").WithSummary("Store how a seller's invoices are numbered")
            .WithDescription("Numbers count from 1 in each year of the seller's zone, without gaps. Once one was given, seller and format stay as they are. No two series of a seller can give the same number.")
            .Accepts<NumberSeries>(MediaTypeNames.Application.Json).Produces<SeriesItem>().Produces<SeriesItem>(StatusCodes.Status201Created).Refuses(ErrorClass.Conflict).TakesIfMatch().WritesETag();
    }

    private static async Task<IResult> ListPartiesAsync(HttpContext http, Store store, string? after = null, string? limit = null)
    {
        var page = Paging.Parse(after, limit) ?? new Paging(null, Paging.Most);
        var held = await store.ReadAsync(db => PartyStore.PartiesAsync(db, http.Caller().Tenant, page.After ?? string.Empty, page.Limit + 1), http.RequestAborted);
        var cut = page.Cut(held, h => h.Id);
        return Responses.Json(new Page<PartyItem>([.. cut.Items.Select(Party)], cut.Next));
    }

    private static async Task<IResult> ListSeriesAsync(HttpContext http, Store store, string? after = null, string? limit = null)
    {
        var page = Paging.Parse(after, limit) ?? new Paging(null, Paging.Most);
        var held = await store.ReadAsync(db => PartyStore.ListSeriesAsync(db, http.Caller().Tenant, page.After ?? string.Empty, page.Limit + 1), http.RequestAborted);
        var cut = page.Cut(held, h => h.Id);
        return Responses.Json(new Page<SeriesItem>([.. cut.Items.Select(Series)], cut.Next));
    }

    private static async Task<IResult> GetPartyAsync(string partyId, HttpContext http, Store store)
    {
        var held = await store.ReadAsync(db => PartyStore.PartyAsync(db, null, http.Caller().Tenant, partyId), http.RequestAborted)
            ?? throw new ProblemException(ErrorClass.NotFound, $"There is no party '{partyId}'; GET /v1/parties lists them.");
        http.Tag(EntityTags.Compute(held.Content));
        return Responses.Json(Party(held));
    }

    private static async Task<IResult> GetSeriesAsync(string seriesId, HttpContext http, Store store)
    {
        var held = await store.ReadAsync(db => PartyStore.SeriesAsync(db, null, http.Caller().Tenant, seriesId), http.RequestAborted)
            ?? throw new ProblemException(ErrorClass.NotFound, $"There is no series '{seriesId}'; GET /v1/invoice-series lists them.");
        http.Tag(EntityTags.Compute(held.Content));
        return Responses.Json(Series(held));
    }

    private static async Task<IResult> PutPartyAsync(string partyId, HttpContext http, Store store, IClock clock)
    {
        RequireId(partyId, "partyId");
        RequireAllSites(http.Caller());
        var read = PartyJson.Read(await http.Request.ReadBodyAsync(MaxBody, MediaTypeNames.Application.Json));
        if (!read.Ok)
        {
            return Responses.Refused(http, read.Refusals);
        }

        var (tenant, now) = (http.Caller().Tenant, clock.GetCurrentInstant());
        var isNew = await store.WriteAsync(
            async tx =>
            {
                var held = await PartyStore.PartyAsync(tx.Connection!, tx, tenant, partyId);
                http.RequireMatch(held is null ? null : EntityTags.Compute(held.Content));
                await PartyStore.PutPartyAsync(tx, tenant, partyId, read.Value!, now);
                return held is null;
            },
            http.RequestAborted);
        return Put(http, isNew, $"/v1/parties/{partyId}", InvoiceJson.Write(read.Value!), new PartyItem(partyId, read.Value!, now));
    }

    private static async Task<IResult> PutSeriesAsync(string seriesId, HttpContext http, Store store, IClock clock)
    {
        RequireId(seriesId, "seriesId");
        RequireAllSites(http.Caller());
        var read = PartyJson.ReadSeries(await http.Request.ReadBodyAsync(MaxBody, MediaTypeNames.Application.Json));
        if (!read.Ok)
        {
            return Responses.Refused(http, read.Refusals);
        }

        var (tenant, now, series) = (http.Caller().Tenant, clock.GetCurrentInstant(), read.Value!);
        var isNew = await store.WriteAsync(
            async tx =>
            {
                if (await PartyStore.PartyAsync(tx.Connection!, tx, tenant, series.SellerId) is null)
                {
                    throw new ProblemException(ErrorClass.UnknownId, $"There is no party '{series.SellerId}'; PUT /v1/parties/{{partyId}} first.", "/sellerId");
                }

                var held = await PartyStore.SeriesAsync(tx.Connection!, tx, tenant, seriesId);
                http.RequireMatch(held is null ? null : EntityTags.Compute(held.Content));
                if (held is not null && InvoiceJson.Read<NumberSeries>(held.Content) != series && await InvoiceStore.AnyNumberAsync(tx, tenant, seriesId))
                {
                    throw new ProblemException(ErrorClass.Conflict, $"Series '{seriesId}' has given numbers already; its seller and format stay. Put a new series under another id.", "/format");
                }

                await RequireOwnNumbersAsync(tx, tenant, seriesId, series);
                await PartyStore.PutSeriesAsync(tx, tenant, seriesId, series, now);
                return held is null;
            },
            http.RequestAborted);
        return Put(http, isNew, $"/v1/invoice-series/{seriesId}", InvoiceJson.Write(series), new SeriesItem(seriesId, series, now));
    }

    /// <summary>A number names one document of a seller, whatever series gave it.</summary>
    private static async Task RequireOwnNumbersAsync(DbTransaction tx, string tenant, string seriesId, NumberSeries series)
    {
        await PartyStore.LockAsync(tx, tenant, series.SellerId);
        var others = await PartyStore.OtherSeriesAsync(tx, tenant, series.SellerId, seriesId);
        if (others.FirstOrDefault(o => InvoiceJson.Read<NumberSeries>(o.Content).CanReadLike(series)) is { } other)
        {
            throw new ProblemException(ErrorClass.Conflict, $"Series '{other.Id}' of seller '{series.SellerId}' can give the same numbers; write a format that tells the two apart, e.g. with letters of its own.", "/format");
        }
    }

    private static IResult Put<T>(HttpContext http, bool isNew, string path, string content, T item)
    {
        http.Tag(EntityTags.Compute(content));
        http.Response.StatusCode = isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK;
        http.Response.Headers.Location = isNew ? path : default;
        return Responses.Json(item);
    }

    private static PartyItem Party(StoredContent held) => new(held.Id, InvoiceJson.Read<InvoiceParty>(held.Content), held.UpdatedAt);

    private static SeriesItem Series(StoredContent held) => new(held.Id, InvoiceJson.Read<NumberSeries>(held.Content), held.UpdatedAt);

    /// <summary>Parties and series belong to the tenant, not to a site.</summary>
    private static void RequireAllSites(Caller caller)
    {
        if (caller.Sites is not null)
        {
            throw new ProblemException(ErrorClass.AuthzSite, $"Token '{caller.TokenId}' is for some sites only; parties and series are the whole tenant's.");
        }
    }

    private static void RequireId(string id, string name)
    {
        if (!Identifiers.IsSafe(id))
        {
            throw new ProblemException(ErrorClass.SemanticId, "An id has 1 to 128 of A-Z a-z 0-9 . _ : ~ - , begins with a letter, digit or _ and holds no '..'.", name);
        }
    }
}

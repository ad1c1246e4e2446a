using System.Data.Common;
using System.Net.Mime;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.Hosting.Auth;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Storage;
using GridServices.Hosting.Web;
using GridServices.Tariffs.Invoices;
using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Service.Calculations;
using NodaTime;

namespace GridServices.Tariffs.Service.Invoices;

/// <summary><c>/v1/invoices</c>.</summary>
internal static class InvoiceEndpoints
{
    private const int MaxBody = 64 * 1024;

    public static void MapInvoices(this IEndpointRouteBuilder routes)
    {
        var invoices = routes.MapGroup("/v1/invoices").RequirePermission(Permission.SeeBills).WithTags("Invoices");
        invoices.MapGet("/", ListAsync).WithName("listInvoices").WithSummary("Documents in the order in which they were made, a page at a time").ReadsQuery(InvoiceFilter.Names)
            .WithDescription("Filters: state (draft, issued, credited, rebilled), sellerId, buyerId, meterId, siteId, chainId, number, provisional, and the issue date from (inclusive) until (exclusive). Customers see what was issued.")
            .Explains("from", "Issue date, inclusive, e.g. 2026-02-01.").Explains("until", "Issue date, exclusive, e.g. 2026-03-01.").Produces<Page<InvoiceItem>>();
        invoices.MapGet("/{invoiceId}", GetAsync).WithName("getInvoice").ReadsQuery("format").Explains("format", "json, csv, html, pdf or ubl (UBL 2.1 as in EN 16931); absent = by Accept.")
            .WithSummary("One document: JSON, CSV, a page to print, PDF, or UBL")
            .WithDescription("UBL (application/xml) is of issued documents; EN 16931 has two decimals at most, so amounts that need a third are refused there (406), as are letters beyond Western Europe's in PDF.")
            .Produces<InvoiceAnswer>(StatusCodes.Status200OK, MediaTypeNames.Application.Json, MediaTypeNames.Text.Csv, MediaTypeNames.Text.Html,
            MediaTypeNames.Application.Xml, MediaTypeNames.Application.Pdf)
            .RefusesAs(StatusCodes.Status406NotAcceptable, ErrorClass.UnsupportedMedia);
        invoices.MapDelete("/{invoiceId}", DeleteAsync).RequirePermission(Permission.Settle).WithName("deleteInvoice").WithSummary("Delete a draft; what was issued stays")
            .Produces(StatusCodes.Status204NoContent).Refuses(ErrorClass.Conflict);
        Configure(invoices.MapPost("/", DraftAsync), "draftInvoice", "Draft the invoice of a bill that a billing run holds")
            .WithDescription("A line for each line of the bill, VAT by category and rate, due as the bill says. Nothing is numbered yet. Meters and days that are invoiced already are refused (409): rebill those.")
            .Accepts<InvoiceRequest>(MediaTypeNames.Application.Json).Produces<InvoiceAnswer>(StatusCodes.Status201Created);
        Configure(invoices.MapPost("/{invoiceId}/issue", IssueAsync), "issueInvoice", "Issue a draft: the next number of its series, dated today in the seller's zone")
            .Produces<InvoiceAnswer>();
        Configure(invoices.MapPost("/{invoiceId}/credit", CreditAsync), "creditInvoice", "Issue a credit note over all that the chain has invoiced")
            .Accepts<InvoiceAction>(MediaTypeNames.Application.Json).Produces<InvoiceAnswer>(StatusCodes.Status201Created);
        Configure(invoices.MapPost("/{invoiceId}/rebill", RebillAsync), "rebillInvoice", "Issue what a later bill changes: a correction, or the true-up of a provisional invoice")
            .WithDescription("runId names the run with the later bill of the same meter and days. Lines are the difference to what was invoiced; all documents of the chain sum to the later bill to the cent.")
            .Accepts<InvoiceAction>(MediaTypeNames.Application.Json).Produces<InvoiceAnswer>(StatusCodes.Status201Created);
    }

    private static RouteHandlerBuilder Configure(RouteHandlerBuilder endpoint, string name, string summary) => endpoint
        .RequirePermission(Permission.Settle).WithName(name).WithSummary(summary)
        .ReadsHeader(IdempotencyKey.Header, "1 to 255 visible ASCII characters, e.g. a UUID: the same key with the same body does its work once. Kept for 30 days.")
        .WritesHeader("Location", "Path of the document.").WritesHeader(StoredReply.ReplayedHeader, "true where this is the answer to an earlier request with this key.")
        .Refuses(ErrorClass.Conflict);

    private static async Task<IResult> ListAsync(HttpContext http, Store store, string? after = null, string? limit = null)
    {
        var page = Paging.Parse(after, limit) ?? new Paging(null, Paging.Most);
        var filter = InvoiceFilter.Read(http.Request.Query) with { IssuedOnly = !MaySeeDrafts(http.Caller()) };
        var rows = await store.ReadAsync(db => InvoiceStore.ListAsync(db, http.Caller().Tenant, filter, page.After ?? string.Empty, page.Limit + 1), http.RequestAborted);

        // Cut before others' sites are left out, so that a page of them still leads on.
        var cut = page.Cut(rows, r => r.InvoiceId);
        return Responses.Json(new Page<InvoiceItem>([.. cut.Items.Where(r => http.Caller().MayAct(r.SiteId)).Select(InvoiceItem.Create)], cut.Next));
    }

    private static async Task<IResult> GetAsync(string invoiceId, HttpContext http, Store store)
    {
        var row = await store.ReadAsync(db => InvoiceStore.FindAsync(db, null, http.Caller().Tenant, invoiceId), http.RequestAborted) ?? throw InvoiceService.NoInvoice(invoiceId);
        http.Caller().RequireSite(row.SiteId);
        return row.State == InvoiceState.Draft && !MaySeeDrafts(http.Caller()) ? throw InvoiceService.NoInvoice(invoiceId) : InvoiceFormatter.Answer(http, row);
    }

    private static async Task<IResult> DeleteAsync(string invoiceId, HttpContext http, Store store)
    {
        await store.WriteAsync(
            async tx =>
            {
                var row = await InvoiceService.RowAsync(tx, http.Caller(), invoiceId);
                return await InvoiceStore.DeleteDraftAsync(tx, row.Tenant, invoiceId)
                    ? true
                    : throw new ProblemException(ErrorClass.Conflict, $"Invoice '{invoiceId}' is issued as {row.Number}; it stays. credit it instead.");
            },
            http.RequestAborted);
        return Results.NoContent();
    }

    private static async Task<IResult> DraftAsync(HttpContext http, Store store, InvoiceService work, IClock clock)
    {
        var body = await http.Request.ReadBodyAsync(MaxBody, MediaTypeNames.Application.Json);
        return await ExecuteAsync(http, store, clock, body, InvoiceRequest.Read(body), StatusCodes.Status201Created, (tx, request) => work.DraftAsync(tx, http.Caller(), request));
    }

    private static async Task<IResult> IssueAsync(string invoiceId, HttpContext http, Store store, InvoiceService work, IClock clock)
    {
        return await ExecuteAsync(http, store, clock, ReadOnlyMemory<byte>.Empty, ReadResult<object>.Read(new object()), StatusCodes.Status200OK,
            (tx, _) => work.IssueAsync(tx, http.Caller(), invoiceId));
    }

    private static async Task<IResult> CreditAsync(string invoiceId, HttpContext http, Store store, InvoiceService work, IClock clock)
    {
        var body = await http.Request.ReadBodyAsync(MaxBody, MediaTypeNames.Application.Json);
        return await ExecuteAsync(http, store, clock, body, InvoiceAction.Read(body, isRebill: false), StatusCodes.Status201Created,
            (tx, action) => work.CreditAsync(tx, http.Caller(), invoiceId, action));
    }

    private static async Task<IResult> RebillAsync(string invoiceId, HttpContext http, Store store, InvoiceService work, IClock clock)
    {
        var body = await http.Request.ReadBodyAsync(MaxBody, MediaTypeNames.Application.Json);
        return await ExecuteAsync(http, store, clock, body, InvoiceAction.Read(body, isRebill: true), StatusCodes.Status201Created,
            (tx, action) => work.RebillAsync(tx, http.Caller(), invoiceId, action));
    }

    /// <summary>Work, its document and the answer to the caller's key: one commit.</summary>
    private static async Task<IResult> ExecuteAsync<T>(
        HttpContext http, Store store, IClock clock, ReadOnlyMemory<byte> body, ReadResult<T> read, int status, Func<DbTransaction, T, Task<InvoiceRow>> work)
        where T : class
    {
        var key = IdempotencyKey.Read(http, body.Span);
        if (!read.Ok)
        {
            return Responses.Refused(http, read.Refusals);
        }

        try
        {
            var (answer, isNew) = await store.WriteAsync(
                async tx =>
                {
                    if (key is not null && await IdempotencyStore.ClaimAsync(tx, key, clock.GetCurrentInstant()) is { } earlier)
                    {
                        return (earlier, false);
                    }

                    var reply = Reply(await work(tx, read.Value!), status);
                    if (key is not null)
                    {
                        await IdempotencyStore.SaveAsync(tx, key, reply);
                    }

                    return (reply, true);
                },
                http.RequestAborted);
            CrashPoint.Hit("invoice.after-commit");
            return isNew ? answer.Send(http) : answer.Again(http);
        }
        catch (RefusedException e)
        {
            return Responses.Refused(http, e.Refusals);
        }
    }

    private static StoredReply Reply(InvoiceRow row, int status) => new()
    {
        Status = status,
        Location = $"/v1/invoices/{row.InvoiceId}",
        Answer = JsonSerializer.Serialize(InvoiceAnswer.Create(row), TariffJson.AnswerOptions),
    };

    private static bool MaySeeDrafts(Caller caller) => caller.Role != Role.Customer;
}

using System.Collections.Immutable;
using System.Data.Common;
using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Refusals;
using GridServices.Tariffs.Invoices;
using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Service.Runs;
using NodaTime;

namespace GridServices.Tariffs.Service.Invoices;

/// <summary>
/// What is done with invoices, each in one transaction:
/// <code>
///   lock the seller ─▶ read the chain ─▶ make the document ─▶ take its number ─▶ store it ─▶ commit
/// </code>
/// Killed anywhere before the commit, neither number nor document is there; after it, both are.
/// </summary>
internal sealed class InvoiceService(BasisReader bases, IClock clock)
{
    /// <summary>Stores a draft of a bill.</summary>
    /// <exception cref="RefusedException">It cannot be invoiced so.</exception>
    public async Task<InvoiceRow> DraftAsync(DbTransaction tx, Caller caller, InvoiceRequest request)
    {
        var (basis, meter) = await bases.ReadAsync(tx, caller.Tenant, request);
        caller.RequireSite(meter.Plan.SiteId);
        await RequireSeriesAsync(tx, caller.Tenant, request);
        var invoiceId = Guid.CreateVersion7().ToString();
        var row = new InvoiceRow
        {
            Tenant = caller.Tenant,
            InvoiceId = invoiceId,
            ChainId = invoiceId,
            SellerId = request.SellerId,
            BuyerId = request.BuyerId,
            SeriesId = request.SeriesId,
            RunId = request.RunId,
            SiteId = meter.Plan.SiteId,
            CreatedAt = clock.GetCurrentInstant(),
        };
        var draft = Build(() => InvoiceDraft.Create(basis));
        await PartyStore.LockAsync(tx, row.Tenant, row.SellerId);
        await InvoiceStore.AddAsync(tx, row, draft);
        await RequireNoOverlapAsync(tx, row);
        return row;
    }

    /// <summary>Gives a draft its number and dates.</summary>
    public async Task<InvoiceRow> IssueAsync(DbTransaction tx, Caller caller, string invoiceId)
    {
        var row = await RowAsync(tx, caller, invoiceId);
        if (row.State != InvoiceState.Draft)
        {
            throw new ProblemException(ErrorClass.Conflict, $"Invoice '{invoiceId}' is issued as {row.Number} already; an issued one never changes. credit or rebill it.");
        }

        var issued = await NumberedAsync(tx, row, row.Document);
        return await InvoiceStore.IssueAsync(tx, row, issued) ? await RowAsync(tx, caller, invoiceId)
            : throw new ProblemException(ErrorClass.Conflict, $"Invoice '{invoiceId}' was issued meanwhile; read it again.");
    }

    /// <summary>Issues a credit note over all that a chain has invoiced.</summary>
    public Task<InvoiceRow> CreditAsync(DbTransaction tx, Caller caller, string invoiceId, InvoiceAction action) =>
        FollowAsync(tx, caller, invoiceId, (chain, last) => Task.FromResult((Build(() => InvoiceChain.Credit(chain, action.Reason)), last.RunId)));

    /// <summary>Issues what a later bill changes.</summary>
    public Task<InvoiceRow> RebillAsync(DbTransaction tx, Caller caller, string invoiceId, InvoiceAction action) => FollowAsync(tx, caller, invoiceId, async (chain, last) =>
    {
        await RequireLaterRunAsync(tx, chain[^1], last, action.RunId!);
        var request = new InvoiceRequest
        {
            RunId = action.RunId!,
            MeterId = last.MeterId,
            SellerId = last.SellerId,
            BuyerId = last.BuyerId,
            SeriesId = last.SeriesId,
            Vat = action.Vat,
            BuyerReference = chain[^1].BuyerReference,
        };
        var (basis, _) = await bases.ReadAsync(tx, caller.Tenant, request);
        return (Build(() => InvoiceDraft.Create(basis) is { Ok: true } later ? InvoiceChain.Rebill(chain, later.Value!, action.Reason) : InvoiceDraft.Create(basis)), action.RunId!);
    });

    public static async Task<InvoiceRow> RowAsync(DbTransaction tx, Caller caller, string invoiceId)
    {
        var row = await InvoiceStore.FindAsync(tx.Connection!, tx, caller.Tenant, invoiceId) ?? throw NoInvoice(invoiceId);
        caller.RequireSite(row.SiteId);
        return row;
    }

    public static ProblemException NoInvoice(string invoiceId) => new(ErrorClass.NotFound, $"There is no invoice '{invoiceId}'; GET /v1/invoices lists them.");

    private async Task<InvoiceRow> FollowAsync(DbTransaction tx, Caller caller, string invoiceId, Func<ImmutableArray<InvoiceDocument>, InvoiceRow,
        Task<(InvoiceDocument Document, string RunId)>> make)
    {
        var asked = await RowAsync(tx, caller, invoiceId);
        await PartyStore.LockAsync(tx, asked.Tenant, asked.SellerId);
        var chain = await InvoiceStore.ChainAsync(tx, asked.Tenant, asked.ChainId);
        var last = chain[^1];
        if (last.State == InvoiceState.Draft)
        {
            throw new ProblemException(ErrorClass.Conflict, $"Invoice '{invoiceId}' is a draft; issue it, or delete it and draft it again.");
        }

        if (last.InvoiceId != invoiceId)
        {
            throw new ProblemException(ErrorClass.Conflict, $"{asked.Number} is followed by {last.Number}; go on from that one, '{last.InvoiceId}'.");
        }

        var (document, runId) = await make([.. chain.Select(r => r.Document)], last);
        var next = new InvoiceRow
        {
            Tenant = last.Tenant,
            InvoiceId = Guid.CreateVersion7().ToString(),
            ChainId = last.ChainId,
            Place = last.Place + 1,
            SellerId = last.SellerId,
            BuyerId = last.BuyerId,
            SeriesId = last.SeriesId,
            RunId = runId,
            SiteId = last.SiteId,
            CreatedAt = clock.GetCurrentInstant(),
        };
        await InvoiceStore.AddAsync(tx, next, await NumberedAsync(tx, next, document));
        if (document.Kind != InvoiceKind.CreditNote)
        {
            await RequireNoOverlapAsync(tx, next);
        }

        CrashPoint.Hit("invoice.before-commit");
        return await RowAsync(tx, caller, next.InvoiceId);
    }

    private async Task<InvoiceDocument> NumberedAsync(DbTransaction tx, InvoiceRow row, InvoiceDocument document)
    {
        await PartyStore.LockAsync(tx, row.Tenant, row.SellerId);
        var held = await PartyStore.SeriesAsync(tx.Connection!, tx, row.Tenant, row.SeriesId)
            ?? throw new ProblemException(ErrorClass.UnknownId, $"There is no series '{row.SeriesId}' any more; PUT /v1/invoice-series/{row.SeriesId} first.");
        var series = InvoiceJson.Read<NumberSeries>(held.Content);
        if (series.SellerId != row.SellerId)
        {
            throw new ProblemException(ErrorClass.Conflict, $"Series '{row.SeriesId}' is of seller '{series.SellerId}' by now, not of '{row.SellerId}'; delete the draft and draft it again with a series of its seller.");
        }

        var day = InvoiceChain.GetDate(document.Seller, clock.GetCurrentInstant());
        var count = await InvoiceStore.NextAsync(tx, row.Tenant, row.SeriesId, day.Year);
        CrashPoint.Hit("invoice.numbered");
        return InvoiceChain.Issue(document, series.Number(day.Year, count), day);
    }

    /// <summary>An older bill knows less: it would take back what has been trued up.</summary>
    private static async Task RequireLaterRunAsync(DbTransaction tx, InvoiceDocument document, InvoiceRow last, string runId)
    {
        if (document.Position.IsEmpty || await RunStore.FindAsync(tx.Connection!, last.Tenant, last.RunId) is not { } held
            || await RunStore.FindAsync(tx.Connection!, last.Tenant, runId) is not { } named)
        {
            return;
        }

        if (named.CreatedAt < held.CreatedAt)
        {
            throw new ProblemException(ErrorClass.Conflict, $"Run '{runId}' is older than run '{last.RunId}', of which {last.Number} was made; start a billing run now and name that.", "/runId");
        }
    }

    private static async Task RequireSeriesAsync(DbTransaction tx, string tenant, InvoiceRequest request)
    {
        var held = await PartyStore.SeriesAsync(tx.Connection!, tx, tenant, request.SeriesId)
            ?? throw new ProblemException(ErrorClass.UnknownId, $"There is no series '{request.SeriesId}'; PUT /v1/invoice-series/{{seriesId}} first.", "/seriesId");
        if (InvoiceJson.Read<NumberSeries>(held.Content).SellerId is var owner && owner != request.SellerId)
        {
            throw new ProblemException(ErrorClass.SemanticReference, $"Series '{request.SeriesId}' is of seller '{owner}', not of '{request.SellerId}'.", "/seriesId");
        }
    }

    /// <summary>The same days of a meter are not invoiced twice.</summary>
    private static async Task RequireNoOverlapAsync(DbTransaction tx, InvoiceRow row)
    {
        if (await InvoiceStore.OverlapAsync(tx, row) is { } other)
        {
            throw new ProblemException(
                ErrorClass.Conflict,
                $"Meter '{row.MeterId}' is invoiced from {other.PeriodFrom} until {other.PeriodUntil} already, by {(other.Number is { } number ? number : "the draft")} ('{other.InvoiceId}'): {(other.Number is null ? "issue or delete the draft" : "rebill or credit that one")}.",
                "/runId");
        }
    }

    private static InvoiceDocument Build(Func<ReadResult<InvoiceDocument>> make)
    {
        try
        {
            var made = make();
            return made.Ok ? made.Value! : throw new RefusedException(made.Refusals);
        }
        catch (OverflowException)
        {
            throw new ProblemException(ErrorClass.SemanticNumber, "The numbers of this bill are too large to be invoiced exactly; check units and magnitudes.", "/runId");
        }
    }
}

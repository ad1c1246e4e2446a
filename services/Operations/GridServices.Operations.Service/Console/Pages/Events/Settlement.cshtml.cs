using GridServices.Hosting.Refusals;
using GridServices.Operations.Access;
using GridServices.Operations.Bulk;
using GridServices.Operations.Money;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Console.Format;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Money;
using GridServices.Operations.Service.Storage;
using Microsoft.AspNetCore.Mvc;
using NodaTime;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>What an event earned at a site, preliminary and then final; one click settles, nothing is typed.</summary>
[Needs(UserPermission.SeeBills)]
internal sealed class SettlementPage(PageUi ui, BillAccess access, EventStore events, Settlements settlements, SettlementStore settled, OperationsStore store) : FormPage(ui)
{
    internal HeldEvent Held { get; private set; } = null!;

    internal Site Site { get; private set; } = null!;

    /// <summary>The one that holds; null = it was not settled.</summary>
    internal Settlement? Last => All.Count > 0 ? All[0] : null;

    /// <summary>The last one first.</summary>
    internal IReadOnlyList<Settlement> All { get; private set; } = [];

    internal DateTimeZone? Zone => Times.Find(Site.TimeZone);

    internal string? Done { get; private set; }

    /// <summary>The utility's lines, as pasted or uploaded.</summary>
    internal string Lines { get; private set; } = string.Empty;

    internal IReadOnlyList<BulkFault> Faults { get; private set; } = [];

    internal InvoiceComparison? Comparison { get; private set; }

    internal override object Document => Comparison is { } comparison ? comparison : new { items = All };

    public async Task<IActionResult> OnGetAsync([FromRoute] string id, [FromRoute] string siteId, string? format, string? done)
    {
        await LoadAsync(id, siteId);
        Done = done switch { "made" => Ui.T["money.settledNow"], "same" => Ui.T["money.settledSame"], _ => null };
        return format is "csv" or "xlsx" && Last is { } last ? TableFile(MoneyCsv.Settlement(last), $"settlement-{siteId}-{last.Number}", format == "xlsx") : Page();
    }

    public async Task<IActionResult> OnPostAsync([FromRoute] string id, [FromRoute] string siteId)
    {
        await LoadAsync(id, siteId);
        await access.SiteAsync(Ui.Actor, siteId, UserPermission.RunBilling, HttpContext.RequestAborted);
        try
        {
            var made = await settlements.CalculateAsync(Held, siteId, HttpContext.RequestAborted);
            var (_, isNew) = await store.WriteAsync(Ui.Actor, transaction => Settlements.SaveAsync(transaction, made), HttpContext.RequestAborted);
            return Redirect($"/events/{id}/settlement/{Uri.EscapeDataString(siteId)}?done={(isNew ? "made" : "same")}");
        }
        catch (ProblemException refused) when (refused.Problem.Status is StatusCodes.Status409Conflict or StatusCodes.Status404NotFound or StatusCodes.Status503ServiceUnavailable)
        {
            Errors["settle"] = refused.Problem.Detail ?? refused.Problem.Title;
        }
        catch (Registry.FormException refused)
        {
            Errors["settle"] = refused.Message;
        }

        return Page();
    }

    /// <summary>Holds the utility's statement against the settlement; nothing is stored.</summary>
    public async Task<IActionResult> OnPostCompareAsync([FromRoute] string id, [FromRoute] string siteId, IFormFile? file, string? format)
    {
        await LoadAsync(id, siteId);
        Lines = await LinesAsync(file);
        if (Last is not { } settlement || Lines.Length == 0)
        {
            Errors["lines"] = Ui.T[Last is null ? "money.notSettled" : "field.required"];
            return Page();
        }

        var theirs = InvoiceCsv.Read(new StringReader(Lines), out var faults);
        Faults = faults;
        if (faults.Count > 0)
        {
            Errors["lines"] = Ui.T["money.invoiceFaults", Ui.N.Count(faults.Count)];
            return Page();
        }

        Comparison = StatementLines.Compare(settlement, theirs);
        return format is "csv" or "xlsx" ? TableFile(MoneyCsv.Comparison(Comparison), $"statement-{siteId}-{settlement.Number}", format == "xlsx") : Page();
    }

    private async Task LoadAsync(string id, string siteId)
    {
        var ct = HttpContext.RequestAborted;
        Site = await access.SiteAsync(Ui.Actor, siteId, UserPermission.SeeBills, ct);
        Held = await events.FindAsync(Ui.Tenant, id, ct) is { } held && held.Event.Site(siteId) is not null ? held : throw CreateNotFound("event", id);
        All = await settled.ListByEventAsync(Ui.Tenant, id, siteId, ct);
    }
}

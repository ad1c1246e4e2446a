using GridServices.Hosting.Refusals;
using GridServices.Operations.Access;
using GridServices.Operations.Bulk;
using GridServices.Operations.Money;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Money;
using Microsoft.AspNetCore.Mvc;
using NodaTime.Text;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>The bill beside the utility's own invoice: each line's difference with its likely reason.</summary>
[Needs(UserPermission.SeeBills)]
internal sealed class InvoicePage(PageUi ui, BillAccess access, BillReader bills) : FormPage(ui)
{
    internal MeterPoint Meter { get; private set; } = null!;

    internal string MonthText { get; private set; } = string.Empty;

    internal BillAnswer Answer { get; private set; } = null!;

    /// <summary>As pasted or uploaded.</summary>
    internal string Lines { get; private set; } = string.Empty;

    internal IReadOnlyList<BulkFault> Faults { get; private set; } = [];

    internal InvoiceComparison? Comparison { get; private set; }

    internal override object? Document => Comparison;

    public Task OnGetAsync([FromRoute] string meterPointId, [FromRoute] string month) => LoadAsync(meterPointId, month);

    public async Task<IActionResult> OnPostAsync([FromRoute] string meterPointId, [FromRoute] string month, IFormFile? file, string? format)
    {
        await LoadAsync(meterPointId, month);
        Lines = await LinesAsync(file);
        if (Lines.Length == 0)
        {
            Errors["lines"] = Ui.T["field.required"];
            return Page();
        }

        var theirs = InvoiceCsv.Read(new StringReader(Lines), out var faults);
        Faults = faults;
        if (faults.Count > 0)
        {
            Errors["lines"] = Ui.T["money.invoiceFaults", Ui.N.Count(faults.Count)];
            return Page();
        }

        try
        {
            Comparison = InvoiceLines.Compare(Answer, theirs);
        }
        catch (ProblemException refused) when (refused.Problem.Status == StatusCodes.Status409Conflict)
        {
            Errors["lines"] = refused.Problem.Detail ?? refused.Problem.Title;
            return Page();
        }

        return format is "csv" or "xlsx" ? TableFile(MoneyCsv.Comparison(Comparison), $"comparison-{Meter.SiteId}-{MonthText}", format == "xlsx") : Page();
    }

    private async Task LoadAsync(string meterPointId, string month)
    {
        var of = BillAccess.Month(month);
        MonthText = YearMonthPattern.Iso.Format(of);
        (Meter, _) = await access.RequireAsync(Ui.Actor, meterPointId, UserPermission.SeeBills, HttpContext.RequestAborted);
        Answer = await bills.ReadAsync(Ui.Tenant, Meter, of, HttpContext.RequestAborted);
    }
}

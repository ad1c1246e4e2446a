using GridServices.Operations.Access;
using GridServices.Operations.Service.Money;
using Microsoft.AspNetCore.Mvc;
using NodaTime.Text;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>How a bill was split: by user, with the site's own part, and the sum to the cent.</summary>
[Needs(UserPermission.SeeBills)]
internal sealed class AllocationPage(PageUi ui, BillAccess access, AllocationStore splits) : ConsolePage(ui)
{
    internal BillAllocation Split { get; private set; } = null!;

    internal string MonthText => YearMonthPattern.Iso.Format(Split.Month);

    /// <summary>Whether the month's bill, as it was made, is another amount than what was split.</summary>
    internal bool IsOtherThanBill => Split.BillPayable is { } bill && bill != Split.Payable;

    internal override object Document => Split;

    public async Task<IActionResult> OnGetAsync([FromRoute] string id, string? format)
    {
        var ct = HttpContext.RequestAborted;
        Split = await splits.FindAsync(Ui.Tenant, id, ct) ?? throw CreateNotFound("allocation", id);
        await access.SiteAsync(Ui.Actor, Split.SiteId, UserPermission.SeeBills, ct);
        return format switch
        {
            "csv" or "xlsx" => TableFile(MoneyCsv.Users(Split), $"users-{Split.SiteId}-{MonthText}", format == "xlsx"),
            "sessions-csv" or "sessions-xlsx" => TableFile(MoneyCsv.Sessions(Split), $"sessions-{Split.SiteId}-{MonthText}", format == "sessions-xlsx"),
            _ => Page(),
        };
    }
}

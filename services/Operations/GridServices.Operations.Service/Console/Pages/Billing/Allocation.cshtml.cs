using GridServices.Operations.Access;
using GridServices.Operations.Money;
using GridServices.Operations.Service.Money;
using Microsoft.AspNetCore.Mvc;
using NodaTime.Text;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>How a bill was split: by user, with the site's own part, and the sum to the cent.</summary>
[Needs(UserPermission.SeeBills)]
internal sealed class AllocationPage(PageUi ui, BillAccess access, AllocationStore splits) : ConsolePage(ui)
{
    private const int MostShown = 100;

    internal BillAllocation Split { get; private set; } = null!;

    internal string MonthText => YearMonthPattern.Iso.Format(Split.Month);

    /// <summary>Whether the month's bill, as it was made, is another amount than what was split.</summary>
    internal bool IsOtherThanBill => Split.BillPayable is { } bill && bill != Split.Payable;

    internal override object Document => Split;

    /// <summary>Part of a session's id, user or charge point that is looked for.</summary>
    internal string Query { get; private set; } = string.Empty;

    /// <summary>Sessions that were looked for, the dearest first.</summary>
    internal IReadOnlyList<SessionShare> Shown { get; private set; } = [];

    internal int Found { get; private set; }

    public async Task<IActionResult> OnGetAsync([FromRoute] string id, string? format, string? q)
    {
        var ct = HttpContext.RequestAborted;
        Split = await splits.FindAsync(Ui.Tenant, id, ct) ?? throw CreateNotFound("allocation", id);
        await access.SiteAsync(Ui.Actor, Split.SiteId, UserPermission.SeeBills, ct);
        Query = q?.Trim() ?? string.Empty;
        SessionShare[] found = [.. Split.Sessions.Where(s => Query.Length == 0 || new[] { s.SessionId, s.User, s.Evse }.Any(t => t?.Contains(Query, StringComparison.OrdinalIgnoreCase) == true))];
        (Found, Shown) = (found.Length, [.. found.OrderByDescending(s => s.Payable).ThenBy(s => s.SessionId, StringComparer.Ordinal).Take(MostShown)]);
        return format switch
        {
            "csv" or "xlsx" => TableFile(MoneyCsv.Users(Split), $"users-{Split.SiteId}-{MonthText}", format == "xlsx"),
            "sessions-csv" or "sessions-xlsx" => TableFile(MoneyCsv.Sessions(Split), $"sessions-{Split.SiteId}-{MonthText}", format == "sessions-xlsx"),
            _ => Page(),
        };
    }
}

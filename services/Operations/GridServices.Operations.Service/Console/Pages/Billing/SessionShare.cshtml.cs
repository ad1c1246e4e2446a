using GridServices.Hosting.Refusals;
using GridServices.Operations.Access;
using GridServices.Operations.Service.Money;
using GridServices.Operations.Service.Registry;
using Microsoft.AspNetCore.Mvc;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Operations.Service.Console.Pages.Billing;

/// <summary>Why a session pays its share of a bill: line by line which charge at which price, in which hours, at which peak, and by what it was shared.</summary>
[Needs(UserPermission.SeeBills)]
internal sealed class SessionSharePage(PageUi ui, BillAccess access, Allocations allocations, AllocationStore splits) : ConsolePage(ui)
{
    internal BillAllocation Split { get; private set; } = null!;

    internal Operations.Money.SessionShare Share { get; private set; } = null!;

    /// <summary>Null: it can't be told now.</summary>
    internal SessionExplanation? Why { get; private set; }

    /// <summary>Why it can't be told.</summary>
    internal string? Problem { get; private set; }

    internal DateTimeZone? Zone { get; private set; }

    internal string MonthText => YearMonthPattern.Iso.Format(Split.Month);

    internal override object Document => (object?)Why ?? Share;

    public async Task<IActionResult> OnGetAsync([FromRoute] string id, string? session)
    {
        var ct = HttpContext.RequestAborted;
        Split = await splits.FindAsync(Ui.Tenant, id, ct) ?? throw CreateNotFound("allocation", id);
        // Whose site it is comes first: which sessions there are is nobody else's business.
        var site = await access.SiteAsync(Ui.Actor, Split.SiteId, UserPermission.SeeBills, ct);
        Share = Split.Sessions.FirstOrDefault(s => s.SessionId == session) ?? throw CreateNotFound("session", session ?? string.Empty);
        Zone = Format.Times.Find(site.TimeZone);
        await ExplainAsync(id, ct);
        return Page();
    }

    private async Task ExplainAsync(string id, CancellationToken ct)
    {
        try
        {
            var (meter, _) = await access.RequireAsync(Ui.Actor, Split.MeterPointId, UserPermission.SeeBills, ct);
            Why = await allocations.ExplainAsync(Ui.Tenant, meter, Split, await splits.FindSessionsAsync(Ui.Tenant, id, ct), Share.SessionId, ct);
        }
        catch (ProblemException refused) when (refused.Problem.Status is StatusCodes.Status409Conflict or StatusCodes.Status404NotFound or StatusCodes.Status503ServiceUnavailable)
        {
            Problem = refused.Problem.Detail ?? refused.Problem.Title;
        }
        catch (FormException refused)
        {
            Problem = string.Join(" ", refused.Faults.Take(3).Select(f => f.ToString()));
        }
    }

    /// <summary>Its part of the site's line.</summary>
    internal static decimal? GetPart(ExplainedLine line) => line.LineAmount == 0 ? null : line.Amount / line.LineAmount;
}

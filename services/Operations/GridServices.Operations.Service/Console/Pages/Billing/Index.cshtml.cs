using GridServices.Hosting.Refusals;
using GridServices.Operations.Access;
using GridServices.Operations.Events;
using GridServices.Operations.Money;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Money;
using GridServices.Operations.Service.Storage;
using Microsoft.AspNetCore.Mvc;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>A month's bills, the runs that make them with how far they are, and what events earned or wait to be settled.</summary>
[Needs(UserPermission.SeeBills)]
internal sealed class BillingPage(PageUi ui, BillAccess access, BillReader bills, BillRuns runs, Ledger ledger, SettlementStore settlements, EventStore events, OperationsStore store) : FormPage(ui)
{
    private const int PageSize = 50;
    private const int MostSettlements = 50;
    private bool _isSettledSince;

    internal YearMonth Month { get; private set; }

    internal string MonthText => YearMonthPattern.Iso.Format(Month);

    internal IReadOnlyList<(MeterPoint Meter, BillAnswer Bill)> Bills { get; private set; } = [];

    internal string? Next { get; private set; }

    internal IReadOnlyList<BillRun> Runs { get; private set; } = [];

    internal IReadOnlyList<Settlement> Settled { get; private set; } = [];

    /// <summary>Events of the month that are over and not settled.</summary>
    internal IReadOnlyList<(HeldEvent Event, EventSite Site)> Waiting { get; private set; } = [];

    internal string? Done { get; private set; }

    /// <summary>Names the form that is sent: clicked again, as after an answer that was lost, it starts no second run.</summary>
    internal string Once => (_isSettledSince ? null : Text("once")) ?? Guid.NewGuid().ToString();

    /// <summary>The run that a failed try was to settle again, empty: none; sent again with it, for the bills may be of the new run by now. Null: nothing was tried.</summary>
    internal string? Earlier { get; private set; }

    /// <summary>The run that billing again settles, as it is shown, empty: none. Null: it is not shown, and found out when it is asked for.</summary>
    internal string? Settles { get; private set; }

    internal override object Document => new { month = MonthText, items = Bills.Select(b => b.Bill), next = Next, runs = Runs, settlements = Settled };

    public async Task<IActionResult> OnGetAsync(string? month, string? after, string? format, string? done)
    {
        Month = month is null ? Ui.Now.InUtc().Date.ToYearMonth().PlusMonths(-1) : BillAccess.Month(month);
        if (format is "ledger" or "ledger-xlsx")
        {
            return TableFile(LedgerLines.ToCsv(await ledger.ReadAsync(Ui.Actor, Month, HttpContext.RequestAborted)), $"ledger-{MonthText}", format == "ledger-xlsx");
        }

        Done = done is null ? null : Ui.T["money.started"];
        await LoadAsync(after);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(string? month)
    {
        Month = BillAccess.Month(month);
        var meters = await access.ListAsync(Ui.Actor, UserPermission.RunBilling, HttpContext.RequestAborted);
        var isDone = await TryAsync(async () =>
        {
            try
            {
                var earlier = Value("resettles") ?? await runs.EarlierAsync(Ui.Tenant, meters, Month, HttpContext.RequestAborted) ?? string.Empty;
                if (Value("resettles") is null && Value("settles") is { } shown && shown != earlier)
                {
                    // Billed since the page was read, perhaps by this very form: what was shown to be settled is not what would be.
                    (_isSettledSince, Errors["run"]) = (true, Ui.T["money.settledSince"]);
                    return;
                }

                Earlier = earlier;
                var run = await runs.StartAsync(Ui.Tenant, meters, Month, Earlier.Length > 0 ? Earlier : null, $"page\n{Once}", HttpContext.RequestAborted);
                await store.WriteAsync(Ui.Actor, transaction => BillRuns.AuditAsync(transaction, run, meters, Month), HttpContext.RequestAborted);
            }
            catch (ProblemException refused) when (refused.Problem.Status is StatusCodes.Status422UnprocessableEntity or StatusCodes.Status503ServiceUnavailable)
            {
                Errors["run"] = refused.Problem.Detail ?? refused.Problem.Title;
            }
        });
        if (isDone)
        {
            return Redirect($"/billing?month={MonthText}&done=1");
        }

        await LoadAsync(null);
        return Page();
    }

    /// <summary>Of all meters that a run would bill, where all of them are on this page: the others' bills are not read for it.</summary>
    private async Task<string?> FindSettledAsync(string? after, CancellationToken ct)
    {
        if (after is not null || Next is not null || !Ui.May(UserPermission.RunBilling))
        {
            return null;
        }

        var billed = (await access.ListAsync(Ui.Actor, UserPermission.RunBilling, ct)).Select(m => m.Id).ToHashSet(StringComparer.Ordinal);
        var shown = Bills.Where(b => billed.Contains(b.Meter.Id)).Select(b => b.Bill).ToList();
        return shown.Count < billed.Count || !BillRuns.IsKnown(shown) ? null : BillRuns.FindEarlier(shown) ?? string.Empty;
    }

    private async Task LoadAsync(string? after)
    {
        var ct = HttpContext.RequestAborted;
        var page = await access.PageAsync(Ui.Actor, UserPermission.SeeBills, after, PageSize, ct);
        Bills = [.. page.Items.Zip(await bills.ListAsync(Ui.Tenant, page.Items, Month, ct))];
        Next = page.Next;
        Settles = await FindSettledAsync(after, ct);
        var shown = await access.ShownAsync(Ui.Actor, UserPermission.SeeBills, ct);
        Runs = Ui.May(UserPermission.RunBilling) && shown is null && await bills.RunsAsync(Ui.Tenant, Month, ct) is { IsDone: true } found ? found.Value! : [];
        var all = await settlements.ListByMonthAsync(Ui.Tenant, shown, Month, ct);
        Settled = [.. all.Take(MostSettlements)];
        var span = new EventQuery(200) { From = Month.OnDayOfMonth(1).AtMidnight().InUtc().ToInstant(), Until = Month.PlusMonths(1).OnDayOfMonth(1).AtMidnight().InUtc().ToInstant(), Sites = shown };
        var done = all.Select(s => (s.EventId, s.SiteId)).ToHashSet();
        Waiting = [.. (await events.PageAsync(Ui.Tenant, span, ct)).Items.SelectMany(e => e.Event.Sites.Select(site => (e, site)))
            .Where(w => w.site.EnrollmentId is not null && w.site.Until <= Ui.Now && shown?.Contains(w.site.SiteId) != false && !done.Contains((w.e.Id, w.site.SiteId))).Take(MostSettlements)];
    }
}

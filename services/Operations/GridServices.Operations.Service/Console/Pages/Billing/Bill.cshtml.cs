using GridServices.Hosting.Refusals;
using GridServices.Operations.Access;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Console.Charts;
using GridServices.Operations.Service.Money;
using GridServices.Operations.Service.Storage;
using Microsoft.AspNetCore.Mvc;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>A meter's bill of a month: why each line is what it is, the load with the peak that cost money, and what was not measured.</summary>
[Needs(UserPermission.SeeBills)]
internal sealed class BillPage(PageUi ui, BillAccess access, BillReader bills, BillRuns runs, MeterReadings readings, AllocationStore allocations, OperationsStore store) : FormPage(ui)
{
    private bool _isSettledSince;

    internal MeterPoint Meter { get; private set; } = null!;

    internal Site Site { get; private set; } = null!;

    internal YearMonth Month { get; private set; }

    internal string MonthText => YearMonthPattern.Iso.Format(Month);

    internal BillAnswer Answer { get; private set; } = null!;

    /// <summary>Of the month before; null = there is none.</summary>
    internal decimal? Previous { get; private set; }

    /// <summary>Null: it can't be read.</summary>
    internal MeterLoad? Load { get; private set; }

    internal PowerPlot? Plot { get; private set; }

    internal IReadOnlyList<LoadDay> Days { get; private set; } = [];

    internal IReadOnlyList<BillAllocation> Splits { get; private set; } = [];

    internal string? Done { get; private set; }

    /// <summary>Names the form that is sent: clicked again, as after an answer that was lost, it starts no second run.</summary>
    internal string Once => (_isSettledSince ? null : Text("once")) ?? Guid.NewGuid().ToString();

    /// <summary>The run that a failed try was to settle again, empty: none; sent again with it, for the bills may be of the new run by now. Null: nothing was tried.</summary>
    internal string? Earlier { get; private set; }

    /// <summary>The run that billing again settles, as it is shown, empty: none. Null: it is not shown, and found out when it is asked for.</summary>
    internal string? Settles { get; private set; }

    internal DateTimeZone? Zone => Load?.Zone ?? Format.Times.Find(Site.TimeZone);

    internal override object Document => Answer;

    public async Task<IActionResult> OnGetAsync([FromRoute] string meterPointId, [FromRoute] string month, string? format, string? done)
    {
        await LoadAsync(meterPointId, month);
        Done = done is null ? null : Ui.T["money.started"];
        return format is "csv" or "xlsx" ? TableFile(MoneyCsv.Bill(Answer), $"bill-{Meter.SiteId}-{MonthText}", format == "xlsx") : Page();
    }

    public async Task<IActionResult> OnPostAsync([FromRoute] string meterPointId, [FromRoute] string month)
    {
        var (ct, of) = (HttpContext.RequestAborted, BillAccess.Month(month));
        IReadOnlyList<MeterPoint> meters = [(await access.RequireAsync(Ui.Actor, meterPointId, UserPermission.RunBilling, ct)).Meter];
        var isDone = await TryAsync(async () =>
        {
            try
            {
                var earlier = Value("resettles") ?? await runs.EarlierAsync(Ui.Tenant, meters, of, ct) ?? string.Empty;
                if (Value("resettles") is null && Value("settles") is { } shown && shown != earlier)
                {
                    // Billed since the page was read, perhaps by this very form: what was shown to be settled is not what would be.
                    (_isSettledSince, Errors["run"]) = (true, Ui.T["money.settledSince"]);
                    return;
                }

                Earlier = earlier;
                var run = await runs.StartAsync(Ui.Tenant, meters, of, Earlier.Length > 0 ? Earlier : null, $"page\n{Once}", ct);
                await store.WriteAsync(Ui.Actor, transaction => BillRuns.AuditAsync(transaction, run, meters, of), ct);
            }
            catch (ProblemException refused) when (refused.Problem.Status is StatusCodes.Status422UnprocessableEntity or StatusCodes.Status503ServiceUnavailable)
            {
                Errors["run"] = refused.Problem.Detail ?? refused.Problem.Title;
            }
        });
        if (isDone)
        {
            return Redirect($"/billing/{meterPointId}/{month}?done=1");
        }

        await LoadAsync(meterPointId, month);
        return Page();
    }

    internal static string GetCssClass(BillState state) => state switch
    {
        BillState.Made => "good",
        BillState.Provisional or BillState.UnderWay => "warn",
        BillState.Failed => "bad",
        _ => "unknown",
    };

    private async Task LoadAsync(string meterPointId, string month)
    {
        var ct = HttpContext.RequestAborted;
        Month = BillAccess.Month(month);
        (Meter, Site) = await access.RequireAsync(Ui.Actor, meterPointId, UserPermission.SeeBills, ct);
        Answer = await bills.ReadAsync(Ui.Tenant, Meter, Month, ct);
        Settles = BillRuns.IsKnown([Answer]) ? BillRuns.FindEarlier([Answer]) ?? string.Empty : null;
        if (BillReader.FindKey(Meter) is not { } key)
        {
            return;
        }

        var previous = (await bills.ListAsync(Ui.Tenant, [Meter], Month.PlusMonths(-1), ct))[0];
        Previous = previous.State == BillState.Made && previous.Currency == Answer.Currency ? previous.Payable : null;
        Splits = await allocations.ListByBillAsync(Ui.Tenant, Meter.Id, Month, 20, ct);
        if (await readings.ReadMonthAsync(Ui.Tenant, key, Month, ct) is { IsDone: true, Value: { } load })
        {
            Load = load;
            Days = LoadDay.Compute(load, Ui.Now);
            Plot = LoadPlot.Create(Ui, Meter.Identifier, load, Answer.Bill);
        }
    }
}

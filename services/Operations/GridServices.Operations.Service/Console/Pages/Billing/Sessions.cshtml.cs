using System.Text;
using GridServices.Hosting.Refusals;
using GridServices.Operations.Access;
using GridServices.Operations.Bulk;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Money;
using GridServices.Operations.Service.Storage;
using Microsoft.AspNetCore.Mvc;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>Takes a file of charging sessions in and splits a month's bill among them. Rows that can't be used are named; nothing is split until they are gone or left out on purpose.</summary>
[Needs(UserPermission.RunBilling)]
[RequestSizeLimit(SessionFiles.MostBytes + (64 * 1024))]
internal sealed class SessionsPage(PageUi ui, BillAccess access, Allocations allocations, AllocationStore splits, OperationsStore store) : FormPage(ui)
{
    private const int MostShown = 200;

    internal MeterPoint Meter { get; private set; } = null!;

    internal string MonthText { get; private set; } = string.Empty;

    internal SessionFile? Upload { get; private set; }

    internal IEnumerable<BulkFault> Refused => (Upload?.Refused ?? []).Take(MostShown);

    internal IEnumerable<(string Value, string Text)> Methods => Allocations.Methods.Select(method => (method, Ui.T.Word("splitMethod", method)));

    public async Task OnGetAsync([FromRoute] string meterPointId, [FromRoute] string month)
    {
        Initial["method"] = Allocations.Methods[0];
        await LoadAsync(meterPointId, month);
    }

    public async Task<IActionResult> OnPostAsync([FromRoute] string meterPointId, [FromRoute] string month, IFormFile? file, string? leaveOut)
    {
        var site = await LoadAsync(meterPointId, month);
        var method = Required("method");
        if (!Allocations.Methods.Contains(method))
        {
            Errors["method"] = Ui.T["field.required"];
        }

        if (file is null or { Length: 0 } or { Length: > SessionFiles.MostBytes })
        {
            Errors["file"] = Ui.T[file is { Length: > SessionFiles.MostBytes } ? "import.tooLarge" : "field.required"];
            return Page();
        }

        using var reader = new StreamReader(file.OpenReadStream(), Encoding.UTF8);
        Upload = SessionFiles.Read(await reader.ReadToEndAsync(HttpContext.RequestAborted), DateTimeZoneProviders.Tzdb[site.TimeZone]);
        if (Upload.Sessions.Count == 0 || (Upload.Refused.Count > 0 && leaveOut is null))
        {
            Errors["file"] = Upload.Sessions.Count == 0 ? Ui.T["money.noSessions"] : Ui.T["money.refused", Ui.N.Count(Upload.RefusedRows), Ui.N.Count(Upload.Rows)];
        }

        BillAllocation? made = null;
        await TryAsync(async () => made = await SplitAsync(method));
        return made is null ? Page() : Redirect($"/billing/allocations/{made.Id}");
    }

    private async Task<BillAllocation?> SplitAsync(string method)
    {
        try
        {
            var made = await allocations.CalculateAsync(Ui.Tenant, Meter, BillAccess.Month(MonthText), Upload!, method, HttpContext.RequestAborted);
            return await store.WriteAsync(Ui.Actor, transaction => splits.AddAsync(transaction, made), HttpContext.RequestAborted);
        }
        catch (ProblemException refused) when (refused.Problem.Status is StatusCodes.Status409Conflict or StatusCodes.Status404NotFound or StatusCodes.Status503ServiceUnavailable)
        {
            Errors["file"] = refused.Problem.Detail ?? refused.Problem.Title;
            return null;
        }
    }

    private async Task<Site> LoadAsync(string meterPointId, string month)
    {
        MonthText = YearMonthPattern.Iso.Format(BillAccess.Month(month));
        (Meter, var site) = await access.RequireAsync(Ui.Actor, meterPointId, UserPermission.RunBilling, HttpContext.RequestAborted);
        return site;
    }
}

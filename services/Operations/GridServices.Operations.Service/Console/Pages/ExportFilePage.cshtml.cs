using System.Text;
using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Operations.Access;
using GridServices.Operations.Service.Export;
using Microsoft.AspNetCore.Mvc;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>The file of an export.</summary>
[Needs(UserPermission.SeeRecords, WholeTenant = true)]
internal sealed class ExportFilePage(PageUi ui, ExportStore exports) : ConsolePage(ui)
{
    public async Task<IActionResult> OnGetAsync(string id)
    {
        var item = await exports.FindAsync(Ui.Tenant, id, HttpContext.RequestAborted) ?? throw CreateNotFound("export", id);
        var content = item.State == "done" ? await exports.ContentAsync(Ui.Tenant, id, HttpContext.RequestAborted) : null;
        return content is null
            ? throw new ProblemException(ErrorClass.Conflict, Ui.T["export.notDone"])
            : File(Encoding.UTF8.GetBytes(content), item.Format == "json" ? "application/json" : "text/csv; charset=utf-8", $"{item.Kind}-{item.Id}.{item.Format}");
    }
}

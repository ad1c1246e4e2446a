using System.Text;
using GridServices.Operations.Access;
using GridServices.Operations.Service.Import;
using Microsoft.AspNetCore.Mvc;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>One import: how far it is, the rows that need somebody, and the result file.</summary>
[Needs(UserPermission.EditSites, WholeTenant = true)]
internal sealed class ImportPage(PageUi ui, ImportStore imports, ImportRunner runner) : ConsolePage(ui)
{
    private const int MostRows = 500;

    internal ImportItem Item { get; private set; } = new();

    internal IReadOnlyList<ImportRowResult> Faults { get; private set; } = [];

    internal override object Document => new { import = Item, faults = Faults };

    public async Task<IActionResult> OnGetAsync([FromRoute] string id, bool result)
    {
        var ct = HttpContext.RequestAborted;
        Item = await imports.FindAsync(Ui.Tenant, id, ct) ?? throw CreateNotFound("import", id);
        if (result)
        {
            return File(Encoding.UTF8.GetBytes(await runner.ResultAsync(Ui.Tenant, Item, ct)), "text/csv; charset=utf-8", $"result-{Item.FileName}");
        }

        Faults = [.. (await imports.RowsAsync(Ui.Tenant, id, ct)).Where(row => row.Status is "error" or "warning").Take(MostRows)];
        return Page();
    }
}

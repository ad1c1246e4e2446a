using GridServices.Operations.Access;
using GridServices.Operations.Service.Controllers;
using GridServices.Operations.Service.Storage;
using Microsoft.AspNetCore.Mvc;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>All sites, and how each one's controller is heard.</summary>
[Needs(UserPermission.ControllerTokens)]
internal sealed class ControllersPage(PageUi ui, ControllerReader reader) : ConsolePage(ui)
{
    private const int PageSize = 50;

    [BindProperty(SupportsGet = true)]
    public string? After { get; set; }

    internal IReadOnlyList<ControllerItem> Items { get; private set; } = [];

    internal string? Next { get; private set; }

    internal override object Document => new { items = Items, next = Next };

    public async Task OnGetAsync()
    {
        var page = await reader.PageAsync(Ui.Tenant, Ui.Sites(UserPermission.ControllerTokens), new ListQuery(PageSize, After, Sort: "name"), HttpContext.RequestAborted);
        (Items, Next) = (page.Items, page.Next);
    }
}

using GridServices.Operations.Access;
using GridServices.Operations.Service.Notify;
using Microsoft.AspNetCore.Mvc;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>What was told to whom, by which way, and whether it arrived and was acknowledged.</summary>
[Needs(UserPermission.Administer)]
internal sealed class MessagesPage(PageUi ui, NotificationStore messages, RecipientNames names) : ConsolePage(ui)
{
    private const int PageSize = 100;

    [BindProperty(SupportsGet = true)]
    public string? After { get; set; }

    internal IReadOnlyList<NotificationItem> Items { get; private set; } = [];

    internal Dictionary<string, string> Names { get; } = new(StringComparer.Ordinal);

    internal string? Next { get; private set; }

    internal override object Document => new { items = Items, next = Next };

    public async Task OnGetAsync()
    {
        var ct = HttpContext.RequestAborted;
        var found = await messages.ListAsync(Ui.Tenant, After, PageSize + 1, ct);
        (Items, Next) = ([.. found.Take(PageSize)], found.Count > PageSize ? found[PageSize - 1].Id : null);
        foreach (var id in Items.Select(i => i.RecipientId).Distinct(StringComparer.Ordinal))
        {
            Names[id] = await names.FindAsync(Ui.Tenant, id, ct) ?? id;
        }
    }
}

using GridServices.Hosting;
using GridServices.Operations.Access;
using GridServices.Operations.Service.Notify;
using GridServices.Operations.Service.Storage;
using Microsoft.AspNetCore.Mvc;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>What was delivered to a webhook, and what was not; each can be sent again.</summary>
[Needs(UserPermission.Administer)]
internal sealed class DeliveriesPage(PageUi ui, WebhookStore webhooks, OperationsStore store, JobTrigger jobs) : ConsolePage(ui)
{
    private const int Shown = 200;

    internal Webhook Hook { get; private set; } = null!;

    internal IReadOnlyList<WebhookDelivery> Items { get; private set; } = [];

    internal override object Document => new { webhook = Hook, items = Items };

    public async Task OnGetAsync(string id)
    {
        Hook = await webhooks.FindAsync(Ui.Tenant, id, HttpContext.RequestAborted) ?? throw CreateNotFound("webhook", id);
        Items = await webhooks.DeliveriesAsync(Ui.Tenant, id, Shown, HttpContext.RequestAborted);
    }

    public async Task<IActionResult> OnPostReplayAsync(string id, string delivery)
    {
        if (await store.WriteAsync(Ui.Actor, transaction => WebhookStore.ReplayAsync(transaction, id, delivery), HttpContext.RequestAborted) == 0)
        {
            throw CreateNotFound("delivery", delivery);
        }

        jobs.Run(NotificationJob.Name);
        return Redirect($"/settings/webhooks/{Uri.EscapeDataString(id)}");
    }
}

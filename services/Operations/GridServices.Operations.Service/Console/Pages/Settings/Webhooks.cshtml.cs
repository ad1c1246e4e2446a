using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.Operations.Access;
using GridServices.Operations.Notifications;
using GridServices.Operations.Service.Notify;
using GridServices.Operations.Service.Storage;
using Microsoft.AspNetCore.Mvc;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>Addresses that are told what happens: a new one with its secret shown once, and a test.</summary>
[Needs(UserPermission.Administer)]
internal sealed class WebhooksPage(PageUi ui, WebhookStore webhooks, WebhookCommands commands, OperationsStore store, JobTrigger jobs) : FormPage(ui)
{
    internal IReadOnlyList<Webhook> Items { get; private set; } = [];

    internal WebhookMade? Made { get; private set; }

    internal override object Document => new { items = Items };

    internal static string Name(Trigger trigger) => EnumNames<Trigger>.GetName(trigger);

    internal bool IsChosen(Trigger trigger) => HttpMethods.IsPost(Request.Method) && Made is null && Request.Form["trigger"].Contains(Name(trigger));

    public Task OnGetAsync() => LoadAsync();

    public async Task OnPostAsync()
    {
        var body = new WebhookBody { Url = Required("url"), Triggers = [.. Enum.GetValues<Trigger>().Where(IsChosen)] };
        await TryAsync(async () => Made = await store.WriteAsync(Ui.Actor, transaction => commands.CreateAsync(transaction, body), HttpContext.RequestAborted));
        Response.Headers.CacheControl = "no-store";
        await LoadAsync();
    }

    public async Task<IActionResult> OnPostTestAsync(string id)
    {
        var held = await RequireAsync(id);
        await store.WriteAsync(Ui.Actor, transaction => WebhookCommands.TestAsync(transaction, held), HttpContext.RequestAborted);
        jobs.Run(NotificationJob.Name);
        return Redirect($"/settings/webhooks/{held.Id}");
    }

    public async Task<IActionResult> OnPostDeleteAsync(string id)
    {
        var held = await RequireAsync(id);
        await store.WriteAsync(Ui.Actor, transaction => transaction.DeleteAsync(webhooks, held), HttpContext.RequestAborted);
        return Redirect("/settings/webhooks");
    }

    private async Task<Webhook> RequireAsync(string id) => await webhooks.FindAsync(Ui.Tenant, id, HttpContext.RequestAborted) ?? throw CreateNotFound("webhook", id);

    private async Task LoadAsync() => Items = await webhooks.ListAsync(Ui.Tenant, HttpContext.RequestAborted);
}

using GridServices.Hosting.Refusals;
using GridServices.Operations.Access;
using GridServices.Operations.Service.Api;
using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Provisioning;
using GridServices.Operations.Service.SignIn;
using GridServices.Operations.Service.Storage;
using Microsoft.AspNetCore.Mvc;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>The tenant's rules, its users, and what waits for a second person.</summary>
[Needs(UserPermission.Administer)]
internal sealed class SettingsPage(PageUi ui, SettingsStore settings, SettingsCommands commands, UserStore users, ApprovalCommands approvals, ApprovedWork work, OperationsStore store) : ConsolePage(ui)
{
    internal TenantSettings Tenant { get; private set; } = new();

    internal IReadOnlyList<UserAccount> Users { get; private set; } = [];

    internal IReadOnlyList<ApprovalItem> Waiting { get; private set; } = [];

    internal string? Done { get; private set; }

    public async Task OnGetAsync()
    {
        var ct = HttpContext.RequestAborted;
        Tenant = await settings.GetAsync(Ui.Tenant, ct);
        Users = await users.ListAsync(Ui.Tenant, ct);
        Waiting = [.. (await approvals.ListAsync(Ui.Tenant, ct)).Where(item => item.Granted is null)];
    }

    public async Task OnPostRulesAsync(int version, bool customersOpt, bool publish)
    {
        var held = await settings.GetAsync(Ui.Tenant, HttpContext.RequestAborted);
        var next = held with { Version = version, Access = held.Access with { CustomersMayOpt = customersOpt }, PublishConnectionLimit = publish };
        await store.WriteAsync(Ui.Actor, transaction => commands.SaveAsync(transaction, next), HttpContext.RequestAborted);
        Done = "saved";
        await OnGetAsync();
    }

    public async Task<IActionResult> OnPostGrantAsync(string id)
    {
        var item = await approvals.FindAsync(Ui.Tenant, id, HttpContext.RequestAborted) ?? throw CreateNotFound("request", id);
        try
        {
            await store.WriteAsync(Ui.Actor, async transaction => await work.ExecuteAsync(transaction, await ApprovalCommands.GrantAsync(transaction, item)), HttpContext.RequestAborted);
            return Redirect("/settings");
        }
        catch (ProblemException refused) when (refused.Problem.Status == StatusCodes.Status409Conflict)
        {
            Errors["form"] = refused.Problem.Detail ?? refused.Problem.Title;
            await OnGetAsync();
            return Page();
        }
    }
}

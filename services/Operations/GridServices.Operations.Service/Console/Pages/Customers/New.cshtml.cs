using GridServices.Operations.Access;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Registry;
using GridServices.Operations.Service.SignIn;
using GridServices.Operations.Service.Storage;
using Microsoft.AspNetCore.Mvc;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>A new customer; the way back is a new site for it, unless one came from elsewhere.</summary>
[Needs(UserPermission.EditSites)]
internal sealed class NewCustomerPage(PageUi ui, CustomerHandler customers, OperationsStore store) : FormPage(ui)
{
    public string Back { get; private set; } = "/sites";

    public void OnGet(string? back) => Back = OpenIdProvider.LocalPath(back ?? "/sites");

    public async Task<IActionResult> OnPostAsync(string? back)
    {
        Back = OpenIdProvider.LocalPath(back ?? "/sites");
        var body = new CustomerBody { Name = Required("name"), LegalName = Text("legalName"), Country = Required("country").ToUpperInvariant(), BillingEmail = Text("billingEmail") };
        Customer? made = null;
        var done = await TryAsync(async () =>
        {
            Ui.Actor.Require(UserPermission.EditSites, AccessTarget.Tenant, Ui.Settings);
            made = await store.WriteAsync(Ui.Actor, transaction => customers.CreateAsync(transaction, body), HttpContext.RequestAborted);
        });
        return done ? Redirect($"/sites/new?customer={made!.Id}") : Page();
    }
}

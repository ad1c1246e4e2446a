using System.Security.Cryptography;
using GridServices.Operations.Access;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.SignIn;
using GridServices.Operations.Service.Storage;
using GridServices.Wire;
using Microsoft.AspNetCore.Mvc;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>A user: name, roles, what they are narrowed to, a first or new password, and whether the person may sign in at all.</summary>
[Needs(UserPermission.Administer)]
internal sealed class UserPage(PageUi ui, UserStore users, SessionStore sessions, CustomerStore customers, OperationsStore store) : FormPage(ui)
{
    internal UserAccount? Held { get; private set; }

    internal IReadOnlyList<(string Value, string Text)> Customers { get; private set; } = [];

    internal bool Has(UserRole role) => HttpMethods.IsPost(Request.Method) ? Request.Form["role"].Contains(role.ToString()) : Held?.Grants.Any(g => g.Role == role) == true;

    public Task OnGetAsync([FromRoute] string id) => LoadAsync(id);

    public async Task<IActionResult> OnPostAsync([FromRoute] string id, int version, bool disabled)
    {
        await LoadAsync(id);
        var name = Required("name");
        var login = Held?.Login ?? UserAccount.NormalLogin(Required("login"));
        var password = Request.Form["password"].ToString();
        if (password.Length > 0 && Passwords.Fault(password, login) is { } fault)
        {
            Errors["password"] = Ui.T[fault];
        }

        if (Held is not null && disabled && Held.Id == Ui.User!.Id)
        {
            Errors["disabled"] = Ui.T["settings.notYourself"];
        }

        if (Held is not null && Held.Version != version)
        {
            Errors["form"] = Ui.T["enroll.changedMeanwhile", Held.Updated.By];
        }

        if (Errors.Count > 0)
        {
            return Page();
        }

        if (!await SaveAsync(name, login, password.Length > 0 ? Passwords.Hash(password) : null, disabled))
        {
            Errors[Held is null ? "login" : "form"] = Ui.T["settings.loginTaken"];
            return Page();
        }

        if (Held is not null && (password.Length > 0 || disabled))
        {
            await sessions.EndOthersAsync(Ui.Tenant, Held.Id, null, HttpContext.RequestAborted);
        }

        return Redirect("/settings");
    }

    private Task<bool> SaveAsync(string name, string login, string? hash, bool disabled) => store.WriteAsync(
        Ui.Actor,
        async transaction =>
        {
            var stamp = new Stamp(transaction.Now, transaction.Actor.Name);
            var user = (Held ?? new UserAccount
            {
                Id = EntityId.Create(transaction.Now, RandomNumberGenerator.GetBytes(EntityId.RandomBytes)),
                Tenant = Ui.Tenant,
                Created = stamp,
                Updated = stamp,
                Version = 0,
                Login = login,
                Name = name,
            }) with
            {
                Name = name,
                Grants = Grants(),
                Disabled = disabled,
                Updated = stamp,
                Version = (Held?.Version ?? 0) + 1,
            };
            if (!await (Held is null ? UserStore.AddAsync(transaction.Tx, user, hash, null) : UserStore.UpdateAsync(transaction.Tx, user)))
            {
                return false;
            }

            if (Held is not null && hash is not null)
            {
                await UserStore.SetPasswordAsync(transaction.Tx, user, hash);
            }

            await transaction.AuditAsync("user", user.Id, Held is null ? "created" : "changed", Held is null ? null : UserAudit.ToJson(Held), UserAudit.ToJson(user), hash is null ? null : "with a new password");
            return true;
        },
        HttpContext.RequestAborted);

    private ValueList<AccessGrant> Grants()
    {
        var scope = new AccessScope { Sites = SplitWords("sites"), Tags = SplitWords("tags"), Customers = Text("customer") is { } customer ? [customer] : [] };
        return Request.Form["role"].Select(word => Enum.TryParse<UserRole>(word, out var role) ? role : (UserRole?)null).OfType<UserRole>().Select(role => new AccessGrant(role, scope)).ToValueList();
    }

    private ValueList<string> SplitWords(string field) => (Text(field) ?? string.Empty).Split([' ', ','], StringSplitOptions.RemoveEmptyEntries).ToValueList();

    private async Task LoadAsync(string id)
    {
        var ct = HttpContext.RequestAborted;
        Customers = [.. (await customers.PageAsync(Ui.Tenant, new ListQuery(1_000, Sort: "name"), ct)).Items.Select(c => (c.Id, c.Name))];
        if (id == "new")
        {
            return;
        }

        Held = await users.FindAsync(Ui.Tenant, id, ct) ?? throw CreateNotFound("user", id);
        var scope = Held.Grants.Select(g => g.Scope).FirstOrDefault(s => !s.IsEmpty) ?? AccessScope.Empty;
        Initial["name"] = Held.Name;
        (Initial["sites"], Initial["tags"], Initial["customer"]) = (string.Join(' ', scope.Sites), string.Join(' ', scope.Tags), scope.Customers is [var customer, ..] ? customer : null);
    }
}

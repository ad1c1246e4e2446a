using System.Security.Cryptography;
using GridServices.Operations.Access;
using GridServices.Operations.Audit;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.SignIn;
using GridServices.Operations.Service.Storage;
using Microsoft.AspNetCore.Mvc;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>Makes the first administrator, once, for who can read the service's log.</summary>
[ForEverybody]
internal sealed class SetupPage(PageUi ui, FirstAdmin first, OperationsStore store, AttemptLimiter limiter) : ConsolePage(ui)
{
    private const string FirstTenant = "default";

    internal IReadOnlyList<(string Field, string Type, string Label, string Complete)> Fields { get; } =
    [
        ("code", "text", "setup.code", "off"), ("name", "text", "setup.name", "name"), ("login", "text", "signIn.login", "username"),
        ("password", "password", "signIn.password", "new-password"),
    ];

    internal string? Value(string field) => field == "password" ? null : Request.HasFormContentType ? Request.Form[field].ToString() : Request.Query[field].ToString();

    public async Task<IActionResult> OnGetAsync() => await first.IsOpenAsync(HttpContext.RequestAborted) ? Page() : Redirect("/sign-in");

    public async Task<IActionResult> OnPostAsync(string? code, string? name, string? login, string? password)
    {
        if (!await first.IsOpenAsync(HttpContext.RequestAborted))
        {
            return Redirect("/sign-in");
        }

        if (!limiter.TryAcquire(HttpContext.Connection.RemoteIpAddress))
        {
            Errors["code"] = Ui.T["signIn.slow"];
            return Page();
        }

        Check(code, name, login, password);
        if (Errors.Count > 0)
        {
            return Page();
        }

        var user = await AddAsync(name!.Trim(), UserAccount.NormalLogin(login!), Passwords.Hash(password!));
        first.Close();
        if (user is null)
        {
            return Redirect("/sign-in");
        }

        await HttpContext.BeginSessionAsync(user, "password");
        return Redirect("/");
    }

    private void Check(string? code, string? name, string? login, string? password)
    {
        if (!first.Admits(code))
        {
            Errors["code"] = Ui.T["setup.codeWrong"];
        }

        if (string.IsNullOrWhiteSpace(name))
        {
            Errors["name"] = Ui.T["field.required"];
        }

        if (string.IsNullOrWhiteSpace(login))
        {
            Errors["login"] = Ui.T["field.required"];
        }
        else if (Passwords.Fault(password ?? string.Empty, UserAccount.NormalLogin(login)) is { } fault)
        {
            Errors["password"] = Ui.T[fault];
        }
    }

    /// <returns>Null: another one was faster.</returns>
    private Task<UserAccount?> AddAsync(string name, string login, string hash) => store.WriteAsync<UserAccount?>(
        new Actor(FirstTenant, login, AuditActorKind.User) { RequestId = HttpContext.TraceIdentifier, SourceIp = HttpContext.Connection.RemoteIpAddress?.ToString() },
        async transaction =>
        {
            var stamp = new Stamp(transaction.Now, login);
            var user = new UserAccount
            {
                Id = EntityId.Create(transaction.Now, RandomNumberGenerator.GetBytes(EntityId.RandomBytes)),
                Tenant = FirstTenant,
                Created = stamp,
                Updated = stamp,
                Version = 1,
                Login = login,
                Name = name,
                Grants = [new AccessGrant(UserRole.Admin)],
            };
            if (!await UserStore.AddAsync(transaction.Tx, user, hash, null, onlyAsFirst: true))
            {
                return null;
            }

            await transaction.AuditAsync("user", user.Id, "created", null, UserAudit.ToJson(user), "first administrator, by setup code");
            return user;
        },
        HttpContext.RequestAborted);
}

using GridServices.Operations.Access;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Console.Format;
using GridServices.Operations.Service.Console.Texts;
using GridServices.Operations.Service.Feeds;
using GridServices.Operations.Service.Notify;
using GridServices.Operations.Service.SignIn;
using GridServices.Operations.Service.Storage;
using Microsoft.AspNetCore.DataProtection;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>A person's own account: language, password, second factor, sessions.</summary>
internal sealed class AccountPage(PageUi ui, UserStore users, SessionStore sessions, RecoveryCodes recovery, CalendarFeeds feeds, NotifyOptions notify, OperationsStore store, IDataProtectionProvider protection) : ConsolePage(ui)
{
    // A new secret goes to the browser and back inside a seal, so that nothing is kept before the person has proved to hold it.
    private readonly ITimeLimitedDataProtector _seal = protection.CreateProtector("second-factor").ToTimeLimitedDataProtector();

    internal UserAccount Account { get; private set; } = null!;

    internal bool HasPassword { get; private set; }

    internal bool HasSecondFactor { get; private set; }

    internal IReadOnlyList<UserSession> Sessions { get; private set; } = [];

    internal string ThisSession => HttpContext.SignedIn()!.SessionSha256;

    internal string? Done { get; private set; }

    internal string? NewSecret { get; private set; }

    internal string? SecretProof { get; private set; }

    /// <summary>Just made, and shown once.</summary>
    internal IReadOnlyList<string> NewCodes { get; private set; } = [];

    internal long CodesLeft { get; private set; }

    /// <summary>Just made, and shown once.</summary>
    internal string? NewFeed { get; private set; }

    internal bool HasFeed { get; private set; }

    internal string SecretQr => OneTimeCodes.Qr(OneTimeCodes.Uri(NewSecret!, Account.Login));

    internal string ScopeText(AccessScope scope) => scope.IsEmpty ? Ui.T["account.everywhere"]
        : Ui.T["account.scope", List(scope.Customers), List(scope.Tags), List(scope.Sites)];

    public Task OnGetAsync() => LoadAsync();

    public async Task OnPostProfileAsync(string? language, string? zone)
    {
        await LoadAsync();
        if (!string.IsNullOrWhiteSpace(zone) && Times.Find(zone.Trim()) is null)
        {
            Errors["zone"] = Ui.T["account.zoneWrong"];
            return;
        }

        var after = Account with
        {
            Language = Language.Find(language)?.Code,
            TimeZone = string.IsNullOrWhiteSpace(zone) ? null : zone.Trim(),
            Version = Account.Version + 1,
        };
        await WriteAsync(
            async transaction =>
            {
                var stamped = after with { Updated = new Stamp(transaction.Now, Account.Login) };
                if (await UserStore.UpdateAsync(transaction.Tx, stamped))
                {
                    await transaction.AuditAsync("user", Account.Id, "changed", UserAudit.ToJson(Account), UserAudit.ToJson(stamped));
                }
            },
            "saved");
    }

    public async Task OnPostPasswordAsync(string? current, string? password)
    {
        if (!await CheckCurrentAsync("current", current))
        {
            return;
        }

        if (Passwords.Fault(password ?? string.Empty, Account.Login) is { } fault)
        {
            Errors["password"] = Ui.T[fault];
            return;
        }

        var hash = Passwords.Hash(password!);
        await WriteAsync(
            async transaction =>
            {
                await UserStore.SetPasswordAsync(transaction.Tx, Account, hash);
                await transaction.AuditAsync("user", Account.Id, "passwordChanged", null, null);
            },
            "account.passwordSaved");
        await OnPostEndOthersAsync();
    }

    public async Task OnPostStartAsync()
    {
        await LoadAsync();
        Offer(OneTimeCodes.NewSecret());
    }

    public async Task OnPostConfirmAsync(string? proof, string? digits)
    {
        await LoadAsync();
        var parts = Unseal(proof);
        if (parts is not [var owner, var secret] || owner != Account.Id)
        {
            return;
        }

        if (OneTimeCodes.Step(secret, digits ?? string.Empty, 0, Ui.Now) is not { } step)
        {
            Errors["digits"] = Ui.T["account.totpWrong"];
            Offer(secret);
            return;
        }

        await WriteAsync(
            async transaction =>
            {
                await users.SetSecondFactorAsync(transaction.Tx, Account, secret, step);
                NewCodes = await RecoveryCodes.IssueAsync(transaction, Account);
                await transaction.AuditAsync("user", Account.Id, "secondFactorSet", null, null);
            },
            "saved");
    }

    public async Task OnPostRemoveAsync(string? removal)
    {
        if (await CheckCurrentAsync("removal", removal))
        {
            await WriteAsync(
                async transaction =>
                {
                    await users.SetSecondFactorAsync(transaction.Tx, Account, null, 0);
                    await RecoveryCodes.RemoveAsync(transaction, Account);
                    await transaction.AuditAsync("user", Account.Id, "secondFactorRemoved", null, null);
                },
                "saved");
        }
    }

    public async Task OnPostRecoveryAsync(string? proving)
    {
        if (await CheckCurrentAsync("proving", proving) && HasSecondFactor)
        {
            await WriteAsync(async transaction => NewCodes = await RecoveryCodes.IssueAsync(transaction, Account), "saved");
        }
    }

    public async Task OnPostFeedAsync()
    {
        await WriteAsync(async transaction => NewFeed = $"{notify.PublicUrl.TrimEnd('/')}/calendar/{await CalendarFeeds.IssueAsync(transaction, Ui.User!.Id)}.ics", "saved");
        Response.Headers.CacheControl = "no-store";
    }

    public Task OnPostRevokeFeedAsync() => WriteAsync(transaction => CalendarFeeds.RevokeAsync(transaction, Ui.User!.Id), "saved");

    public async Task OnPostEndOthersAsync()
    {
        await sessions.EndOthersAsync(Ui.Tenant, Ui.User!.Id, ThisSession, HttpContext.RequestAborted);
        await LoadAsync();
    }

    private async Task<bool> CheckCurrentAsync(string field, string? password)
    {
        var credentials = await LoadAsync();
        if (!Passwords.Verify(credentials.PasswordHash, password ?? string.Empty))
        {
            Errors[field] = Ui.T["account.currentWrong"];
        }

        return Errors.Count == 0;
    }

    private async Task WriteAsync(Func<AuditedTransaction, Task> work, string done)
    {
        await store.WriteAsync(Ui.Actor, work, HttpContext.RequestAborted);
        Done = done;
        await LoadAsync();
    }

    private async Task<Credentials> LoadAsync()
    {
        var ct = HttpContext.RequestAborted;
        var (account, credentials) = await users.FindWithCredentialsAsync(Ui.Tenant, Ui.User!.Id, ct) ?? throw CreateNotFound("user", Ui.User.Id);
        (Account, HasPassword, HasSecondFactor) = (account, credentials.PasswordHash is not null, credentials.TotpSecret is not null);
        (CodesLeft, HasFeed) = (await recovery.LeftAsync(account, ct), await feeds.HasAsync(Ui.Tenant, account.Id, ct));
        Sessions = await sessions.ListAsync(Ui.Tenant, account.Id, Ui.Now, ct);
        return credentials;
    }

    private void Offer(string secret)
    {
        NewSecret = secret;
        SecretProof = _seal.Protect($"{Account.Id}:{secret}", TimeSpan.FromMinutes(30));
    }

    private string[] Unseal(string? proof)
    {
        try
        {
            return proof is null ? [] : _seal.Unprotect(proof).Split(':');
        }
        catch (System.Security.Cryptography.CryptographicException)
        {
            return [];
        }
    }

    private string List(GridServices.Wire.ValueList<string> names) => names.Count == 0 ? Ui.T["none"] : string.Join(", ", names);
}

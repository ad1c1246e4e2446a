using GridServices.Contracts;
using GridServices.Operations.Audit;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Console.Format;
using GridServices.Operations.Service.Console.Texts;
using GridServices.Operations.Service.Notify;
using GridServices.Operations.Service.Programs;
using GridServices.Operations.Service.Storage;
using Microsoft.AspNetCore.Mvc;
using NodaTime;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>What a signer sees who comes by the link in the mail, without an account. Opening it uses nothing up: mail scanners open links too.</summary>
[ForEverybody]
internal sealed class SignPage(
    PageUi ui, SignatureStore signatures, SignatureCommands commands, EnrollmentStore enrollments, ProgramStore programs, SiteStore sites, ContactStore contacts, CustomerStore customers,
    MeterPointStore meters, NominationStore nominations, SettingsStore settings, OperationsStore store) : FormPage(ui)
{
    private const int MostReason = 500;
    private SignatureRequest? _request;

    /// <summary>Null: there is nothing to sign, and <see cref="Says"/> tells why.</summary>
    internal ConsentTerms? Terms { get; private set; }

    internal Contact Signer { get; private set; } = null!;

    internal Customer Customer { get; private set; } = null!;

    internal Site Site { get; private set; } = null!;

    internal Instant? Expires => _request?.ExpiresAt;

    /// <summary>The key of what is said instead.</summary>
    internal string Says { get; private set; } = "signPage.unknown";

    internal Instant? At { get; private set; }

    public async Task OnGetAsync(string token) => await LoadAsync(token);

    public async Task<IActionResult> OnPostAsync(string token, string? terms)
    {
        await LoadAsync(token);
        if (Terms is null)
        {
            return Page();
        }

        if (terms != Terms.Hash)
        {
            Errors["terms"] = Ui.T["signPage.changed"];
        }

        if (!IsSigner(Required("name")) && Errors.Count == 0)
        {
            Errors["name"] = Ui.T["signPage.nameDiffers", Signer.Name];
        }

        return await EndAsync(transaction => commands.SignAsync(transaction, _request!, Terms.Scope));
    }

    public async Task<IActionResult> OnPostDeclineAsync(string token)
    {
        await LoadAsync(token);
        if (Terms is null)
        {
            return Page();
        }

        var reason = SafeText.Line(Required("reason"));
        if (reason.Length > MostReason)
        {
            Errors["reason"] = Ui.T["signPage.reasonLong", MostReason];
        }

        return await EndAsync(transaction => commands.DeclineAsync(transaction, _request!, reason));
    }

    /// <summary>Done once; who comes later is told how it ended.</summary>
    private async Task<IActionResult> EndAsync(Func<AuditedTransaction, Task<bool>> end)
    {
        if (Errors.Count > 0)
        {
            return Page();
        }

        await store.WriteAsync(
            new Actor(_request!.Tenant, _request.ContactId, AuditActorKind.User) { RequestId = HttpContext.TraceIdentifier, SourceIp = HttpContext.Connection.RemoteIpAddress?.ToString() }, end, HttpContext.RequestAborted);
        return Redirect(Request.Path);
    }

    private async Task LoadAsync(string token)
    {
        var ct = HttpContext.RequestAborted;
        Response.Headers["Referrer-Policy"] = "no-referrer";
        Response.Headers["X-Robots-Tag"] = "noindex";
        if (await signatures.FindByTokenAsync(token, ct) is not { } request || !await ReadAsync(request, ct))
        {
            Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        _request = request;
        var held = await enrollments.FindAsync(request.Tenant, request.EnrollmentId, ct);
        var template = held is null ? null : await programs.FindAsync(request.Tenant, held.Template.Code, held.Template.Version, ct);
        if (held is null || template is null)
        {
            return;
        }

        Ui.SetLanguage(await LanguageAsync(ct), Times.Find(Signer.TimeZone) ?? DateTimeZoneProviders.Tzdb[Site.TimeZone]);
        var state = request.StateAt(Ui.Now);
        var isOver = SignatureRequest.FindObstacle(held, template, Ui.Now) is not null || Signer.Role != ContactRole.AuthorizedSigner;
        At = request.EndedAt ?? request.ExpiresAt;
        Says = state == SignatureState.Sent && isOver ? "signPage.notNeeded" : $"signPage.is{state}";
        if (state == SignatureState.Sent && !isOver)
        {
            Terms = ConsentTerms.Create(
                Ui, held, template, Site, await meters.ListBySiteAsync(request.Tenant, Site.SiteId, ct), await nominations.ListByEnrollmentAsync(request.Tenant, held.Id, ct), request.ConsentUntil);
        }
        else if (state != SignatureState.Signed)
        {
            Response.StatusCode = StatusCodes.Status410Gone;
        }
    }

    private async Task<bool> ReadAsync(SignatureRequest request, CancellationToken ct)
    {
        if (await contacts.FindAsync(request.Tenant, request.ContactId, ct) is not { } signer || await customers.FindAsync(request.Tenant, signer.CustomerId, ct) is not { } customer
            || await enrollments.FindAsync(request.Tenant, request.EnrollmentId, ct) is not { } held || await sites.FindBySiteIdAsync(request.Tenant, held.SiteId, ct) is not { } site)
        {
            return false;
        }

        (Signer, Customer, Site) = (signer, customer, site);
        return true;
    }

    private async Task<Language> LanguageAsync(CancellationToken ct) =>
        Language.Find(Signer.Language ?? Customer.Language ?? (await settings.GetAsync(Signer.Tenant, ct)).Language) ?? Language.English;

    /// <summary>Capitals, spaces and marks between are not asked for; another name is another person.</summary>
    private bool IsSigner(string typed) => Normalize(typed) == Normalize(Signer.Name);

    private static string Normalize(string name) => string.Concat(name.Where(char.IsLetterOrDigit).Select(char.ToUpperInvariant));
}

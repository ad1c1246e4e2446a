using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Operations.Access;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Notifications;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Notify;
using Microsoft.AspNetCore.Mvc;

namespace GridServices.Operations.Service.Console.Pages;

internal sealed partial class EnrollmentPage
{
    /// <summary>The last request to the signer; null: none was made.</summary>
    internal SignatureRequest? Signature { get; private set; }

    internal SignatureState? Stands => Signature?.StateAt(Ui.Now);

    /// <summary>Why the mail with the link is not sent yet.</summary>
    internal string? SignatureProblem { get; private set; }

    /// <summary>Who signed or was asked, masked for who may not see personal data.</summary>
    internal string? SignerName { get; private set; }

    internal IReadOnlyList<(string Value, string Text)> Signers { get; private set; } = [];

    internal bool MayAsk => MayEdit && SignatureRequest.FindObstacle(Held, Template, Ui.Now) is null;

    internal bool MayRevoke => MayEdit && Signature is { EndedAt: null };

    public Task<IActionResult> OnPostAskAsync(string id) => SignAsync(id, async transaction =>
        await signing.AskAsync(transaction, Held, new SignatureBody { ContactId = Text("contactId"), Until = Date("until") }));

    public Task<IActionResult> OnPostRevokeAsync(string id) => SignAsync(id, transaction => signing.RevokeAsync(transaction, Held, null));

    private async Task<IActionResult> SignAsync(string id, Func<Storage.AuditedTransaction, Task> work)
    {
        await LoadAsync(id);
        RequireEdit();
        var done = await TryAsync(async () =>
        {
            try
            {
                await store.WriteAsync(Ui.Actor, work, HttpContext.RequestAborted);
            }
            catch (ProblemException refused) when (refused.Problem.Status == StatusCodes.Status409Conflict)
            {
                Errors["contactId"] = refused.Problem.Detail ?? refused.Problem.Title;
            }
        });
        return done ? Redirect($"/enrollments/{id}#signature") : Page();
    }

    private async Task LoadSignatureAsync(Site? site, CancellationToken ct)
    {
        if (site is null || !Template.NeedsConsent)
        {
            return;
        }

        Signature = (await signatures.ListByEnrollmentAsync(Ui.Tenant, Held.Id, ct)) is [var last, ..] ? last : null;
        var all = (await contacts.ListByCustomerAsync(Ui.Tenant, site.CustomerId, ct))
            .Select(c => Ui.May(UserPermission.SeePersonalData, AccessTarget.From(site)) ? c : contactHandler.Mask(c)).ToList();
        Signers = [.. all.Where(c => c.Role == ContactRole.AuthorizedSigner && (c.SiteId is null || c.SiteId == site.SiteId)).Select(c => (c.Id, $"{c.Name}, {c.Email}"))];
        var who = Held.Consent is { } consent && Stands is null or SignatureState.Signed ? Held.Consent?.ContactId : Signature?.ContactId;
        SignerName = all.Find(c => c.Id == who)?.Name;
        if (Signature is { EndedAt: null } open)
        {
            SignatureProblem = await notifications.FindProblemAsync(Ui.Tenant, $"{EnumNames<Trigger>.GetName(Trigger.SignatureAsked)}|{open.EnrollmentId}|{open.Id}|{open.ContactId}|{EnumNames<Channel>.GetName(Channel.Email)}", ct);
        }
    }
}

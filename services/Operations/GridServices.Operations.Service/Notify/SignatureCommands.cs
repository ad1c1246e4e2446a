using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.Hosting.Refusals;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Notifications;
using GridServices.Operations.Programs;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Programs;
using GridServices.Operations.Service.Registry;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Notify;

/// <summary>A request to a signer as it is asked for.</summary>
public sealed record SignatureBody
{
    /// <summary>A contact of the customer with role authorizedSigner; absent = the only one.</summary>
    public string? ContactId { get; init; }

    /// <summary>Last day of the consent; absent = until revoked.</summary>
    public LocalDate? Until { get; init; }
}

/// <summary>Asks signers by mail, takes requests back, and does what the signer decided.</summary>
internal sealed class SignatureCommands(
    EnrollmentStore enrollments, SiteStore sites, ContactStore contacts, CustomerStore customers, EnrollmentCommands commands, JobTrigger jobs)
{
    /// <summary>Mails the signer a link. An earlier one works no more, so this is how it is sent again too.</summary>
    /// <exception cref="ProblemException">409: nothing is to be signed.</exception>
    /// <exception cref="FormException">There is no such signer, or there are several.</exception>
    internal async Task<SignatureRequest> AskAsync(AuditedTransaction transaction, Enrollment held, SignatureBody body)
    {
        var template = await TemplateAsync(transaction, held);
        if (SignatureRequest.FindObstacle(held, template, transaction.Now) is { } obstacle)
        {
            throw new ProblemException(ErrorClass.Conflict, $"No signature can be asked for: {obstacle}.");
        }

        var site = await sites.FindBySiteIdAsync(transaction.Tx, held.Tenant, held.SiteId) ?? throw new ProblemException(ErrorClass.Conflict, "The site is gone.");
        var signer = await SignerAsync(transaction, site, body.ContactId);
        if (body.Until is { } last && last < held.Period.From)
        {
            throw new FormException(ErrorClass.SemanticOrder, "/until", "must not be before the enrollment's period begins");
        }

        await EndOpenAsync(transaction, held, SignatureEnd.Replaced, null);
        var request = new SignatureRequest
        {
            Id = transaction.NewId(),
            Tenant = held.Tenant,
            EnrollmentId = held.Id,
            ContactId = signer.Id,
            Asked = new Stamp(transaction.Now, transaction.Actor.Name),
            ConsentUntil = body.Until,
        };
        await SignatureStore.AddAsync(transaction, request, held.SiteId);
        await QueueAsync(transaction, request, template, site, signer);
        await commands.EvaluateAsync(transaction, held.Id);
        return request;
    }

    /// <summary>Takes the open request back; its link works no more.</summary>
    /// <exception cref="ProblemException">409: none is open.</exception>
    internal async Task<Enrollment> RevokeAsync(AuditedTransaction transaction, Enrollment held, string? reason)
    {
        if (!await EndOpenAsync(transaction, held, SignatureEnd.Revoked, reason))
        {
            throw new ProblemException(ErrorClass.Conflict, "No request to a signer is open.");
        }

        return await commands.EvaluateAsync(transaction, held.Id);
    }

    /// <summary>The signer signs what <paramref name="scope"/> says; false: the link has been used or taken back in the meantime.</summary>
    internal async Task<bool> SignAsync(AuditedTransaction transaction, SignatureRequest request, string scope)
    {
        var held = await HeldAsync(transaction, request);
        if (!await SignatureStore.EndAsync(transaction, request, SignatureEnd.Signed, null))
        {
            return false;
        }

        var consent = new Consent { ContactId = request.ContactId, SignedAt = transaction.Now, Scope = scope, Until = request.ConsentUntil };
        await transaction.UpdateAsync(enrollments, held, held with { Consent = consent }, "signed");
        await commands.EvaluateAsync(transaction, held.Id);
        return true;
    }

    /// <summary>The signer does not sign; false: the link has been used or taken back in the meantime.</summary>
    internal async Task<bool> DeclineAsync(AuditedTransaction transaction, SignatureRequest request, string reason)
    {
        var held = await HeldAsync(transaction, request);
        if (!await SignatureStore.EndAsync(transaction, request, SignatureEnd.Declined, reason, held.SiteId))
        {
            return false;
        }

        await commands.EvaluateAsync(transaction, held.Id);
        return true;
    }

    private async Task<Enrollment> HeldAsync(AuditedTransaction transaction, SignatureRequest request) =>
        await enrollments.FindAsync(transaction.Tx, request.Tenant, request.EnrollmentId) ?? throw new ProblemException(ErrorClass.NotFound, "The enrollment is gone.");

    private static async Task<bool> EndOpenAsync(AuditedTransaction transaction, Enrollment held, SignatureEnd end, string? reason)
    {
        if (await SignatureStore.FindLastAsync(transaction.Tx, held.Tenant, held.Id) is not { EndedAt: null } open)
        {
            return false;
        }

        // A mail that waits for the mail server must not bring a link that works no more.
        await WaitingMessages.WithdrawAsync(transaction, open.EnrollmentId, Trigger.SignatureAsked);
        return await SignatureStore.EndAsync(transaction, open, end, reason, held.SiteId);
    }

    private async Task<Contact> SignerAsync(AuditedTransaction transaction, Site site, string? contactId)
    {
        Contact[] signers = [.. (await contacts.ListByCustomerAsync(transaction.Tx, site.Tenant, site.CustomerId)).Where(c => c.Role == ContactRole.AuthorizedSigner && (c.SiteId is null || c.SiteId == site.SiteId))];
        return signers switch
        {
            _ when contactId is not null => signers.FirstOrDefault(c => c.Id == contactId) ?? throw new FormException(ErrorClass.UnknownId, "/contactId", "is no contact with role authorizedSigner of this site's customer"),
            [var only] => only,
            [] => throw new FormException(ErrorClass.SemanticEmpty, "/contactId", "there is no contact with role authorizedSigner; add one"),
            _ => throw new FormException(ErrorClass.SemanticEmpty, "/contactId", $"is needed, for {signers.Length} contacts may sign"),
        };
    }

    private async Task QueueAsync(AuditedTransaction transaction, SignatureRequest request, ProgramTemplate template, Site site, Contact signer)
    {
        var customer = await customers.FindAsync(transaction.Tx, site.Tenant, site.CustomerId);
        var language = signer.Language ?? customer?.Language ?? (await SettingsStore.GetAsync(transaction.Tx, site.Tenant)).Language;
        var notice = OfficeNotices.SignatureAsked(request, template, site, new SiteOwner(site.SiteId, site.CustomerId));
        await NotificationStore.QueueAsync(transaction, NotificationPlan.CreateMessage(Recipient.From(signer, language, site.TimeZone), notice, Channel.Email));
        transaction.AfterCommit(() => jobs.Run(NotificationJob.Name));
    }

    private static async Task<ProgramTemplate> TemplateAsync(AuditedTransaction transaction, Enrollment held) =>
        await ProgramStore.FindAsync(transaction.Tx, held.Tenant, held.Template.Code, held.Template.Version) ?? throw new InvalidDataException($"The program template {held.Template} of enrollment {held.Id} is gone.");
}

using GridServices.Operations.Programs;
using GridServices.Operations.Registry;
using GridServices.Operations.Registry.Identifiers;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Operations.Enrollments;

/// <summary>What has to be done before an enrollment can be handed in, and later what endangers it.</summary>
public static class RequiredActions
{
    /// <summary>In the order of the wizard's steps. Those without a date of their own are due when the application is.</summary>
    public static ValueList<RequiredAction> Compute(Enrollment enrollment, EnrollmentFacts facts, Instant now)
    {
        ArgumentNullException.ThrowIfNull(enrollment);
        ArgumentNullException.ThrowIfNull(facts);
        var due = Deadlines.Application(facts.Template, enrollment.Period);
        return SiteAndMeters(enrollment, facts, now)
            .Concat(FormAnswers.Check(facts.Template, enrollment.Answers))
            .Concat(Documents(enrollment, facts.Template))
            .Concat(IdentityActions.Compute(enrollment, facts, now))
            .Concat(Signature(enrollment, facts, now))
            .Concat(NominationActions(enrollment, facts, now))
            .Select(action => action.Due is null && action.Blocks ? action with { Due = due } : action)
            .ToValueList();
    }

    internal static RequiredAction Action(string code, string pointer, string text, ActionOwner owner = ActionOwner.Us, string? subject = null) =>
        new() { Code = code, Owner = owner, Pointer = pointer, Text = text, Subject = subject };

    private static IEnumerable<RequiredAction> SiteAndMeters(Enrollment enrollment, EnrollmentFacts facts, Instant now)
    {
        if (facts.Site is not { } site)
        {
            return [Action("site.missing", "/siteId", "the site does not exist")];
        }

        var meters = facts.MeterPoints.Where(m => enrollment.MeterPointIds.Contains(m.Id)).ToList();
        var conflicts = DualParticipation.Conflicts(enrollment, facts.Template, facts.Others);
        var today = now.InZone(DateTimeZoneProviders.Tzdb[facts.Template.TimeZone]).Date;
        var offered = facts.Nominations.Where(n => n.EnrollmentId == enrollment.Id && !n.Prefilled).Select(n => (decimal?)n.Kw).Max();
        var eligibility = Eligibility.Evaluate(facts.Template, site, meters, conflicts, offered, today);
        return ConnectionLimit.Compute(site).Actions
            .Concat(eligibility.Reasons.Where(r => r.Code.StartsWith("eligibility.", StringComparison.Ordinal)).Select(AsAction))
            .Concat(Meters(enrollment, meters, facts.Template))
            .Concat(Generators(enrollment, facts, today));
    }

    private static RequiredAction AsAction(EligibilityReason reason) =>
        Action(reason.Code, reason.Code == "eligibility.meterMissing" ? "/meterPointIds" : string.Empty, reason.Text);

    private static IEnumerable<RequiredAction> Meters(Enrollment enrollment, List<MeterPoint> meters, ProgramTemplate template)
    {
        foreach (var missing in enrollment.MeterPointIds.Where(id => meters.All(m => m.Id != id)))
        {
            yield return Action("meter.missing", "/meterPointIds", $"meter point {missing} does not exist at this site", subject: missing);
        }

        foreach (var meter in meters)
        {
            var check = MeterIdentifiers.Check(meter.Scheme, meter.Identifier, template.Utility);
            if (check.Verdict != IdentifierVerdict.Valid)
            {
                yield return Action(check.Code!, "/meterPointIds", $"meter {meter.Identifier}: {check.Text}", subject: meter.Id) with { Blocks = check.Verdict == IdentifierVerdict.Error };
            }
        }
    }

    private static IEnumerable<RequiredAction> Generators(Enrollment enrollment, EnrollmentFacts facts, LocalDate today) =>
        facts.Assets
            .Where(a => a.Kind == AssetKind.Generator && enrollment.AssetIds.Contains(a.Id) && a.PermitUntil < today)
            .Select(a => Action("permit.expired", "/assetIds", $"the permit {a.PermitNo} of {a.Name} ended on {a.PermitUntil:yyyy-MM-dd}", ActionOwner.Customer, a.Id));

    private static IEnumerable<RequiredAction> Documents(Enrollment enrollment, ProgramTemplate template) =>
        template.RequiredDocuments
            .Where(d => FormAnswers.IsAsked(d.When, enrollment.Answers) && enrollment.Documents.All(have => have.Name != d.Name))
            .Select(d => Action("document.missing", $"/documents/{d.Name}", $"{d.Label}: not handed in yet", ActionOwner.Customer, d.Name));

    private static IEnumerable<RequiredAction> Signature(Enrollment enrollment, EnrollmentFacts facts, Instant now)
    {
        if (!facts.Template.NeedsConsent)
        {
            yield break;
        }

        if (facts.Contacts.All(c => c.Role != ContactRole.AuthorizedSigner))
        {
            yield return Action("signer.missing", "/contactIds", "no contact may sign for the customer; add one with the role authorizedSigner");
        }

        if (!SignatureRequest.IsSigned(enrollment, facts.Template, now))
        {
            yield return FindSignatureAction(facts.Signature, now) ?? enrollment.Consent switch
            {
                null => Action("signature.missing", "/consent", "the customer has not signed yet", ActionOwner.Customer),
                { RevokedAt: not null } => Action("signature.revoked", "/consent", "the customer has revoked the consent", ActionOwner.Customer),
                var over => Action("signature.expired", "/consent", $"the consent ended on {over.Until:yyyy-MM-dd}; have it signed again", ActionOwner.Customer),
            };
        }
    }

    /// <summary>What became of the signer's link; null where none was sent since the consent was last given.</summary>
    private static RequiredAction? FindSignatureAction(SignatureRequest? request, Instant now) => request?.StateAt(now) switch
    {
        SignatureState.Waiting or SignatureState.Sent => Action("signature.asked", "/consent", "the signer has a link to sign by and has not used it yet", ActionOwner.Customer),
        SignatureState.Expired => Action("signature.linkExpired", "/consent", "the signer's link is over; send another"),
        SignatureState.Declined => Action("signature.declined", "/consent", $"the signer declined: {request.Reason}", subject: request.Reason),
        _ => null,
    };

    private static IEnumerable<RequiredAction> NominationActions(Enrollment enrollment, EnrollmentFacts facts, Instant now) =>
        NominationCalendar.Due(enrollment, facts.Template, facts.Nominations, now)
            .Where(due => !due.IsDone)
            .Select(due => Action(due.Existing is null ? "nomination.missing" : "nomination.unconfirmed", "/nominations", $"nominate for {due.DeliveryPeriod}", subject: due.DeliveryPeriod)
                with
            { Due = due.Deadline, Blocks = facts.Template.Nomination.Rule == NominationRule.PerSeason });
}

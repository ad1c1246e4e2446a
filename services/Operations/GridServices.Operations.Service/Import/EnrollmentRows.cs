using GridServices.Contracts;
using GridServices.Operations.Bulk;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Registry;
using GridServices.Operations.Registry.Identifiers;
using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Registry;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Import;

/// <summary>Applies rows of enrollments and nominations.</summary>
internal sealed class EnrollmentRows(
    EnrollmentHandler enrollments, EnrollmentStore store, NominationHandler nominations, NominationStore nominationStore, MeterPointStore meters, ContactStore contacts, SiteStore sites, CertificateStore certificates)
{
    /// <summary>The enrollment of a site in a program: the one that is not over.</summary>
    /// <exception cref="FormException">There is none.</exception>
    internal async Task<Enrollment> RequireAsync(AuditedTransaction transaction, string siteId, string program) =>
        (await store.ListBySiteAsync(transaction.Tx, transaction.Actor.Tenant, siteId)).LastOrDefault(e => e.Template.Code == program && e.State is not (EnrollmentState.Ended or EnrollmentState.Withdrawn or EnrollmentState.Rejected))
            ?? throw new FormException(ErrorClass.UnknownId, "/program_code", $"the site is not in {program}");

    internal async Task<(BulkEffect Effect, string EntityId, string? Url)> EnrollmentAsync(AuditedTransaction transaction, BulkRow row, EnrollmentRow read, AppliedRow? applied)
    {
        var held = (await store.ListBySiteAsync(transaction.Tx, transaction.Actor.Tenant, read.SiteId)).LastOrDefault(e => e.Template.Code == read.ProgramCode && e.Period.From == read.Period.From);
        var effect = BulkDecision.Decide(row, applied?.RowHash, held is not null);
        if (effect == BulkEffect.Nothing)
        {
            return (effect, held!.Id, RowApplier.GetUrl("enrollments", held.Id));
        }

        var body = await BodyAsync(transaction, read, held);
        var saved = held is null ? await enrollments.CreateAsync(transaction, body) : await enrollments.ChangeAsync(transaction, held, body);
        if (read.NominatedKw is { } kw)
        {
            await NominateAsync(transaction, saved, new NominationBody
            {
                EnrollmentId = saved.Id,
                DeliveryPeriod = $"{read.Period.From:yyyy}",
                Product = read.Product,
                Kw = kw,
                FirmServiceLevelKw = read.FirmServiceLevelKw,
                BaselineOption = read.BaselineOption,
                Group = read.ExternalGroup,
            });
        }

        return (effect, saved.Id, RowApplier.GetUrl("enrollments", saved.Id));
    }

    internal async Task<(BulkEffect Effect, string EntityId, string? Url)> NominationAsync(AuditedTransaction transaction, BulkRow row, NominationRow read, AppliedRow? applied)
    {
        var enrollment = read.EnrollmentId is { } id
            ? await store.FindAsync(transaction.Tx, transaction.Actor.Tenant, id) ?? throw new FormException(ErrorClass.UnknownId, "/enrollment_id", "is no enrollment of this tenant")
            : await RequireAsync(transaction, read.SiteId!, read.ProgramCode!);
        var held = (await nominationStore.ListByEnrollmentAsync(transaction.Tx, transaction.Actor.Tenant, enrollment.Id)).FirstOrDefault(n => n.DeliveryPeriod == read.DeliveryPeriod);
        var effect = BulkDecision.Decide(row, applied?.RowHash, held is not null);
        if (effect == BulkEffect.Nothing)
        {
            return (effect, held!.Id, RowApplier.GetUrl("nominations", held.Id));
        }

        var saved = await NominateAsync(transaction, enrollment, new NominationBody
        {
            EnrollmentId = enrollment.Id,
            DeliveryPeriod = read.DeliveryPeriod,
            Product = read.Product,
            Kw = read.Nominate ? read.Kw : 0,
            BaselineOption = read.BaselineOption,
            Group = read.ExternalGroup,
            FirmServiceLevelKw = held?.FirmServiceLevelKw,
        });
        return (effect, saved.Id, RowApplier.GetUrl("nominations", saved.Id));
    }

    private async Task<Nomination> NominateAsync(AuditedTransaction transaction, Enrollment enrollment, NominationBody body)
    {
        var held = (await nominationStore.ListByEnrollmentAsync(transaction.Tx, transaction.Actor.Tenant, enrollment.Id)).FirstOrDefault(n => n.DeliveryPeriod == body.DeliveryPeriod);
        return held is null ? await nominations.CreateAsync(transaction, body) : await nominations.ChangeAsync(transaction, held, body);
    }

    private async Task<EnrollmentBody> BodyAsync(AuditedTransaction transaction, EnrollmentRow read, Enrollment? held)
    {
        var points = await meters.ListBySiteAsync(transaction.Tx, transaction.Actor.Tenant, read.SiteId);
        var meter = read.MeterIdentifier is null ? null
            : points.FirstOrDefault(m => m.Identifier == MeterIdentifiers.Check(m.Scheme, read.MeterIdentifier).Normal) ?? throw new FormException(ErrorClass.UnknownId, "/meter_identifier", "is no meter point of this site; import meters first");
        var body = held is null ? new EnrollmentBody { SiteId = read.SiteId, Program = read.ProgramCode, Period = read.Period } : enrollments.ToBody(held);
        return body with
        {
            Period = read.Period,
            MeterPointIds = meter is null ? body.MeterPointIds : [meter.Id],
            OptPolicy = read.OptPolicy ?? body.OptPolicy,
            Identity = body.Identity with
            {
                VenName = read.VenName ?? body.Identity.VenName,
                VenId = read.VenId ?? body.Identity.VenId,
                MarketContext = read.MarketContext ?? body.Identity.MarketContext,
                CertificateId = await CertificateAsync(transaction, read.CertificateRef) ?? body.Identity.CertificateId,
                Nmi = read.Nmi ?? body.Identity.Nmi,
                Lfdi = read.Lfdi ?? body.Identity.Lfdi,
                Pin = read.Pin ?? body.Identity.Pin,
            },
            Answers = Merged(Generator(body.Answers, read.Generator), read.Answers.All),
            Consent = await ConsentAsync(transaction, read) ?? body.Consent,
        };
    }

    private static Answers Merged(Answers before, IEnumerable<KeyValuePair<string, string>> read)
    {
        foreach (var (field, value) in read)
        {
            before = before.With(field, value);
        }

        return before;
    }

    private static Answers Generator(Answers answers, GeneratorAnswer? generator) => generator is null ? answers : answers
        .With("generator", generator.IsThere ? "true" : "false").With("generatorKw", generator.Kw?.ToString(System.Globalization.CultureInfo.InvariantCulture)).With("generatorFuel", generator.Fuel).With("generatorPermit", generator.Permit);

    private async Task<string?> CertificateAsync(AuditedTransaction transaction, string? reference) => reference is null ? null
        : (await certificates.FindAsync(transaction.Tx, transaction.Actor.Tenant, reference))?.Id ?? throw new FormException(ErrorClass.UnknownId, "/cert_ref", "is no certificate of this tenant");

    private async Task<Consent?> ConsentAsync(AuditedTransaction transaction, EnrollmentRow read)
    {
        if (read.SignerEmail is not { } email || read.ConsentDate is not { } day || await sites.FindBySiteIdAsync(transaction.Tx, transaction.Actor.Tenant, read.SiteId) is not { } site)
        {
            return null;
        }

        var signer = (await contacts.ListByCustomerAsync(transaction.Tx, transaction.Actor.Tenant, site.CustomerId)).FirstOrDefault(c => c.Role == ContactRole.AuthorizedSigner && string.Equals(c.Email, email, StringComparison.OrdinalIgnoreCase))
            ?? throw new FormException(ErrorClass.UnknownId, "/signer_email", "is no contact of role authorizedSigner of the customer; import contacts first");
        return new Consent { ContactId = signer.Id, SignedAt = DateTimeZoneProviders.Tzdb[site.TimeZone].AtStartOfDay(day).ToInstant(), Scope = $"import: consent of {day}" };
    }
}

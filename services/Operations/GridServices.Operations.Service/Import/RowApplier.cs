using GridServices.Contracts;
using GridServices.Operations.Bulk;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Registry;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Import;

/// <summary>Makes or changes what a row is about, by the same handlers as the API and the console.</summary>
internal sealed class RowApplier(
    CustomerHandler customers, CustomerStore customerStore, SiteHandler sites, SiteStore siteStore, MeterPointHandler meters, MeterPointStore meterStore, ContactHandler contacts, ContactStore contactStore,
    EnrollmentRows enrollments, OptPlanHandler optPlans, OptPlanStore optPlanStore)
{
    /// <exception cref="FormException">The row can't be applied.</exception>
    internal Task<(BulkEffect Effect, string EntityId, string? Url)> ApplyAsync(AuditedTransaction transaction, BulkRow row, BulkRecord record, AppliedRow? applied) => record switch
    {
        SiteRow site => SiteAsync(transaction, row, site, applied),
        MeterRow meter => MeterAsync(transaction, row, meter, applied),
        ContactRow contact => ContactAsync(transaction, row, contact, applied),
        EnrollmentRow enrollment => enrollments.EnrollmentAsync(transaction, row, enrollment, applied),
        NominationRow nomination => enrollments.NominationAsync(transaction, row, nomination, applied),
        OptPlanRow plan => OptPlanAsync(transaction, row, plan, applied),
        _ => throw new InvalidDataException($"Rows of {record.GetType().Name} are not applied here."),
    };

    private async Task<(BulkEffect, string, string?)> SiteAsync(AuditedTransaction transaction, BulkRow row, SiteRow site, AppliedRow? applied)
    {
        var held = await siteStore.FindBySiteIdAsync(transaction.Tx, transaction.Actor.Tenant, site.SiteId);
        var effect = BulkDecision.Decide(row, applied?.RowHash, held is not null);
        if (effect == BulkEffect.Nothing)
        {
            return (effect, held!.Id, GetUrl("sites", held.Id));
        }

        var customer = await CustomerAsync(transaction, site.CustomerName, site.Address.Country);
        var body = (held is null ? null : sites.ToBody(held)) ?? new SiteBody
        {
            SiteId = site.SiteId,
            CustomerId = customer.Id,
            Name = site.SiteName,
            Address = AddressBody.From(site.Address),
            TimeZone = site.TimeZone,
            Connection = new SiteConnection(),
        };
        body = body with
        {
            CustomerId = customer.Id,
            Name = site.SiteName,
            Address = AddressBody.From(site.Address),
            TimeZone = site.TimeZone,
            Tags = site.Tags,
            Connection = body.Connection with { ImportMaxW = site.ImportMaxW ?? body.Connection.ImportMaxW, ExportMaxW = site.ExportMaxW ?? body.Connection.ExportMaxW, Wiring = site.Wiring ?? body.Connection.Wiring },
        };
        var saved = held is null ? await sites.CreateAsync(transaction, body) : await sites.ChangeAsync(transaction, held, body);
        return (effect, saved.Id, GetUrl("sites", saved.Id));
    }

    private async Task<(BulkEffect, string, string?)> MeterAsync(AuditedTransaction transaction, BulkRow row, MeterRow meter, AppliedRow? applied)
    {
        var held = await meterStore.FindByIdentifierAsync(transaction.Tx, transaction.Actor.Tenant, meter.Scheme, meter.Identifier);
        var effect = BulkDecision.Decide(row, applied?.RowHash, held is not null);
        if (effect == BulkEffect.Nothing)
        {
            return (effect, held!.Id, GetUrl("meter-points", held.Id));
        }

        var body = (held is null ? null : meters.ToBody(held)) ?? new MeterPointBody { SiteId = meter.SiteId, Kind = meter.Kind, Scheme = meter.Scheme, Identifier = meter.Identifier };
        body = body with
        {
            SiteId = meter.SiteId,
            Kind = meter.Kind,
            AccountNo = meter.AccountNo,
            MeterNo = meter.MeterNo,
            IntervalMinutes = meter.IntervalMinutes,
            TariffId = meter.TariffId ?? body.TariffId,
            DataSource = meter.DataSource,
        };
        var saved = held is null ? await meters.CreateAsync(transaction, body) : await meters.ChangeAsync(transaction, held, body);
        return (effect, saved.Id, GetUrl("meter-points", saved.Id));
    }

    private async Task<(BulkEffect, string, string?)> ContactAsync(AuditedTransaction transaction, BulkRow row, ContactRow contact, AppliedRow? applied)
    {
        var customer = await ExistingAsync(transaction, contact.CustomerName);
        var held = (await contactStore.ListByCustomerAsync(transaction.Tx, transaction.Actor.Tenant, customer.Id))
            .FirstOrDefault(c => c.Role == contact.Role && c.SiteId == contact.SiteId && string.Equals(c.Email, contact.Email, StringComparison.OrdinalIgnoreCase));
        var effect = BulkDecision.Decide(row, applied?.RowHash, held is not null);
        if (effect == BulkEffect.Nothing)
        {
            return (effect, held!.Id, GetUrl("contacts", held.Id));
        }

        var body = new ContactBody
        {
            CustomerId = customer.Id,
            SiteId = contact.SiteId,
            Name = contact.Name,
            Email = contact.Email,
            Phone = contact.Phone,
            Role = contact.Role,
            Language = contact.Language,
            Channels = contact.Channels,
            QuietHours = held?.QuietHours,
            TimeZone = held?.TimeZone,
        };
        var saved = held is null ? await contacts.CreateAsync(transaction, body) : await contacts.ChangeAsync(transaction, held, body);
        return (effect, saved.Id, GetUrl("contacts", saved.Id));
    }

    private async Task<(BulkEffect, string, string?)> OptPlanAsync(AuditedTransaction transaction, BulkRow row, OptPlanRow plan, AppliedRow? applied)
    {
        var site = await siteStore.FindBySiteIdAsync(transaction.Tx, transaction.Actor.Tenant, plan.SiteId) ?? throw new FormException(ErrorClass.UnknownId, "/site_id", "is no site of this tenant");
        var held = applied is null ? null : await optPlanStore.FindAsync(transaction.Tx, transaction.Actor.Tenant, applied.EntityId);
        var effect = BulkDecision.Decide(row, applied?.RowHash, held is not null);
        if (effect == BulkEffect.Nothing)
        {
            return (effect, held!.Id, GetUrl("opt-plans", held.Id));
        }

        var zone = DateTimeZoneProviders.Tzdb[site.TimeZone];
        var enrollment = plan.ProgramCode is null ? null : await enrollments.RequireAsync(transaction, plan.SiteId, plan.ProgramCode);
        var body = new OptPlanBody { SiteId = plan.SiteId, EnrollmentId = enrollment?.Id, From = At(plan.From, zone, "/from_local"), Until = At(plan.Until, zone, "/until_local"), Direction = plan.Direction, Reason = plan.Reason, Text = plan.Text };
        var saved = held is null ? await optPlans.CreateAsync(transaction, body) : await optPlans.ChangeAsync(transaction, held, body);
        return (effect, saved.Id, GetUrl("opt-plans", saved.Id));
    }

    /// <summary>A customer that is not there is made with its name and country; the rest is asked for by the enrollments.</summary>
    private async Task<Customer> CustomerAsync(AuditedTransaction transaction, string name, string country) =>
        (await customerStore.ListByNameAsync(transaction.Tx, transaction.Actor.Tenant, name)) is [var only, ..] ? only : await customers.CreateAsync(transaction, new CustomerBody { Name = name, Country = country });

    private async Task<Customer> ExistingAsync(AuditedTransaction transaction, string name) =>
        (await customerStore.ListByNameAsync(transaction.Tx, transaction.Actor.Tenant, name)) is [var only, ..] ? only : throw new FormException(ErrorClass.UnknownId, "/customer_name", "is no customer of this tenant; import its sites first");

    private static Instant At(LocalMoment moment, DateTimeZone zone, string pointer) =>
        moment.In(zone, out var fault) ?? throw new FormException(ErrorClass.TimeAmbiguous, pointer, fault ?? "is no time of this zone");

    internal static string GetUrl(string path, string id) => $"/v1/{path}/{id}";
}

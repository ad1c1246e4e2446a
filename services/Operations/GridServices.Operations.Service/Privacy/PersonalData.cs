using GridServices.Operations.Enrollments;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Money;
using GridServices.Operations.Service.Notify;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Privacy;

/// <summary>Everything personal that is held about a customer.</summary>
/// <param name="Customer">The customer itself.</param>
/// <param name="Contacts">Its contacts.</param>
/// <param name="Sites">Its sites.</param>
/// <param name="MeterPoints">Of its sites.</param>
/// <param name="Enrollments">Of its sites.</param>
/// <param name="Notes">What people noted about its sites, the oldest first of each site.</param>
/// <param name="Messages">What people wrote to the contacts of its sites, the oldest first; those older than deliveries are kept are gone.</param>
/// <param name="Deliveries">What was sent to its contacts, the oldest first, likewise.</param>
/// <param name="BillAllocations">How bills of its sites were split among users, with their sessions, the oldest first of each site.</param>
/// <param name="ToldSessions">The sessions of those splits as they were told, with whose card it was and when; none of splits that were made before they were kept.</param>
public sealed record PersonalDataExport(
    Customer Customer, IReadOnlyList<Contact> Contacts, IReadOnlyList<Site> Sites, IReadOnlyList<MeterPoint> MeterPoints, IReadOnlyList<Enrollment> Enrollments,
    IReadOnlyList<ExportedNote> Notes, IReadOnlyList<ExportedMessage> Messages, IReadOnlyList<ExportedDelivery> Deliveries, IReadOnlyList<BillAllocation> BillAllocations,
    IReadOnlyList<ToldSessions> ToldSessions);

/// <summary>
/// A customer's right to have its personal data, and to have it erased. Ids, sites and enrollments are kept: they are evidence, and say nothing of persons; likewise
/// that contacts were told, and the amounts of bills that were split (<see cref="Erasure"/>).
/// </summary>
internal sealed class PersonalData(CustomerStore customers, ContactStore contacts, SiteStore sites, MeterPointStore meters, EnrollmentStore enrollments, AllocationStore allocations)
{
    private const string Erased = Erasure.Word;

    internal async Task<PersonalDataExport> ExportAsync(AuditedTransaction transaction, Customer customer)
    {
        var tenant = transaction.Actor.Tenant;
        var own = await ListSitesAsync(tenant, customer.Id);
        var (points, programs, notes) = (new List<MeterPoint>(), new List<Enrollment>(), new List<ExportedNote>());
        var (splits, told) = (new List<BillAllocation>(), new List<ToldSessions>());
        foreach (var site in own)
        {
            points.AddRange(await meters.ListBySiteAsync(tenant, site.SiteId));
            programs.AddRange(await enrollments.ListBySiteAsync(tenant, site.SiteId));
            notes.AddRange(await FreeText.NotesAsync(transaction, site.SiteId));
            splits.AddRange(await allocations.ListBySiteAsync(transaction, site.SiteId));
            told.AddRange(await allocations.ListToldBySiteAsync(transaction, site.SiteId));
        }

        var messages = await FreeText.MessagesAsync(transaction, [.. own.Select(s => s.SiteId)]);
        var deliveries = await ContactDeliveries.ListAsync(transaction, customer.Id);
        await transaction.AuditAsync("customer", customer.Id, "personalDataExported", null, null);
        return new PersonalDataExport(customer, await contacts.ListByCustomerAsync(tenant, customer.Id), own, points, programs, notes, messages, deliveries, splits, told);
    }

    /// <summary>
    /// Erases names, addresses, telephone, tax and account numbers, notes about its sites, the words of messages to their contacts, and who charged at them; the
    /// audit says that it was done, and of whom by id only.
    /// </summary>
    internal async Task<Customer> EraseAsync(AuditedTransaction transaction, Customer customer, string reason)
    {
        var (tenant, kept, answers) = (transaction.Actor.Tenant, 0, new List<string> { $"/v1/customers/{customer.Id}" });
        foreach (var contact in await contacts.ListByCustomerAsync(tenant, customer.Id))
        {
            await transaction.UpdateAsync(contacts, contact, contact with { Name = Erased, Email = Erased, Phone = null, Channels = [], QuietHours = null }, "erased", reason);
            await SignatureStore.EndByContactAsync(transaction, contact.Id, "the contact was erased");
            answers.Add($"/v1/contacts/{contact.Id}");
        }

        foreach (var site in await ListSitesAsync(tenant, customer.Id))
        {
            foreach (var meter in await meters.ListBySiteAsync(tenant, site.SiteId))
            {
                await transaction.UpdateAsync(meters, meter, meter with { Identifier = $"{Erased}-{meter.Id}", AccountNo = null, MeterNo = null }, "erased", reason);
                answers.Add($"/v1/meter-points/{meter.Id}");
            }

            var splits = await allocations.EraseAsync(transaction, site.SiteId, Erased);
            kept += splits.Count;
            answers.AddRange(splits.Select(id => $"/v1/bill-allocations/{id}").Append($"/v1/sites/{site.Id}"));
            await FreeText.DeleteNotesAsync(transaction, site.SiteId);
            foreach (var messageId in await FreeText.EraseMessagesAsync(transaction, site.SiteId, Erased))
            {
                await ContactDeliveries.EraseMessageAsync(transaction, messageId, Erased);
            }

            await transaction.UpdateAsync(sites, site, site with { Address = site.Address with { Line1 = Erased, Line2 = null, Postcode = Erased }, Geo = null, ExternalRefs = [] }, "erased", reason);
        }

        await KeptAnswers.EraseAsync(transaction, answers);
        var erasure = new Erasure(transaction.Now, await ContactDeliveries.EraseAsync(transaction, customer.Id, Erased), kept);
        var left = customer with { Name = Erased, LegalName = Erased, TaxId = null, BillingEmail = null, Notes = null, Erased = erasure };
        return await transaction.UpdateAsync(customers, customer, left, "erased", reason);
    }

    private async Task<IReadOnlyList<Site>> ListSitesAsync(string tenant, string customerId)
    {
        var all = new List<Site>();
        string? after = null;
        do
        {
            var page = await sites.PageAsync(tenant, new ListQuery(500, after, [("customerId", customerId)]));
            all.AddRange(page.Items);
            after = page.Next;
        }
        while (after is not null);
        return all;
    }
}

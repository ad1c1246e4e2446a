using GridServices.Contracts;
using GridServices.Operations.Access;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Storage;
using GridServices.Wire;

namespace GridServices.Operations.Service.Registry;

/// <summary>A contact as it is written.</summary>
public sealed record ContactBody
{
    public required string CustomerId { get; init; }

    /// <summary>The site's id at the hub; absent = for all sites of the customer.</summary>
    public string? SiteId { get; init; }

    public required string Name { get; init; }
    public required string Email { get; init; }

    /// <summary>E.164, such as +14155550100.</summary>
    public string? Phone { get; init; }

    public required ContactRole Role { get; init; }

    /// <summary>BCP 47; absent = the customer's.</summary>
    public string? Language { get; init; }

    public IReadOnlyList<Channel> Channels { get; init; } = [Channel.Email];
    public QuietHours? QuietHours { get; init; }

    /// <summary>IANA; absent = the site's.</summary>
    public string? TimeZone { get; init; }
}

/// <summary>Contacts.</summary>
internal sealed class ContactHandler(ContactStore store, CustomerStore customers, SiteStore sites) : EntityHandler<Contact, ContactBody>(store, sites)
{
    internal override ContactBody ToBody(Contact entity) => new()
    {
        CustomerId = entity.CustomerId,
        SiteId = entity.SiteId,
        Name = entity.Name,
        Email = entity.Email,
        Phone = entity.Phone,
        Role = entity.Role,
        Language = entity.Language,
        Channels = entity.Channels,
        QuietHours = entity.QuietHours,
        TimeZone = entity.TimeZone,
    };

    internal override Contact Mask(Contact entity) =>
        entity with { Name = Masking.Name(entity.Name), Email = Masking.Email(entity.Email)!, Phone = Masking.Tail(entity.Phone) };

    internal override async Task<AccessTarget> TargetAsync(Contact entity, CancellationToken ct = default) => entity.SiteId is null
        ? new AccessTarget { CustomerId = entity.CustomerId }
        : await base.TargetAsync(entity, ct);

    protected override async Task<Contact> BuildAsync(AuditedTransaction transaction, ContactBody body, Contact? held)
    {
        var check = new FormCheck().Text("/name", body.Name).Email("/email", body.Email).Phone("/phone", body.Phone).Language("/language", body.Language).TimeZone("/timeZone", body.TimeZone)
            .Unless(body.Channels.Count > 0, "/channels", "must name at least one way to reach the contact", ErrorClass.SemanticEmpty)
            .Unless(body.Phone is not null || !body.Channels.Any(c => c is Channel.Sms or Channel.Voice), "/phone", "is missing: sms and voice need a telephone number");
        if (await customers.FindAsync(transaction.Tx, transaction.Actor.Tenant, body.CustomerId) is null)
        {
            check.Fault("/customerId", "is no customer of this tenant", ErrorClass.UnknownId);
        }

        if (body.SiteId is { } siteId && (await Sites.FindBySiteIdAsync(transaction.Tx, transaction.Actor.Tenant, siteId))?.CustomerId != body.CustomerId)
        {
            check.Fault("/siteId", "is no site of this customer", ErrorClass.UnknownId);
        }

        check.ThrowIfAny();
        var (id, tenant, stamp) = Own(transaction, held);
        return new Contact
        {
            Id = id,
            Tenant = tenant,
            Created = stamp,
            Updated = stamp,
            Version = held?.Version ?? 1,
            CustomerId = body.CustomerId,
            SiteId = body.SiteId,
            Name = body.Name,
            Email = body.Email,
            Phone = body.Phone,
            Role = body.Role,
            Language = body.Language,
            Channels = body.Channels.ToValueList(),
            QuietHours = body.QuietHours,
            TimeZone = body.TimeZone,
        };
    }

    /// <summary>A link went to the person at the address that were there: for another, it works no more.</summary>
    protected override async Task AfterWriteAsync(AuditedTransaction transaction, Contact? before, Contact? after)
    {
        if (before is not null && (after is null || (after.Name, after.Email, after.Role) != (before.Name, before.Email, before.Role)))
        {
            await SignatureStore.EndByContactAsync(transaction, before.Id, "the contact was changed");
        }

        if (before is not null && after is null)
        {
            // Once it is gone, no erasure of the customer finds them by it.
            await KeptAnswers.EraseAsync(transaction, $"/v1/contacts/{before.Id}");
            await WaitingMessages.KeepAtCustomerAsync(transaction, before.Id, before.CustomerId);
        }
    }
}

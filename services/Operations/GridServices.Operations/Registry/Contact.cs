using GridServices.Wire;
using NodaTime;

namespace GridServices.Operations.Registry;

/// <summary>A person of a customer, in one role.</summary>
public sealed record Contact : Entity
{
    public required string CustomerId { get; init; }

    /// <summary>Null: for all sites of the customer.</summary>
    public string? SiteId { get; init; }

    public required string Name { get; init; }
    public required string Email { get; init; }

    /// <summary>E.164, such as +14155550100.</summary>
    public string? Phone { get; init; }

    public required ContactRole Role { get; init; }

    /// <summary>BCP 47; null = the customer's.</summary>
    public string? Language { get; init; }

    public ValueList<Channel> Channels { get; init; } = [Channel.Email];
    public QuietHours? QuietHours { get; init; }

    /// <summary>IANA; null = the site's.</summary>
    public string? TimeZone { get; init; }
}

/// <summary>What a contact is for.</summary>
public enum ContactRole
{
    /// <summary>May sign for the customer.</summary>
    AuthorizedSigner,

    EventPrimary,

    /// <summary>Is asked when the primary one does not answer.</summary>
    EventBackup,

    Billing,
    Technical,
}

/// <summary>Ways to reach a person.</summary>
public enum Channel
{
    Email,
    Sms,
    Voice,
    Push,
    Webhook,
}

/// <summary>Wall clock times [<see cref="From"/>, <see cref="Until"/>) in the contact's zone; an end before the start is over midnight; equal = all day.</summary>
public sealed record QuietHours(LocalTime From, LocalTime Until);

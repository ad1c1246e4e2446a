using GridServices.Operations.Access;
using GridServices.Operations.Events;
using GridServices.Operations.Registry;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Operations.Notifications;

/// <summary>Why somebody is told something (section 9).</summary>
public enum Trigger
{
    EventAnnounced,
    EventChanged,
    EventCancelled,
    EventStarts,
    EventEnded,

    /// <summary>The primary contact did not acknowledge.</summary>
    NoAcknowledgement,

    SiteSilent,
    OptChangedByMachine,

    /// <summary>A utility, or the OpenAdr service, does not take an opt schedule.</summary>
    OptScheduleRefused,

    EnrollmentDeadline,
    RequiredAction,
    EnrollmentAccepted,
    EnrollmentRejected,
    CertificateEnds,
    LineLost,
    OutboxParked,
    Drift,
    BillingRunFailed,
    BillingRunFinished,
    JobFailed,

    /// <summary>A service of this installation does not answer.</summary>
    ServiceAway,

    /// <summary>A utility no longer lists a registration that was there.</summary>
    RegistrationLost,

    /// <summary>A compliance report was made, or became final.</summary>
    ReportReady,

    /// <summary>More power flowed than a limit allowed.</summary>
    LimitNotRespected,

    ImportDone,

    /// <summary>An authorized signer is asked to sign, by a link of its own.</summary>
    SignatureAsked,

    /// <summary>A utility has had an application for longer than it usually takes.</summary>
    ReviewOverdue,

    /// <summary>A person wrote to the contacts of an event.</summary>
    ContactMessage,
}

/// <summary>Something that somebody is to be told, before it is known whom and by which way.</summary>
public sealed record Notice
{
    public required Trigger Trigger { get; init; }

    /// <summary>What it is about: an event's source, an enrollment's or certificate's id.</summary>
    public required string Subject { get; init; }

    /// <summary>Which time of several: a revision, days left. The same occasion is told once.</summary>
    public required string Occasion { get; init; }

    /// <summary>From when on.</summary>
    public required Instant At { get; init; }

    /// <summary>When it is no longer of use; null = never.</summary>
    public Instant? Expires { get; init; }

    public required NoticeAudience Audience { get; init; }
    public ValueList<TextArgument> Arguments { get; init; } = [];

    /// <summary>Passes quiet hours and digests.</summary>
    public bool Emergency { get; init; }

    /// <summary>The message carries a link to acknowledge by, and somebody else is told where nobody does.</summary>
    public bool NeedsAcknowledgement { get; init; }

    /// <summary>The key of its text, such as <c>notify.eventAnnounced</c>.</summary>
    public string TextKey => $"notify.{Contracts.EnumNames<Trigger>.GetName(Trigger)}";

    /// <summary>Whether it can wait for the day's digest.</summary>
    public bool CanWait => !Emergency && Trigger is Trigger.EventEnded or Trigger.EnrollmentDeadline or Trigger.ReviewOverdue or Trigger.RequiredAction or Trigger.EnrollmentAccepted or Trigger.EnrollmentRejected
        or Trigger.CertificateEnds or Trigger.Drift or Trigger.BillingRunFailed or Trigger.BillingRunFinished
        or Trigger.ReportReady or Trigger.ImportDone;
}

/// <summary>Who is meant: people of customers by their contact's role, and our own by theirs.</summary>
public sealed record NoticeAudience
{
    public ValueList<ContactRole> Contacts { get; init; } = [];
    public ValueList<UserRole> Staff { get; init; } = [];

    /// <summary>The customers whose contacts are meant.</summary>
    public ValueList<string> Customers { get; init; } = [];

    /// <summary>The sites; a contact of one site hears of that site only.</summary>
    public ValueList<string> Sites { get; init; } = [];
}

/// <summary>A value that goes into a text: plain, or a time or span that is written in the reader's zone.</summary>
public sealed record TextArgument(string Name, string? Text = null, Instant? From = null, Instant? Until = null)
{
    internal MessageArgument In(DateTimeZone zone) => new(
        Name,
        From is not { } from ? Text ?? string.Empty : Until is { } until ? ZonedText.Span(from, until, zone) : ZonedText.Format(from, zone));
}

/// <summary>The same, written out.</summary>
public sealed record MessageArgument(string Name, string Value);

/// <summary>A person that can be told: a customer's contact, or one of ours.</summary>
public sealed record Recipient
{
    public required string Id { get; init; }

    /// <summary>Of a customer's contact.</summary>
    public ContactRole? ContactRole { get; init; }

    /// <summary>Of one of ours.</summary>
    public UserRole? StaffRole { get; init; }

    /// <summary>Where one of ours has several roles: the others.</summary>
    public ValueList<UserRole> OtherRoles { get; init; } = [];

    public string? CustomerId { get; init; }
    public string? SiteId { get; init; }
    public ValueList<Channel> Channels { get; init; } = [Channel.Email];

    /// <summary>BCP 47.</summary>
    public required string Language { get; init; }

    /// <summary>IANA.</summary>
    public required string TimeZone { get; init; }

    public QuietHours? QuietHours { get; init; }

    /// <summary>When, by the recipient's clock, the day's digest is sent; null = each message by itself.</summary>
    public LocalTime? DigestAt { get; init; }

    internal DateTimeZone Zone => DateTimeZoneProviders.Tzdb.GetZoneOrNull(TimeZone) ?? DateTimeZone.Utc;

    /// <summary>A contact with what the customer, the site or the tenant say where it says nothing itself.</summary>
    public static Recipient From(Contact contact, string language, string timeZone, LocalTime? digestAt = null) => new()
    {
        Id = contact.Id,
        ContactRole = contact.Role,
        CustomerId = contact.CustomerId,
        SiteId = contact.SiteId,
        Channels = contact.Channels,
        Language = contact.Language ?? language,
        TimeZone = contact.TimeZone ?? timeZone,
        QuietHours = contact.QuietHours,
        DigestAt = digestAt,
    };

    internal bool IsQuietAt(Instant now) => QuietHours is { } quiet && IsWithin(now.InZone(Zone).TimeOfDay, quiet);

    private static bool IsWithin(LocalTime time, QuietHours quiet) =>
        quiet.From == quiet.Until || (quiet.From < quiet.Until ? quiet.From <= time && time < quiet.Until : quiet.From <= time || time < quiet.Until);
}

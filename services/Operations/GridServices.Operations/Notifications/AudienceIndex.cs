namespace GridServices.Operations.Notifications;

/// <summary>Finds the notices of a recipient and the recipients of a customer without asking everybody about everything: an event may be for ten thousand sites.</summary>
internal sealed class AudienceIndex
{
    private readonly ILookup<string, Notice> _byCustomer;
    private readonly Notice[] _forStaff;
    private readonly Dictionary<Notice, HashSet<string>> _sites = new(ReferenceEqualityComparer.Instance);

    public AudienceIndex(IReadOnlyCollection<Notice> notices)
    {
        _byCustomer = notices.SelectMany(n => n.Audience.Customers.Select(c => (Customer: c, Notice: n))).ToLookup(p => p.Customer, p => p.Notice, StringComparer.Ordinal);
        _forStaff = [.. notices.Where(n => n.Audience.Staff.Count > 0)];
    }

    public IEnumerable<Notice> GetNotices(Recipient recipient) =>
        recipient.StaffRole is { } staff ? _forStaff.Where(n => n.Audience.Staff.Contains(staff) || recipient.OtherRoles.Any(n.Audience.Staff.Contains))
        : recipient.CustomerId is { } customer ? _byCustomer[customer].Where(n => Includes(n, recipient))
        : [];

    /// <summary>Whether a contact of one of the notice's customers is meant.</summary>
    public bool Includes(Notice notice, Recipient recipient) =>
        recipient.ContactRole is { } role && notice.Audience.Contacts.Contains(role) && (recipient.SiteId is null || GetSites(notice).Contains(recipient.SiteId));

    private HashSet<string> GetSites(Notice notice) =>
        _sites.TryGetValue(notice, out var known) ? known : _sites[notice] = new HashSet<string>(notice.Audience.Sites, StringComparer.Ordinal);
}

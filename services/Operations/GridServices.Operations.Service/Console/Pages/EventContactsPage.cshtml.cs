using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Operations.Access;
using GridServices.Operations.Events;
using GridServices.Operations.Notifications;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Notify;
using GridServices.Operations.Service.Registry;
using GridServices.Operations.Service.Storage;
using Microsoft.AspNetCore.Mvc;
using NodaTime;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>Who was told of an event and who acknowledged, and a message to its contacts, with a second look before it is sent.</summary>
[Needs(UserPermission.SeeRecords)]
internal sealed class EventContactsPage(
    PageUi ui, EventStore events, SiteStore sites, ContactStore contacts, ContactHandler handler, NotificationStore notifications, RecipientNames names, ContactMessages messages, OperationsStore store) : FormPage(ui)
{
    private const int MostShown = 500;

    internal HeldEvent Held { get; private set; } = null!;

    internal IReadOnlyList<ContactNotification> Told { get; private set; } = [];

    internal IReadOnlyList<ContactMessage> Messages { get; private set; } = [];

    /// <summary>Sites whose contacts this person may write to.</summary>
    internal IReadOnlyList<string> Reachable { get; private set; } = [];

    /// <summary>How many contacts a message would go to; null = it was not looked at yet.</summary>
    internal int? Confirm { get; private set; }

    internal bool IsSent { get; private set; }

    internal DateTimeZone? Zone { get; private set; }

    internal override object Document => new { items = Told.Select(t => new { t.Name, t.Role, told = t.Item }), messages = Messages };

    public async Task OnGetAsync(string id, string? done)
    {
        await LoadAsync(id);
        IsSent = done == "sent";
    }

    public async Task<IActionResult> OnPostAsync(string id, string? confirmed)
    {
        await LoadAsync(id);
        if (Reachable.Count == 0)
        {
            throw new ProblemException(ErrorClass.AuthzSite, Ui.T["problem.notAllowed"]);
        }

        // Mails and text messages get one paragraph.
        var text = SafeText.Line(string.Join(' ', Required("text").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
        if (text.Length > ContactMessages.LongestText)
        {
            Errors["text"] = Ui.T["contactMessage.tooLong", ContactMessages.LongestText];
        }

        if (Errors.Count > 0)
        {
            return Page();
        }

        if (confirmed is null)
        {
            Confirm = await ReachedAsync();
            return Page();
        }

        return await TryAsync(() => store.WriteAsync(Ui.Actor, transaction => messages.SendAsync(transaction, Held, Reachable, text), HttpContext.RequestAborted))
            ? Redirect($"/events/{Held.Id}/contacts?done=sent")
            : Page();
    }

    private async Task LoadAsync(string id)
    {
        var ct = HttpContext.RequestAborted;
        Held = await events.FindAsync(Ui.Tenant, id, ct) ?? throw CreateNotFound("event", id);
        var places = await sites.PlacesAsync(Ui.Tenant, Held.Event.Sites.Select(s => s.SiteId), ct);
        if (!places.Values.Any(p => Ui.May(UserPermission.SeeRecords, p.Target)) && !Ui.May(UserPermission.SeeRecords, AccessTarget.Tenant))
        {
            throw CreateNotFound("event", id);
        }

        Zone = Format.Times.Find(Held.Event.Sites.Select(s => places.GetValueOrDefault(s.SiteId)?.TimeZone).FirstOrDefault(z => z is not null));
        Reachable = [.. Held.Event.Sites.Where(s => s.State != SiteEventState.Refused && places.GetValueOrDefault(s.SiteId) is { } place && Ui.May(UserPermission.Opt, place.Target)).Select(s => s.SiteId)];
        Messages = Ui.May(UserPermission.SeeRecords, AccessTarget.Tenant) ? await messages.ListByEventAsync(Ui.Tenant, Held.Id, ct) : [];
        await LoadToldAsync(places, ct);
    }

    /// <summary>Of contacts whose records this person may see; of our own people only for who sees all records.</summary>
    private async Task LoadToldAsync(IReadOnlyDictionary<string, SitePlace> places, CancellationToken ct)
    {
        var items = await notifications.ListBySubjectAsync(Ui.Tenant, Held.Event.Source, MostShown, ct);
        var people = (await contacts.ListByIdsAsync(Ui.Tenant, items.Select(i => i.RecipientId), ct)).ToDictionary(c => c.Id, StringComparer.Ordinal);
        var staff = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var id in Ui.May(UserPermission.SeeRecords, AccessTarget.Tenant) ? items.Select(i => i.RecipientId).Where(i => !people.ContainsKey(i)).Distinct(StringComparer.Ordinal) : [])
        {
            staff[id] = await names.FindAsync(Ui.Tenant, id, ct) ?? Ui.T["contactTold.gone"];
        }

        Told = [.. items.Select(i => people.TryGetValue(i.RecipientId, out var contact) ? FindContact(i, contact, places) : staff.TryGetValue(i.RecipientId, out var name) ? new ContactNotification(name, null, FormatTrigger(i), i) : null).OfType<ContactNotification>()];
    }

    private ContactNotification? FindContact(NotificationItem item, Contact contact, IReadOnlyDictionary<string, SitePlace> places)
    {
        var target = contact.SiteId is { } site && places.TryGetValue(site, out var place) ? place.Target : new AccessTarget { CustomerId = contact.CustomerId };
        return Ui.May(UserPermission.SeeRecords, target) ? new ContactNotification((Ui.May(UserPermission.SeePersonalData, target) ? contact : handler.Mask(contact)).Name, contact.Role, FormatTrigger(item), item) : null;
    }

    private string FormatTrigger(NotificationItem item) => Ui.T.Word("trigger", item.Key.Split('|')[0]);

    private async Task<int> ReachedAsync()
    {
        var ct = HttpContext.RequestAborted;
        var (meant, places) = (Reachable.ToHashSet(StringComparer.Ordinal), await sites.PlacesAsync(Ui.Tenant, Reachable, ct));
        return (await contacts.ListByCustomersAsync(Ui.Tenant, places.Values.Select(p => p.CustomerId), ct)).Count(c => EventNotices.MessageContacts.Contains(c.Role) && (c.SiteId is null || meant.Contains(c.SiteId)));
    }
}

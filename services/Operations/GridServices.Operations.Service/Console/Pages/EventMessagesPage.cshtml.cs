using GridServices.Operations.Access;
using GridServices.Operations.Events;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>What was said on the wire about an event, each message with its time and SHA-256; of the sites whose records the reader may see.</summary>
[Needs(UserPermission.SeeRecords)]
internal sealed class EventMessagesPage(PageUi ui, EventStore events, SiteStore sites, RawMessages messages) : ConsolePage(ui)
{
    internal HeldEvent Held { get; private set; } = null!;

    internal RawMessagePage Read { get; private set; } = new([], []);

    internal override object Document => new { items = Read.Items, unread = Read.Unread };

    public async Task OnGetAsync(string id)
    {
        var ct = HttpContext.RequestAborted;
        Held = await events.FindAsync(Ui.Tenant, id, ct) ?? throw CreateNotFound("event", id);
        var places = await sites.PlacesAsync(Ui.Tenant, Held.Event.Sites.Select(s => s.SiteId), ct);
        EventSite[] shown = [.. Held.Event.Sites.Where(s => places.GetValueOrDefault(s.SiteId) is { } place && Ui.May(UserPermission.SeeRecords, place.Target))];
        Read = shown.Length > 0 ? await messages.ReadEventAsync(Held.Event, shown, s => Ui.May(UserPermission.SeeRecords, AccessTarget.From(s)), ct) : throw CreateNotFound("event", id);
    }
}

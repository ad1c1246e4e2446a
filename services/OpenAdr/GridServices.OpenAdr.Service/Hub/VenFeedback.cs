using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.OpenAdr.Service.Driver;

namespace GridServices.OpenAdr.Service.Hub;

/// <summary>Readings go to the VENs that report about their site, receipts to the VEN whose event they answer.</summary>
internal sealed class VenFeedback(HubLink hub, VenHost fleet) : IFeedbackHandler
{
    public Task HandleAsync(IReadOnlyList<FeedbackItem> batch, CancellationToken ct)
    {
        foreach (var item in batch)
        {
            NoteReceipt(item);
        }

        return fleet.TakeReadingsAsync(hub.Tenant, batch);
    }

    private void NoteReceipt(FeedbackItem item)
    {
        if (item is not { Receipt: { } receipt, Stream: { Service: "openadr" } stream })
        {
            return;
        }

        foreach (var ven in fleet.OfSite(hub.Tenant, item.SiteId).Where(v => v.View.Config.Programs.Any(p => p.Stream == stream.Key)))
        {
            ven.View.Receipts.Add(new ReceiptItem(item.SiteId, stream.Key, receipt));
        }
    }
}

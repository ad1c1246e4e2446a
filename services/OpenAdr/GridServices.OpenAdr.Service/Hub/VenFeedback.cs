using GridServices.Contracts;
using GridServices.Hosting.Hub;
using GridServices.OpenAdr.Service.Driver;

namespace GridServices.OpenAdr.Service.Hub;

/// <summary>Readings go to the VENs that report about their site, receipts to the VEN whose event they answer.</summary>
internal sealed class VenFeedback(HubLink hub, VenHost host) : IFeedbackHandler
{
    public Task HandleAsync(IReadOnlyList<FeedbackItem> batch, CancellationToken ct)
    {
        foreach (var item in batch)
        {
            foreach (var ven in host.FindBySite(hub.Tenant, item.SiteId))
            {
                VenHost.NoteReceipt(ven, item);
            }
        }

        return host.ApplyReadingsAsync(hub.Tenant, batch);
    }
}

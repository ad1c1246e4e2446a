using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.OpenAdr.Service.Driver;

namespace GridServices.OpenAdr.Service.Hub;

/// <summary>Readings go to the VENs that report about their site, receipts to the VEN whose event they answer.</summary>
internal sealed class VenFeedback(HubLink hub, VenFleet fleet) : IFeedbackTaker
{
    public Task TakeAsync(IReadOnlyList<FeedbackItem> batch, CancellationToken ct)
    {
        foreach (var item in batch)
        {
            NoteReceipt(item);
        }

        return Task.WhenAll(batch
            .Where(item => item.Reading is not null)
            .SelectMany(item => fleet.OfSite(hub.Tenant, item.SiteId).Select(ven => (Ven: ven, Reading: new SiteReading(item.SiteId, item.Reading!))))
            .Where(x => x.Ven.View.Config.Reports.Count > 0)
            .GroupBy(x => x.Ven, x => x.Reading)
            .Select(group => HandAsync(group.Key, [.. group]))
            .ToList());
    }

    private void NoteReceipt(FeedbackItem item)
    {
        if (item is not { Receipt: { } receipt, Stream: { Service: "openadr" } stream })
        {
            return;
        }

        foreach (var ven in fleet.OfSite(hub.Tenant, item.SiteId).Where(v => v.View.Config.Programs.Any(p => p.Stream == stream.Key)))
        {
            ven.Receipts.Add(new ReceiptItem(item.SiteId, stream.Key, receipt));
        }
    }

    /// <summary>A VEN that ends meanwhile has no more use for readings.</summary>
    private static async Task HandAsync(VenLoop ven, IReadOnlyList<SiteReading> readings)
    {
        var done = new TaskCompletionSource<IReadOnlyList<VenNote>>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (ven.Offer(new VenWork.Take(new VenInput.ReadingsArrived(readings), done)))
        {
            await ((Task)done.Task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}

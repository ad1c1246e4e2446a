using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.Ieee2030Dot5.Service.Driver;

namespace GridServices.Ieee2030Dot5.Service.Hub;

/// <summary>Readings of sites go to the client that speaks for them, which averages and mirrors them to its utility.</summary>
internal sealed class ClientFeedback(HubLink hub, ClientFleet fleet) : IFeedbackTaker
{
    public Task TakeAsync(IReadOnlyList<FeedbackItem> batch, CancellationToken ct) => Task.WhenAll(batch
        .Where(item => item.Reading is not null)
        .SelectMany(item => fleet.OfSite(hub.Tenant, item.SiteId).Select(client => (Client: client, Reading: new SiteReading(item.SiteId, item.Reading!))))
        .Where(x => x.Client.View.Config.Reporting.Enabled)
        .GroupBy(x => x.Client, x => x.Reading)
        .Select(group => HandAsync(group.Key, [.. group]))
        .ToList());

    /// <summary>A client that ends meanwhile has no more use for readings.</summary>
    private static async Task HandAsync(ClientLoop client, IReadOnlyList<SiteReading> readings)
    {
        var done = new TaskCompletionSource<IReadOnlyList<DerNote>>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (client.Offer(new ClientWork.Take(new DerInput.ReadingsArrived(readings), done)))
        {
            await ((Task)done.Task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}

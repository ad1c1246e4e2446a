using GridServices.Contracts;
using GridServices.Hosting.Hub;
using GridServices.Ieee2030Dot5.Service.Driver;

namespace GridServices.Ieee2030Dot5.Service.Hub;

/// <summary>Readings of sites go to the client that speaks for them, which averages and mirrors them to its utility.</summary>
internal sealed class ClientFeedback(HubLink hub, ClientHost host) : IFeedbackHandler
{
    public Task HandleAsync(IReadOnlyList<FeedbackItem> batch, CancellationToken ct) => host.ApplyReadingsAsync(hub.Tenant, batch);
}

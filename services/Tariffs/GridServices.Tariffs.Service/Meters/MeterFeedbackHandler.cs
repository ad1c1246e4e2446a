using GridServices.Contracts;
using GridServices.Hosting.Hub;

namespace GridServices.Tariffs.Service.Meters;

/// <summary>Hands the hub's telemetry to the meters. A batch that comes again changes nothing: no reading is newer than the last one.</summary>
internal sealed class MeterFeedbackHandler(MeterUpdater updater, HubLink hub) : IFeedbackHandler
{
    public async Task HandleAsync(IReadOnlyList<FeedbackItem> batch, CancellationToken ct)
    {
        var readings = batch.Where(i => i.Reading is not null).ToLookup(i => i.SiteId, i => i.Reading!, StringComparer.Ordinal);
        if (readings.Count > 0)
        {
            await updater.AddReadingsAsync(hub.Tenant, readings, ct);
        }
    }
}

using GridServices.Hosting.Hub;
using GridServices.OpenAdr.Configuration;

namespace GridServices.OpenAdr.Service.Meters;

/// <summary>Who can be asked for the past of a tenant's sites: our tokens are good for one tenant.</summary>
internal sealed class PastSourceRules(HubOptions hub, TariffsOptions tariffs)
{
    public PastSources GetSources(string tenant) => tenant != hub.Tenant ? PastSources.None
        : tariffs.Url is null ? PastSources.Hub
        : PastSources.Hub | PastSources.Tariffs;

    /// <summary>What a person should know of channels whose meter will not be asked.</summary>
    public IEnumerable<string> Warnings(string tenant, VenConfig config) => GetSources(tenant).HasFlag(PastSources.Tariffs) ? [] : config.Reports
        .Select((channel, i) => (channel.Meter, At: $"/reports/{i}/meter"))
        .Where(c => c.Meter is not null)
        .Select(c => $"{c.At}: {(tariffs.Url is null ? "this service has no Tariffs:Url" : "Tariffs:Token is of another tenant")}, so the channel tells the hub's readings");
}

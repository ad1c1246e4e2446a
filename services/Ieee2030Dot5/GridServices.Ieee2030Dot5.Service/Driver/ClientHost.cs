global using ClientLoop = GridServices.UtilityClients.Engine.EngineLoop<
    GridServices.Ieee2030Dot5.Service.Driver.ClientView, GridServices.Ieee2030Dot5.Configuration.DerClientConfig, GridServices.Ieee2030Dot5.DerClientState,
    GridServices.Ieee2030Dot5.DerInput, GridServices.Ieee2030Dot5.NoteKind>;
using GridServices.Hosting.Clustering;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Service.Storage;

namespace GridServices.Ieee2030Dot5.Service.Driver;

/// <summary>All clients of this process, each with its own loop.</summary>
internal sealed class ClientHost(ClientProtocol protocol, ClientStore store, NotificationLookupLimiter looks, EngineDependencies dependencies, ILogger<ClientHost> log)
    : EngineHost<ClientView, DerClientConfig, DerClientState, DerInput, NoteKind>(protocol, dependencies, log), IPlacedWork
{
    private volatile IReadOnlyDictionary<string, ClientLoop> _notified = new Dictionary<string, ClientLoop>(StringComparer.Ordinal);

    /// <summary>Null where no client is notified under this id.</summary>
    public ClientLoop? FindByNotification(string id) => _notified.GetValueOrDefault(id);

    /// <summary>
    /// A notification names its client by the path that the server was given. Anyone may send one: what can't be such a path, or would be answered 404 here
    /// anyway, costs no look at the database, and the others find a bounded place there.
    /// </summary>
    /// <exception cref="Hosting.Refusals.ProblemException">503: too many look already.</exception>
    public async Task<PlacedKey?> FindKeyAsync(HttpContext http)
    {
        if (looks.IsClosed || !http.Request.Path.StartsWithSegments(NotificationPath.Prefix, StringComparison.Ordinal)
            || http.GetRouteValue("id") is not string id || !ClientProtocol.IsNotificationId(id))
        {
            return null;
        }

        if (FindByNotification(id) is { } here)
        {
            return new PlacedKey(here.Id.Tenant, here.Id.Key);
        }

        return await looks.RunAsync(() => store.FindByNotificationAsync(id, http.RequestAborted), http.RequestAborted) is { } client
            ? new PlacedKey(client.Tenant, client.Key)
            : null;
    }

    protected override void Reindex()
    {
        base.Reindex();
        _notified = Loops.ToDictionary(l => l.View.NotificationId, StringComparer.Ordinal);
    }
}

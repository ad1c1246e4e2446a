using GridServices.Ieee2030Dot5.Service.Driver;

namespace GridServices.Ieee2030Dot5.Service.Notifications;

/// <summary>Tells the clients that subscribe when the listener has no certificate to show to their server: they rely on notifications no longer.</summary>
internal sealed class ListenerCertificateMonitor(NotificationCertificates certificates, ClientHost host)
{
    private readonly Dictionary<EngineId, string> _told = [];

    /// <summary>Each client once per reason.</summary>
    public void Check()
    {
        foreach (var client in host.Loops)
        {
            var problem = client.View.Config.Subscriptions.NotificationUrl is { } url ? certificates.ProblemFor(new Uri(url).IdnHost) : null;
            if (problem is null)
            {
                _told.Remove(client.Id);
            }
            else if (_told.GetValueOrDefault(client.Id) != problem && client.Offer(new EngineWork<Configuration.DerClientConfig, DerInput, NoteKind>.Apply(new DerInput.NotificationsShut(problem))))
            {
                _told[client.Id] = problem;
            }
        }
    }
}

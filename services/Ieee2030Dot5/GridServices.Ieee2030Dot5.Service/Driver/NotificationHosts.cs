namespace GridServices.Ieee2030Dot5.Service.Driver;

/// <summary>What a host in a notificationUrl decides.</summary>
/// <param name="AreTenantsOwn">True: the client certificate that is shown to whoever asks for it, so that it belongs to one tenant.</param>
internal sealed record NotificationHosts(bool AreTenantsOwn);

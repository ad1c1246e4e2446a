using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Registration;

namespace GridServices.OpenAdr.Events;

/// <summary>Which sites an event is for.</summary>
public static class EventSites
{
    /// <summary>The VEN's sites that the event's target means, in the order of the configuration.</summary>
    public static IReadOnlyList<string> Select(VenConfig config, VenRegistration? registration, OadrEvent received)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(received);
        var whole = Targeting.MeansWholeVen(config, registration, received.Target);
        return [.. config.AllSites().Where(s => whole || Targeting.Site(config, registration, s, received.Target)).Select(s => s.SiteId)];
    }
}

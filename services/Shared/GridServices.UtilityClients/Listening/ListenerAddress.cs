using System.Net;
using System.Net.Sockets;

namespace GridServices.UtilityClients.Listening;

/// <summary>Where a listener is to listen, as the settings say it.</summary>
public static class ListenerAddress
{
    /// <summary>False: no address with a port; a lone number or address is none, though .NET takes both for one.</summary>
    public static bool IsWhole(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return IPEndPoint.TryParse(text, out var endpoint)
            && text.EndsWith($":{endpoint.Port}", StringComparison.Ordinal)
            && (endpoint.AddressFamily == AddressFamily.InterNetwork || text.StartsWith('['));
    }
}

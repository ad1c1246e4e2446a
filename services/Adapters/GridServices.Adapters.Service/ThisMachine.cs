using System.Net;

namespace GridServices.Adapters.Service;

/// <summary>Addresses of this machine itself: nobody is on the way to them.</summary>
internal static class ThisMachine
{
    public static bool Is(Uri address) =>
        address.Host == "localhost" || (IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));
}

using System.Net;

namespace GridServices.Adapters.Service;

/// <summary>Addresses of this machine itself: nobody is on the way to them.</summary>
internal static class ThisMachine
{
    /// <summary>True where nobody can be on the way: TLS, this machine itself, or a network that is said to be one's own.</summary>
    public static bool IsGuarded(Uri address, bool allowPlain) => address.Scheme == "https" || Is(address) || allowPlain;

    public static bool Is(Uri address) =>
        address.Host == "localhost" || (IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));
}

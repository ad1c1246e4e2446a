using GridServices.Contracts;
using NodaTime;

namespace GridServices.OpenAdr.Configuration;

/// <summary>The address under which a VTN pushes to a VEN (oadrTransportAddress).</summary>
public static class PushAddress
{
    /// <summary>What stands before the service's name (OpenADR 2.0b rule 511).</summary>
    public const string ServicesPath = "/OpenADR2/Simple/2.0b";

    /// <summary>The path before <see cref="ServicesPath"/>, without escapes, as a server reads it: it tells several VENs of one VTN apart. Empty: none.</summary>
    public static string GetPrefix(string transportAddress)
    {
        var path = Uri.UnescapeDataString(new Uri(transportAddress).AbsolutePath).TrimEnd('/');
        return path.EndsWith(ServicesPath, StringComparison.Ordinal) ? path[..^ServicesPath.Length] : path;
    }

    internal static void Check(VenConfig config, ConfigFaults faults)
    {
        faults.Within("/resyncInterval", config.ResyncInterval, Duration.FromMinutes(1), Duration.FromDays(7));
        if (config is { ResyncInterval: not null, Transport: VenTransport.Pull })
        {
            faults.Add("/resyncInterval", "is for push only: a VEN that pulls asks at each poll; leave it out, or set transport to push");
        }

        const string At = "/transportAddress";
        if (config.TransportAddress is not { } address)
        {
            if (config.Transport == VenTransport.Push)
            {
                faults.Add(At, "is missing: with push, give the base URL under which the VTN reaches this service, such as https://dr.example:8443");
            }
        }
        else if (config.Transport == VenTransport.Pull)
        {
            faults.Add(At, "is for push only; leave it out, or set transport to push");
        }
        else if (IsAmbiguous(address))
        {
            faults.Add(At, "must not hold %2F, %5C, %25 or control characters in its path: servers read them in different ways; use letters, digits, - and _");
        }
        else if (!IsBase(address))
        {
            faults.Add(At, "must be the base URL under which the VTN reaches this service, such as https://dr.example:8443: https, without user, ? and #, and without the service's name");
        }
    }

    private static bool IsBase(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttps
        && url is { UserInfo.Length: 0, Query.Length: 0, Fragment.Length: 0 }
        && url.AbsolutePath.TrimEnd('/').Split('/')[^1] is not ("EiEvent" or "EiReport" or "EiRegisterParty" or "EiOpt" or "OadrPoll");

    // A server leaves %2F as it is, so that no path of a request would ever be the one without escapes.
    private static bool IsAmbiguous(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var url)
        && (url.AbsolutePath.Contains("%2F", StringComparison.OrdinalIgnoreCase) || Uri.UnescapeDataString(url.AbsolutePath).Any(c => char.IsControl(c) || c is '%' or '\\'));
}

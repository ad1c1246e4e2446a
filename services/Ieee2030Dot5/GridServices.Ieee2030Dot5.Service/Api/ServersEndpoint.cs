using System.Net;
using GridServices.Contracts;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Refusals;
using GridServices.Ieee2030Dot5.Identity;
using GridServices.Ieee2030Dot5.Service.ServiceDiscovery;
using GridServices.Ieee2030Dot5.ServiceDiscovery;

namespace GridServices.Ieee2030Dot5.Service.Api;

/// <summary><c>GET /v1/servers</c>: servers of IEEE 2030.5 that say of themselves by DNS-SD where they are.</summary>
internal static class ServersEndpoint
{
    private const int MostDomain = 200;

    public static void MapServers(this IEndpointRouteBuilder routes) => routes
        .MapGet("/v1/servers", FindAsync)
        .RequirePermission(Permission.Operate)
        .WithTags("Servers").WithName("findServers")
        .WithSummary("Servers that DNS-SD tells of (_smartenergy._tcp), with the serverUrl to put")
        .WithDescription("Asks the network now, for some seconds. A hint where to ask and no word on whom to trust: pin the server, or name the utility's roots, before a client is put. `domain`: local (multicast DNS), site (IEEE 2030.5 xmDNS), or a domain of the DNS server that ServiceDiscovery:Resolver names.")
        .Produces<FoundServers>();

    private static async Task<IResult> FindAsync(HttpContext http, ServerFinder finder, string? domain = null, string? sfdi = null)
    {
        var where = domain ?? "local";
        var device = sfdi is null ? null : Sfdi.TryParse(sfdi, out var read) ? read : throw new ProblemException(ErrorClass.SemanticCode, "sfdi is no SFDI: 12 digits whose sum is a multiple of ten.", "sfdi");
        var (servers, leftOut) = await finder.FindAsync(GetServiceName(where, device), where, http.RequestAborted);
        return Results.Ok(new FoundServers(
            [.. servers.Select(s => new FoundServer(SafeText.Line(s.Instance), s.Url, SafeText.Line(s.Host), s.Text.DeviceCapability, [.. s.Addresses.Select(a => new IPAddress([.. a]).ToString())], s.Text.Level is { } level ? SafeText.Line(level) : null))],
            [.. leftOut.Select(SafeText.Line)]));
    }

    private static DnsName GetServiceName(string domain, Sfdi? device)
    {
        try
        {
            return domain.Length > MostDomain ? throw new FormatException("it is too long") : device is null ? SmartEnergyServers.ServiceIn(domain) : SmartEnergyServers.ServiceFor(device, domain);
        }
        catch (FormatException)
        {
            throw new ProblemException(ErrorClass.SemanticCode, "domain is no domain: write local, site, or one such as utility.example.", "domain");
        }
    }
}

/// <summary>What DNS-SD told.</summary>
/// <param name="Servers">Those of which all that is needed was told, those of https first.</param>
/// <param name="LeftOut">Instances that are left out, each with the reason.</param>
public sealed record FoundServers(IReadOnlyList<FoundServer> Servers, IReadOnlyList<string> LeftOut);

/// <summary>A server that was found.</summary>
/// <param name="Instance">The name that it gave itself.</param>
/// <param name="ServerUrl">For <c>serverUrl</c> of a client; absent = it speaks plain http alone, which is not followed.</param>
/// <param name="Host">Its host's name.</param>
/// <param name="DeviceCapability">Path of DeviceCapability.</param>
/// <param name="Addresses">IP addresses of the host, as far as they were told.</param>
/// <param name="Level">Level of the schema, such as -S1; absent = not said.</param>
public sealed record FoundServer(string Instance, string? ServerUrl, string Host, string DeviceCapability, IReadOnlyList<string> Addresses, string? Level);

using System.Text;
using GridServices.EnvelopeHub.Service;
using GridServices.FrequencyResponse.Service;
using GridServices.Hosting.Auth;
using GridServices.Ieee2030Dot5.Service;
using GridServices.OpenAdr.Service;
using GridServices.Operations.Service;
using GridServices.Operations.Service.Api;
using GridServices.Tariffs.Service;
using GridServices.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace GridServices.Contract.Tests.Access;

/// <summary>An operation of the public API, as its endpoint says it.</summary>
/// <param name="Method">GET, PUT, POST or DELETE.</param>
/// <param name="Template">The path with its parameters.</param>
/// <param name="Required">What it asks of its caller; null: it says nothing.</param>
/// <param name="Permission">The word of what it lets do; null: it says none.</param>
/// <param name="MediaType">Of its body; null: it takes none.</param>
internal sealed record ServiceEndpoint(string Method, string Template, RequiredRoles? Required, string? Permission, string? MediaType);

/// <summary>The services, what they hold in these tests, and their operations.</summary>
internal static class ServiceEndpoints
{
    internal static readonly Dictionary<string, Func<string[], WebApplication>> Services = new(StringComparer.Ordinal)
    {
        ["envelope-hub"] = EnvelopeHubApp.Build,
        ["openadr"] = OpenAdrApp.Build,
        ["ieee2030-5"] = Ieee2030Dot5App.Build,
        ["tariffs"] = TariffsApp.Build,
        ["frequency-response"] = FrequencyResponseApp.Build,
        ["operations"] = OperationsApp.Build,
    };

    /// <summary>What the operator of tenant default puts before anybody asks: method, path, body.</summary>
    internal static readonly Dictionary<string, (string Method, string Path, string Body)[]> Held = new(StringComparer.Ordinal)
    {
        ["envelope-hub"] = [("POST", "/v1/sites/home-site/telemetry", """[{"at":"2026-01-15T18:00:00Z","netPowerW":1}]""")],
        ["openadr"] = [("PUT", "/v1/vens/home-ven", """{"vtnUrl":"http://127.0.0.1:9/OpenADR2/Simple/2.0b","venName":"home-ven","siteId":"home-site"}""")],
        ["ieee2030-5"] = [("PUT", "/v1/clients/home-client", """{"serverUrl":"http://127.0.0.1:9/dcap","lfdi":"3E4F45AB31EDFE5B67E343E5E4562E31984E23E5","siteId":"home-site"}""")],
        ["tariffs"] =
        [
            ("PUT", "/v1/tariffs/home-tariff", File.ReadAllText(RepositoryFiles.Path("deploy", "Local", "demo", "tariff.json")).Replace("\"depot\"", "\"home-tariff\"", StringComparison.Ordinal)),
            ("PUT", "/v1/meters/home-meter", """{"siteId":"home-site","tariffId":"home-tariff","targetW":65000}"""),
            ("POST", "/v1/billing-runs", """{"meters":["home-meter"],"from":"2026-01-01","until":"2026-02-01"}"""),
        ],
        ["operations"] = OperationsHeld.Requests,
        ["frequency-response"] =
        [
            ("PUT", "/v1/sources/home-source", """{"kind":"http","period":"PT0.05S","path":"PT0.1S"}"""),
            ("PUT", "/v1/assets/home-asset", """{"siteId":"home-site","kind":"bess","chargeMaxW":50000,"dischargeMaxW":50000,"energyWh":100000,"socPercent":50,"latencyMs":100,"rampWPerS":1000000}"""),
            ("PUT", "/v1/contracts/home-contract", """{"service":"GB-DCL","siteId":"home-site","quantityW":30000,"windows":[{"from":"2026-01-01T00:00:00Z","until":null}],"assets":["home-asset"],"sources":["home-source"],"connection":{"importW":100000,"exportW":100000},"honourLimits":false}"""),
        ],
    };

    /// <summary>Parameters whose values are words of the API, not names of what somebody holds.</summary>
    private static readonly Dictionary<string, string> Words = new(StringComparer.Ordinal)
    {
        ["quantity"] = "importLimitW",
        ["action"] = "resume",
        ["day"] = "2026-01-15",
        ["kind"] = "sites",
        ["decision"] = "restore",
    };

    /// <summary>The operations below /v1, in the order of their paths.</summary>
    internal static IReadOnlyList<ServiceEndpoint> GetAll(WebApplication app) =>
    [
        .. app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => Path(e).StartsWith("/v1/", StringComparison.Ordinal))
            .SelectMany(e => e.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods.Select(m => new ServiceEndpoint(m, Path(e), e.Metadata.GetMetadata<RequiredRoles>(), FindPermission(e), e.Metadata.GetMetadata<IAcceptsMetadata>()?.ContentTypes[0])))
            .OrderBy(e => e.Template, StringComparer.Ordinal).ThenBy(e => e.Method, StringComparer.Ordinal),
    ];

    /// <summary>The path about what <paramref name="whose"/> ("home", or a name that nobody holds) is the beginning of.</summary>
    /// <param name="endpoint">The operation.</param>
    /// <param name="whose">The beginning of the names.</param>
    /// <param name="ids">Ids that a service gave itself, by the collection.</param>
    internal static string BuildPath(ServiceEndpoint endpoint, string whose, HeldIds ids)
    {
        var path = new StringBuilder();
        var collection = string.Empty;
        foreach (var part in endpoint.Template.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var name = part.Trim('{', '}', '*');
            collection = part[0] == '{' ? collection : part;
            path.Append('/').Append(part[0] != '{' ? part : name == "id" ? ids.GetId(collection, whose) : Words.TryGetValue(name, out var word) ? word : name == "code" ? $"{whose.ToUpperInvariant()}-CODE" : $"{whose}-{Kind(name)}");
        }

        return path.ToString();
    }

    /// <summary>
    /// A request that is understood and does nothing: what it says is refused, but only after it was asked who says it. Where a body of sense is known
    /// it is sent, so that what it names is refused for being somebody else's.
    /// </summary>
    internal static HttpRequestMessage Request(ServiceEndpoint endpoint, string whose, HeldIds ids, bool withSense)
    {
        var request = new HttpRequestMessage(new HttpMethod(endpoint.Method), BuildPath(endpoint, whose, ids));
        if (endpoint.MediaType is { } media)
        {
            var body = withSense && OperationsHeld.Bodies.TryGetValue($"{endpoint.Method} {endpoint.Template}", out var sense) ? ids.In(sense, whose) : "{\"nonsense\":true}";
            request.Content = new StringContent(body, Encoding.UTF8, media);
        }

        return request;
    }

    // "venKey" names a ven, "siteId" a site.
    private static string Kind(string parameter) => parameter.EndsWith("Key", StringComparison.Ordinal) ? parameter[..^3] : parameter.EndsWith("Id", StringComparison.Ordinal) ? parameter[..^2] : parameter;

    private static string? FindPermission(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<RequiredRoles>()?.Permission is { } one ? Word(one.ToString()) : endpoint.Metadata.GetMetadata<NeededPermission>() is { } needed ? Word(needed.Permission.ToString()) : null;

    /// <summary>A member's word on the wire.</summary>
    internal static string Word(string name) => char.ToLowerInvariant(name[0]) + name[1..];

    private static string Path(RouteEndpoint endpoint) => "/" + endpoint.RoutePattern.RawText!.Trim('/');
}

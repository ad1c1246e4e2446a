using System.Collections.Immutable;
using GridServices.Hosting.Configuration;

namespace GridServices.Operations.Service.Clients;

/// <summary>Where the services are and how we show who we are. Without a token nothing can be written or read there, and it says so.</summary>
internal sealed record ServicesOptions : ISettings
{
    public static string Section => "Services";

    /// <summary>The tenant that each `Token` is for; `Tokens` has others.</summary>
    public string Tenant { get; init; } = "default";

    /// <summary>The hub: `Url`, `Token` (of role operator), `Tokens:{tenant}`.</summary>
    public ServiceAddress EnvelopeHub { get; init; } = new() { Url = "http://127.0.0.1:5100" };

    /// <summary>OpenAdr, likewise.</summary>
    public ServiceAddress OpenAdr { get; init; } = new() { Url = "http://127.0.0.1:5110" };

    /// <summary>Ieee2030Dot5, likewise.</summary>
    public ServiceAddress Ieee2030Dot5 { get; init; } = new() { Url = "http://127.0.0.1:5120" };

    /// <summary>Tariffs, likewise.</summary>
    public ServiceAddress Tariffs { get; init; } = new() { Url = "http://127.0.0.1:5130" };

    /// <summary>FrequencyResponse, likewise.</summary>
    public ServiceAddress FrequencyResponse { get; init; } = new() { Url = "http://127.0.0.1:5140" };

    internal ServiceAddress this[ServiceName name] => name switch
    {
        ServiceName.EnvelopeHub => EnvelopeHub,
        ServiceName.OpenAdr => OpenAdr,
        ServiceName.Ieee2030Dot5 => Ieee2030Dot5,
        ServiceName.Tariffs => Tariffs,
        _ => FrequencyResponse,
    };

    /// <summary>How long a service may take to answer; Tariffs, which calculates meanwhile, a minute at least.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    public IEnumerable<string> Validate() =>
    [
        .. Bounds.Within("Services:Timeout", Timeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10)),
        .. Enum.GetValues<ServiceName>().SelectMany(name => Bounds.HttpAddress($"Services:{name}:Url", this[name].Url, "http://127.0.0.1:5100")),
    ];
}

/// <summary>One of them.</summary>
public sealed record ServiceAddress
{
    public string Url { get; init; } = string.Empty;

    public string? Token { get; init; }

    public IReadOnlyDictionary<string, string?> Tokens { get; init; } = ImmutableDictionary<string, string?>.Empty;
}

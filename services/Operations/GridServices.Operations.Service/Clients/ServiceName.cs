namespace GridServices.Operations.Service.Clients;

/// <summary>The services that we write to and read from.</summary>
internal enum ServiceName
{
    EnvelopeHub,
    OpenAdr,
    Ieee2030Dot5,
    Tariffs,
    FrequencyResponse,
}

/// <summary>
/// Where the services are and how we show who we are: <c>Services:{Name}:Url</c>, <c>Services:{Name}:Token</c> for tenant <c>Services:Tenant</c> (default
/// <c>default</c>), <c>Services:{Name}:Tokens:{tenant}</c> for others.
/// </summary>
internal sealed class ServiceTokens(IConfiguration configuration)
{
    private const string DefaultTenant = "default";
    private static readonly Dictionary<ServiceName, int> Ports = new()
    {
        [ServiceName.EnvelopeHub] = 5100, [ServiceName.OpenAdr] = 5110, [ServiceName.Ieee2030Dot5] = 5120, [ServiceName.Tariffs] = 5130, [ServiceName.FrequencyResponse] = 5140,
    };

    /// <summary>The tenants that we have tokens for.</summary>
    internal IReadOnlyList<string> Tenants { get; } =
    [
        .. Enum.GetValues<ServiceName>().SelectMany(name => configuration.GetSection($"Services:{name}:Tokens").GetChildren().Select(t => t.Key))
            .Append(configuration["Services:Tenant"] ?? DefaultTenant).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
    ];

    internal Uri UrlOf(ServiceName name) =>
        new(configuration[$"Services:{name}:Url"] is { Length: > 0 } url ? url.TrimEnd('/') : $"http://127.0.0.1:{Ports[name]}");

    /// <summary>Null: there is none for this tenant; nothing of it can be written or read there.</summary>
    internal string? TokenOf(ServiceName name, string tenant) =>
        configuration[$"Services:{name}:Tokens:{tenant}"] is { Length: > 0 } own ? own
        : string.Equals(tenant, configuration["Services:Tenant"] ?? DefaultTenant, StringComparison.Ordinal) && configuration[$"Services:{name}:Token"] is { Length: > 0 } token ? token
        : null;
}

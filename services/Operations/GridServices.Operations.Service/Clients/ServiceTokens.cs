namespace GridServices.Operations.Service.Clients;

/// <summary>Our tokens at the services, by tenant.</summary>
internal sealed class ServiceTokens(ServicesOptions options)
{
    /// <summary>The tenants that we have tokens for.</summary>
    internal IReadOnlyList<string> Tenants { get; } =
        [.. Enum.GetValues<ServiceName>().SelectMany(name => options[name].Tokens.Keys).Append(options.Tenant).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>Null: there is none for this tenant; nothing of it can be written or read there.</summary>
    internal string? FindToken(ServiceName name, string tenant) => (options[name].Tokens.GetValueOrDefault(tenant), options[name].Token) switch
    {
        ({ Length: > 0 } own, _) => own,
        (_, { Length: > 0 } token) when string.Equals(tenant, options.Tenant, StringComparison.Ordinal) => token,
        _ => null,
    };
}

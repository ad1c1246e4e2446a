namespace GridServices.Ieee2030Dot5.Service.Transport;

/// <summary>What holds for every client's line. Configuration section <c>Tls</c>.</summary>
/// <param name="DenyList">Path of certificates never to be trusted by any client; null: none.</param>
internal sealed record TlsSettings(string? DenyList)
{
    public static TlsSettings From(IConfiguration configuration) => new(configuration["Tls:DenyList"] is { Length: > 0 } path ? path : null);
}

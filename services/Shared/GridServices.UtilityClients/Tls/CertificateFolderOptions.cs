using GridServices.Hosting;

namespace GridServices.UtilityClients.Tls;

/// <summary>Whose certificates and keys are where.</summary>
public sealed record CertificateFolderOptions : ISettings
{
    public static string Section => "Certificates";

    /// <summary>
    /// Certificates and keys: a folder for each tenant in it, by the tenant's name. A client may name files of its own tenant's folder only.
    /// Unset: tenant `default` may name any file this service can read, and other tenants none.
    /// </summary>
    public string? Folder { get; init; }

    public IEnumerable<string> Validate() => Folder is null || Path.IsPathFullyQualified(Folder) ? [] : ["Certificates:Folder must be a full path"];

    /// <summary>What a tenant may name.</summary>
    public TenantFiles Of(string tenant) => new(Folder, tenant);
}

using GridServices.Hosting.Configuration;

namespace GridServices.UtilityClients.Tls;

/// <summary>Whose certificates and keys are where.</summary>
public sealed record CertificateFolderOptions : ISettings
{
    public static string Section => "Certificates";

    /// <summary>
    /// Certificates and keys: a folder for each tenant in it, by the tenant's name. Operations makes them there; unset: in `certificates` in its store's folder.
    /// OpenAdr and Ieee2030Dot5 let a tenant name files of its own folder only; unset: tenant `default` any file that the service can read, other tenants none.
    /// </summary>
    public string? Folder { get; init; }

    public IEnumerable<string> Validate() => Folder is null || Path.IsPathFullyQualified(Folder) ? [] : ["Certificates:Folder must be a full path"];

    /// <summary>What a tenant may name.</summary>
    public TenantFiles ForTenant(string tenant) => new(Folder, tenant);
}

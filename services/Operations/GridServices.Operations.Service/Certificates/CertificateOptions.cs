using GridServices.Hosting.Configuration;

namespace GridServices.Operations.Service.Certificates;

/// <summary>Where keys and certificates are.</summary>
internal sealed record CertificateOptions : ISettings
{
    public static string Section => "Certificates";

    /// <summary>
    /// Certificates and keys: a folder for each tenant in it, by the tenant's name. Operations makes them there; unset: in `certificates` in its store's folder.
    /// OpenAdr and Ieee2030Dot5 let a tenant name files of its own folder only; unset: tenant `default` any file that the service can read, other tenants none.
    /// </summary>
    public string? Folder { get; init; }

    public IEnumerable<string> Validate() => [];
}

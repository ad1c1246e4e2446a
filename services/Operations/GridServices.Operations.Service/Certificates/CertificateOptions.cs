using GridServices.Hosting;

namespace GridServices.Operations.Service.Certificates;

/// <summary>Where keys and certificates are.</summary>
internal sealed record CertificateOptions : ISettings
{
    public static string Section => "Certificates";

    /// <summary>Keys, requests and certificates; the protocol services on this machine read them from there. Unset: `certificates` in the store's folder.</summary>
    public string? Folder { get; init; }

    public IEnumerable<string> Validate() => [];
}

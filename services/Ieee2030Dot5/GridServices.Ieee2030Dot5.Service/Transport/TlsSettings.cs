using GridServices.Hosting.Configuration;

namespace GridServices.Ieee2030Dot5.Service.Transport;

/// <summary>What holds for every client's line.</summary>
internal sealed record TlsSettings : ISettings
{
    public static string Section => "Tls";

    /// <summary>File of certificates never to be trusted by any client.</summary>
    public string? DenyList
    {
        get;
        init => field = value is { Length: > 0 } ? value : null;
    }

    public IEnumerable<string> Validate() => [];
}

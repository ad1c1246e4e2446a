using GridServices.Ieee2030Dot5.Configuration;

namespace GridServices.Ieee2030Dot5.Service.Transport;

/// <summary>The certificate files whose end is told beforehand.</summary>
internal static class ClientCertificates
{
    private const string Remedy = "have a new one issued and its LFDI registered";

    /// <summary>Those of a client's transport.</summary>
    public static IEnumerable<WatchedCertificate> For(DerTransport transport)
    {
        var paths = ClientIdentity.GetPaths(transport);
        return paths.ClientCertificate is null ? ForServer(transport)
            : ForServer(transport).Prepend(WatchedCertificate.Own("client certificate", paths, ClientIdentity.Rules, Remedy, "nothing is sent until a new one is in its place"));
    }

    /// <summary>Those by which a client trusts its server.</summary>
    public static IEnumerable<WatchedCertificate> ForServer(DerTransport transport) => transport.TrustedRoots is { } roots
        ? [WatchedCertificate.Trusted("certificate in transport.trustedRoots", roots, ClientIdentity.Rules, "ask the utility for the next one and add it to the file", "a server whose certificate leads to it is not trusted any more")]
        : [];

    /// <summary>The listener's own; none where clients' certificates serve.</summary>
    public static IEnumerable<WatchedCertificate> ForListener(CertificatePaths? configured) => configured is null ? []
        : [WatchedCertificate.Own("notification listener's certificate", configured, ClientIdentity.Rules with { Section = "Notifications" }, "put a new one in the place of Notifications:Certificate", "no server can notify until a new one is in its place")];
}

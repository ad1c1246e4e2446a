using System.Net.Security;
using GridServices.Ieee2030Dot5.Configuration;

namespace GridServices.Ieee2030Dot5.Service.Transport;

/// <summary>The suites a client may offer.</summary>
internal static class CipherSuites
{
    // IEEE 2030.5 asks every device for this one suite; CSIP 5.2.1.1 too.
    public static IReadOnlyList<TlsCipherSuite> Ccm8 { get; } = [TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8];

    private static IReadOnlyList<TlsCipherSuite> Ccm8AndGcm { get; } = [.. Ccm8, TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256];

    public static IReadOnlyList<TlsCipherSuite> For(DerCipherSuites allowed) => allowed == DerCipherSuites.Ccm8AndGcm ? Ccm8AndGcm : Ccm8;
}

using System.Security.Cryptography.X509Certificates;

namespace GridServices.UtilityClients.Tls;

/// <summary>What a protocol asks of the certificate files.</summary>
/// <param name="Section">The configuration's object that names them: <c>profile</c>.</param>
/// <param name="AllowsPfx">True: the client certificate may be a <c>.pfx</c> or <c>.p12</c>.</param>
/// <param name="KeyFault">What is wrong with the client certificate's key, after "… {path} has"; null: nothing.</param>
/// <param name="RootsFault">What is missing in the trusted roots, after "… {path} holds"; null: nothing.</param>
public sealed record CertificateFileRules(
    string Section, bool AllowsPfx, Func<X509Certificate2, string?> KeyFault, Func<X509Certificate2Collection, string?> RootsFault);

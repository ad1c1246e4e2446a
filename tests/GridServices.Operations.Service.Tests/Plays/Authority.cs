using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace GridServices.Operations.Service.Tests.Plays;

/// <summary>A utility's authority that signs what it is sent.</summary>
internal static class Authority
{
    /// <summary>The certificate for a request, which ends after so long from now.</summary>
    internal static string Issue(string csr, TimeSpan valid)
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(NodaTime.SystemClock.Instance.GetCurrentInstant().ToUnixTimeSeconds());
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var root = new CertificateRequest("CN=My SERCA", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        var request = CertificateRequest.LoadSigningRequestPem(csr, HashAlgorithmName.SHA256);
        using var issued = request.Create(root.SubjectName, X509SignatureGenerator.CreateForECDsa(key), now.AddDays(-1), now + valid, [1, 2, 3, 4]);
        return issued.ExportCertificatePem();
    }
}

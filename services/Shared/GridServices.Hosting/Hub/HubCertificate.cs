using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace GridServices.Hosting.Hub;

/// <summary>The certificate that a publisher shows the hub and its token endpoint: from PEM files that are looked at before each handshake, so that a renewed one needs no restart.</summary>
internal sealed class HubCertificate(string certificateFile, string keyFile)
{
    private readonly Lock _gate = new();
    private (DateTime Certificate, DateTime Key)? _stamp;
    private X509Certificate2? _held;

    /// <summary>The one that lies there; where it can't be read, for it is just being written, the one before.</summary>
    internal X509Certificate2? Current
    {
        get
        {
            lock (_gate)
            {
                var stamp = (File.GetLastWriteTimeUtc(certificateFile), File.GetLastWriteTimeUtc(keyFile));
                if (_stamp != stamp && Load(out _) is { } read)
                {
                    (_held, _stamp) = (read, stamp);
                }

                return _held;
            }
        }
    }

    /// <param name="fault">Why there is none.</param>
    internal X509Certificate2? Load(out string fault)
    {
        try
        {
            fault = string.Empty;
            return X509Certificate2.CreateFromPemFile(certificateFile, keyFile);
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            fault = $"{certificateFile} with {keyFile} is no certificate with its key (PEM): {wrong.Message}";
            return null;
        }
    }
}

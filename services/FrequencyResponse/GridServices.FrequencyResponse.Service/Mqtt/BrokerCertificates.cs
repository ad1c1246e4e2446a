using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GridServices.Contracts;

namespace GridServices.FrequencyResponse.Service.Mqtt;

/// <summary>The certificates of the line: ours, and whom we trust. Files are read for each connection.</summary>
internal static class BrokerCertificates
{
    /// <summary>RFC 5280, id-kp-serverAuth: a certificate for clients alone is no broker's, whoever issued it.</summary>
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <summary>With its key; null where none is named.</summary>
    /// <exception cref="IOException">A file can't be read, or doesn't hold what it should; the message says which.</exception>
    public static X509Certificate2? Own(BrokerOptions broker) =>
        broker.ClientCertificate is { } path ? Read("Mqtt:ClientCertificate", path, () => Load(broker, path)) : null;

    /// <summary>Null: the system's trust.</summary>
    /// <exception cref="IOException">The file can't be read, or holds no certificate.</exception>
    public static X509Certificate2Collection? Trusted(BrokerOptions broker) =>
        broker.TrustedRoots is { } path ? Read("Mqtt:TrustedRoots", path, () => LoadRoots(path)) : null;

    /// <summary>Whether a broker's certificate may stand for it: of a trusted root, valid, and one of a server.</summary>
    /// <param name="shown">By the broker.</param>
    /// <param name="sent">What came with it.</param>
    /// <param name="errors">What the system found.</param>
    /// <param name="trusted">Roots and what lies between; null: the system's trust.</param>
    public static bool IsTrusted(X509Certificate? shown, X509Chain? sent, SslPolicyErrors errors, X509Certificate2Collection? trusted)
    {
        if (trusted is null || shown is null)
        {
            return errors == SslPolicyErrors.None;
        }

        using var chain = new X509Chain();
        (chain.ChainPolicy.RevocationMode, chain.ChainPolicy.TrustMode, chain.ChainPolicy.DisableCertificateDownloads) = (X509RevocationMode.NoCheck, X509ChainTrustMode.CustomRootTrust, true);
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        foreach (var certificate in trusted)
        {
            (certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData) ? chain.ChainPolicy.CustomTrustStore : chain.ChainPolicy.ExtraStore).Add(certificate);
        }

        chain.ChainPolicy.ExtraStore.AddRange(sent?.ChainPolicy.ExtraStore ?? []);
        using var copy = new X509Certificate2(shown);
        return (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) == SslPolicyErrors.None && chain.Build(copy);
    }

    private static X509Certificate2 Load(BrokerOptions broker, string path)
    {
        var password = broker.ClientKeyPasswordFile is { } file ? File.ReadLines(file).FirstOrDefault() : null;
        return Path.GetExtension(path).ToUpperInvariant() is ".PFX" or ".P12" ? X509CertificateLoader.LoadPkcs12FromFile(path, password)
            : password is null ? X509Certificate2.CreateFromPemFile(path, broker.ClientKey)
            : X509Certificate2.CreateFromEncryptedPemFile(path, password, broker.ClientKey);
    }

    private static X509Certificate2Collection LoadRoots(string path)
    {
        var roots = new X509Certificate2Collection();
        roots.ImportFromPemFile(path);
        return roots.Count > 0 ? roots : throw new CryptographicException("it holds no certificate.");
    }

    private static T Read<T>(string setting, string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new IOException($"{setting} {path} can't be used: {SafeText.Line(e.Message)} It must be PEM, or a .pfx, that this service's account may read, with its key.", e);
        }
    }
}

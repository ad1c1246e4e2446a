using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GridServices.Contracts;
using NodaTime;

namespace GridServices.UtilityClients.Tls;

/// <summary>The contents of a connection's certificate files when they were read: our certificate with its key and chain, and whom we trust.</summary>
public sealed class ClientCertificateFiles : IDisposable
{
    private ClientCertificateFiles(X509Certificate2? certificate, X509Certificate2Collection chain, X509Certificate2Collection? trust, FileStamps stamps) =>
        (Certificate, Chain, Trust, Stamps) = (certificate, chain, trust, stamps);

    /// <summary>With its private key; null where none is named.</summary>
    public X509Certificate2? Certificate { get; }

    /// <summary>Intermediates sent along.</summary>
    public X509Certificate2Collection Chain { get; }

    /// <summary>Everything in the file of trusted roots; null: the system's trust.</summary>
    public X509Certificate2Collection? Trust { get; }

    public FileStamps Stamps { get; }

    /// <summary>End of validity of our certificate; null without one.</summary>
    public Instant? ExpiresAt => Certificate is null ? null : CertificateDetails.GetNotAfter(Certificate);

    /// <exception cref="CertificateFileException">A file can't be read or doesn't hold what it should.</exception>
    public static ClientCertificateFiles Load(CertificatePaths paths, CertificateFileRules rules)
    {
        ArgumentNullException.ThrowIfNull(paths);
        ArgumentNullException.ThrowIfNull(rules);
        var (stamps, chain) = (FileStamps.From(paths), new X509Certificate2Collection());
        var certificate = paths.ClientCertificate is { } path ? Read(path, "clientCertificate", rules, () => LoadCertificate(paths, path, rules, chain)) : null;
        if (certificate is not null && rules.KeyFault(certificate) is { } fault)
        {
            throw new CertificateFileException($"{rules.Section}.clientCertificate {paths.ClientCertificate} has {fault}.") { Member = "clientCertificate" };
        }

        var trust = paths.TrustedRoots is { } bundle ? Read(bundle, "trustedRoots", rules, () => LoadBundle(bundle, rules)) : null;
        return new ClientCertificateFiles(certificate, chain, trust, stamps);
    }

    /// <summary>True where subject and issuer are the same.</summary>
    public static bool IsRoot(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);
    }

    public void Dispose() => Certificate?.Dispose();

    private static X509Certificate2 LoadCertificate(CertificatePaths paths, string path, CertificateFileRules rules, X509Certificate2Collection chain)
    {
        var password = paths.ClientKeyPasswordFile is { } file ? File.ReadLines(file).FirstOrDefault() : null;
        if (rules.AllowsPfx && Path.GetExtension(path).ToUpperInvariant() is ".PFX" or ".P12")
        {
            chain.AddRange(X509CertificateLoader.LoadPkcs12CollectionFromFile(path, password));
            var own = chain.FirstOrDefault(c => c.HasPrivateKey) ?? throw new CertificateFileException($"{path} holds no private key.") { Member = "clientCertificate" };
            chain.Remove(own);
            return own;
        }

        chain.ImportFromPemFile(path);
        if (chain.Count == 0)
        {
            throw new CertificateFileException(
                $"{rules.Section}.clientCertificate {path} holds no certificate; give a PEM file: the client's certificate first, then its intermediates.")
            { Member = "clientCertificate" };
        }

        chain.RemoveAt(0);
        return password is null
            ? X509Certificate2.CreateFromPemFile(path, paths.ClientKey)
            : X509Certificate2.CreateFromEncryptedPemFile(path, password, paths.ClientKey);
    }

    private static X509Certificate2Collection LoadBundle(string path, CertificateFileRules rules)
    {
        var bundle = new X509Certificate2Collection();
        bundle.ImportFromPemFile(path);
        return rules.RootsFault(bundle) is { } fault
            ? throw new CertificateFileException($"{rules.Section}.trustedRoots {path} holds {fault}.") { Member = "trustedRoots" }
            : bundle;
    }

    private static T Read<T>(string path, string member, CertificateFileRules rules, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CertificateFileException(
                $"{rules.Section}.{member} {path} can't be read: {SafeText.Line(e.Message)} Check the path, and that this service's account may read it and the files beside it.", e)
            { Member = member };
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new CertificateFileException(
                $"{rules.Section}.{member} {path} can't be used: {SafeText.Line(e.Message)} It must be PEM (-----BEGIN CERTIFICATE-----){(rules.AllowsPfx ? " or PFX" : string.Empty)}"
                + (member == "trustedRoots" ? "." : $", and {rules.Section}.clientKey must hold the key that belongs to the first certificate in it."),
                e)
            { Member = member };
        }
    }
}

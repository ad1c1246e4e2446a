using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GridServices.Hosting;
using NodaTime;

namespace GridServices.OpenAdr.Service.Transport;

/// <summary>What the files of a <see cref="TlsProfile"/> held when they were read: our certificate with its key, and whom we trust.</summary>
public sealed class ClientIdentity : IDisposable
{
    private ClientIdentity(X509Certificate2? certificate, X509Certificate2Collection chain, X509Certificate2Collection? trust, FileStamps stamps)
    {
        (Certificate, Chain, Trust, Stamps) = (certificate, chain, trust, stamps);
    }

    /// <summary>With its private key; null where the profile names none.</summary>
    public X509Certificate2? Certificate { get; }

    /// <summary>Intermediates sent along.</summary>
    public X509Certificate2Collection Chain { get; }

    /// <summary>Null: the system's trust.</summary>
    public X509Certificate2Collection? Trust { get; }

    internal FileStamps Stamps { get; }

    public Instant? ExpiresAt => Certificate is null ? null : Instant.FromDateTimeUtc(Certificate.NotAfter.ToUniversalTime());

    /// <exception cref="IdentityException">A file can't be read or doesn't hold what it should.</exception>
    public static ClientIdentity Load(TlsProfile profile)
    {
        ArgumentNullException.ThrowIfNull(profile);
        var stamps = FileStamps.Of(profile);
        var chain = new X509Certificate2Collection();
        var certificate = profile.ClientCertificate is { } path ? Read(path, "client certificate", () => LoadCertificate(profile, path, chain)) : null;
        if (certificate is not null)
        {
            KeySize.Demand(certificate, profile.ClientCertificate!);
        }

        var trust = profile.TrustedRoots is { } bundle ? Read(bundle, "file of trusted roots", () => LoadBundle(bundle)) : null;
        return new ClientIdentity(certificate, chain, trust, stamps);
    }

    public void Dispose() => Certificate?.Dispose();

    private static X509Certificate2 LoadCertificate(TlsProfile profile, string path, X509Certificate2Collection chain)
    {
        var password = profile.ClientKeyPasswordFile is { } file ? File.ReadLines(file).FirstOrDefault() : null;
        if (IsPfx(path))
        {
            chain.AddRange(X509CertificateLoader.LoadPkcs12CollectionFromFile(path, password));
            var own = chain.FirstOrDefault(c => c.HasPrivateKey) ?? throw new IdentityException($"{path} holds no private key.");
            chain.Remove(own);
            return own;
        }

        chain.ImportFromPemFile(path);
        if (chain.Count > 0)
        {
            chain.RemoveAt(0);
        }

        return password is null
            ? X509Certificate2.CreateFromPemFile(path, profile.ClientKey)
            : X509Certificate2.CreateFromEncryptedPemFile(path, password, profile.ClientKey);
    }

    private static X509Certificate2Collection LoadBundle(string path)
    {
        var bundle = new X509Certificate2Collection();
        bundle.ImportFromPemFile(path);
        return bundle.Count > 0 ? bundle : throw new IdentityException($"{path} holds no certificate; give a PEM file with the VTN's root.");
    }

    private static T Read<T>(string path, string what, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new IdentityException($"The {what} {path} can't be used: {OneLine.Of(e.Message)}", e);
        }
    }

    private static bool IsPfx(string path) => Path.GetExtension(path).ToUpperInvariant() is ".PFX" or ".P12";
}

/// <summary>The certificate files of a profile don't serve; the message says which and why.</summary>
public sealed class IdentityException : Exception
{
    public IdentityException(string message)
        : base(message)
    {
    }

    public IdentityException(string message, Exception inner)
        : base(message, inner)
    {
    }
}

/// <summary>When the files of a profile were last written, to see that they were exchanged.</summary>
internal sealed record FileStamps(long Certificate, long Key, long Bundle)
{
    public static FileStamps Of(TlsProfile profile) =>
        new(Of(profile.ClientCertificate), Of(profile.ClientKey), Of(profile.TrustedRoots));

    private static long Of(string? path) => path is null ? 0 : HashCode.Combine(File.GetLastWriteTimeUtc(path).Ticks, new FileInfo(path) is { Exists: true } f ? f.Length : -1);
}

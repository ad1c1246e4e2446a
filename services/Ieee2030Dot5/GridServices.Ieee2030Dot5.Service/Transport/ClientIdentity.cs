using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GridServices.Hosting;
using GridServices.Ieee2030Dot5.Certificates;
using GridServices.Ieee2030Dot5.Identity;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Transport;

/// <summary>What the files of a <see cref="DerTransport"/> held when they were read: our certificate with key and chain, and whom we trust.</summary>
internal sealed class ClientIdentity : IDisposable
{
    private ClientIdentity(X509Certificate2? certificate, X509Certificate2Collection chain, X509Certificate2Collection trust, DenyList denied)
    {
        (Certificate, Chain, Trust, Denied) = (certificate, chain, trust, denied);
        Lfdi = certificate is null ? null : Lfdi.Of(certificate.RawDataMemory.Span);
    }

    /// <summary>With its private key; null where the profile names none.</summary>
    public X509Certificate2? Certificate { get; }

    /// <summary>Intermediates sent along.</summary>
    public X509Certificate2Collection Chain { get; }

    /// <summary>Everything in the file of trusted roots; empty: the system's trust.</summary>
    public X509Certificate2Collection Trust { get; }

    /// <summary>Who we are to the server; null without a certificate.</summary>
    public Lfdi? Lfdi { get; }

    /// <summary>The manufacturer's enterprise number by the certificate's hardware type; 0: it tells none.</summary>
    public int Pen => Certificate is not null && HardwareModuleName.TryRead(Certificate, out var name) ? Pens.OfHardwareType(name.HardwareType) : 0;

    internal DenyList Denied { get; }

    internal required FileStamps Stamps { get; init; }

    public Instant? ExpiresAt => Certificate is null ? null : CertificateSummary.EndOf(Certificate);

    /// <exception cref="IdentityException">A file can't be read or doesn't hold what it should; the message says which, and how to mend it.</exception>
    public static ClientIdentity Load(DerTransport transport, string? denyList = null)
    {
        ArgumentNullException.ThrowIfNull(transport);
        var stamps = FileStamps.Of(transport, denyList);
        var chain = new X509Certificate2Collection();
        var certificate = transport.ClientCertificate is { } path ? Read(path, "clientCertificate", () => LoadCertificate(transport, path, chain)) : null;
        if (certificate is not null)
        {
            DemandKey(certificate, transport);
        }

        var trust = transport.TrustedRoots is { } bundle ? Read(bundle, "trustedRoots", () => LoadBundle(bundle)) : [];
        return new ClientIdentity(certificate, chain, trust, DenyList.Load(transport.DenyList, denyList)) { Stamps = stamps };
    }

    /// <summary>The root above our own chain, where the trusted roots hold it.</summary>
    public IEnumerable<X509Certificate2> RootOf()
    {
        var top = Chain.Count > 0 ? Chain[^1] : Certificate;
        return top is null || IsRoot(top) ? [] : Trust.Where(t => IsRoot(t) && t.SubjectName.RawData.AsSpan().SequenceEqual(top.IssuerName.RawData)).Take(1);
    }

    public void Dispose() => Certificate?.Dispose();

    private static X509Certificate2 LoadCertificate(DerTransport transport, string path, X509Certificate2Collection chain)
    {
        chain.ImportFromPemFile(path);
        if (chain.Count == 0)
        {
            throw new IdentityException($"transport.clientCertificate {path} holds no certificate; give a PEM file: the device's certificate first, then its intermediates.");
        }

        chain.RemoveAt(0);
        return transport.ClientKeyPasswordFile is { } file
            ? X509Certificate2.CreateFromEncryptedPemFile(path, File.ReadLines(file).FirstOrDefault(), transport.ClientKey)
            : X509Certificate2.CreateFromPemFile(path, transport.ClientKey);
    }

    private static X509Certificate2Collection LoadBundle(string path)
    {
        var bundle = new X509Certificate2Collection();
        bundle.ImportFromPemFile(path);
        return bundle.Any(c => IsRoot(c))
            ? bundle
            : throw new IdentityException($"transport.trustedRoots {path} holds no root certificate (one that signed itself); give a PEM file with the root of the utility's PKI.");
    }

    internal static bool IsRoot(X509Certificate2 certificate) =>
        certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);

    /// <summary>Every suite of the standard signs by elliptic curve: an RSA certificate would only show as "no shared cipher".</summary>
    private static void DemandKey(X509Certificate2 certificate, DerTransport transport)
    {
        using var ec = certificate.GetECDsaPublicKey();
        if (ec is null)
        {
            throw new IdentityException($"transport.clientCertificate {transport.ClientCertificate} has no elliptic-curve key, but the cipher suites of IEEE 2030.5 ask for one; ask the PKI for an EC P-256 certificate.");
        }
    }

    private static T Read<T>(string path, string what, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IdentityException($"transport.{what} {path} can't be read: {OneLine.Of(e.Message)} Check the path, and that this service's account may read it and the files beside it.", e);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new IdentityException(
                $"transport.{what} {path} can't be used: {OneLine.Of(e.Message)} It must be PEM (-----BEGIN CERTIFICATE-----)"
                + (what == "trustedRoots" ? "." : ", and transport.clientKey must hold the key that belongs to the first certificate in it."),
                e);
        }
    }
}

/// <summary>The certificate files of a profile don't serve; the message says which, why, and how to mend it.</summary>
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
internal sealed record FileStamps(long Certificate, long Key, long Bundle, long Denied)
{
    public static FileStamps Of(DerTransport transport, string? denyList) =>
        new(Of(transport.ClientCertificate), Of(transport.ClientKey), Of(transport.TrustedRoots), HashCode.Combine(Of(transport.DenyList), Of(denyList)));

    private static long Of(string? path) => path is null ? 0 : HashCode.Combine(File.GetLastWriteTimeUtc(path).Ticks, new FileInfo(path) is { Exists: true } f ? f.Length : -1);
}

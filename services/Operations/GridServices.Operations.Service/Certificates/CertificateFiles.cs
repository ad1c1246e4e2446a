using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GridServices.Hosting.Storage;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Registry;

namespace GridServices.Operations.Service.Certificates;

/// <summary>
/// Keys and certificates as files in <c>Certificates:Folder</c> (default: <c>certificates</c> in the store's folder), which the protocol services read too.
/// Keys are made here, readable by the owner only, and leave this folder never.
/// </summary>
internal sealed class CertificateFiles(CertificateOptions options, StorageOptions storage)
{
    private const int RsaBits = 2048;

    internal string Folder { get; } = Path.GetFullPath(options.Folder is { Length: > 0 } folder ? folder : Path.Combine(storage.Folder, "certificates"));

    internal string GetKeyPath(string tenant, string id) => Path.Combine(Folder, tenant, id + ".key");

    internal string GetRequestPath(string tenant, string id) => Path.Combine(Folder, tenant, id + ".csr");

    internal string GetCertificatePath(string tenant, string id) => Path.Combine(Folder, tenant, id + ".crt");

    /// <summary>Makes a key and a request for a certificate (PKCS #10, PEM). OpenADR: RSA 2048 or P-256; IEEE 2030.5: P-256.</summary>
    internal string CreateRequest(string tenant, string id, CertificateKind kind, X500DistinguishedName subject)
    {
        OwnerOnlyFiles.EnsureFolder(Path.Combine(Folder, tenant));
        using var key = kind == CertificateKind.OpenAdrRsa ? (AsymmetricAlgorithm)RSA.Create(RsaBits) : ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = key is RSA rsa
            ? new CertificateRequest(subject, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest(subject, (ECDsa)key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.2")], critical: false));
        var pem = request.CreateSigningRequestPem();
        Write(GetKeyPath(tenant, id), key.ExportPkcs8PrivateKeyPem());
        Write(GetRequestPath(tenant, id), pem);
        return pem;
    }

    internal async Task<string?> RequestTextAsync(string tenant, string id, CancellationToken ct) =>
        File.Exists(GetRequestPath(tenant, id)) ? await File.ReadAllTextAsync(GetRequestPath(tenant, id), ct) : null;

    /// <summary>Puts the issued certificate, with its chain, beside its key; in one step, so that a service reads the old or the new one.</summary>
    internal void Install(string tenant, string id, string pem) => Write(GetCertificatePath(tenant, id), pem);

    /// <summary>Ids of certificates with any file here; other names, which people may have put here, are none of ours.</summary>
    internal IReadOnlyList<string> ListIds(string tenant) => Directory.Exists(Path.Combine(Folder, tenant))
        ? [.. Directory.EnumerateFiles(Path.Combine(Folder, tenant)).Where(f => Path.GetExtension(f) is ".key" or ".csr" or ".crt")
            .Select(Path.GetFileNameWithoutExtension).OfType<string>().Where(EntityId.IsValid).Distinct(StringComparer.Ordinal)]
        : [];

    /// <exception cref="IOException">Some could not be deleted, by name; the others are.</exception>
    internal void Remove(string tenant, string id)
    {
        var left = new List<string>();
        foreach (var path in new[] { GetKeyPath(tenant, id), GetRequestPath(tenant, id), GetCertificatePath(tenant, id) })
        {
            try
            {
                File.Delete(path);
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                left.Add($"{Path.GetFileName(path)} ({fault.Message})");
            }
        }

        if (left.Count > 0)
        {
            throw new IOException($"{left.Count} can't be deleted: {string.Join("; ", left)}");
        }
    }

    /// <summary>Keeps a utility's root certificates (PEM) under their hash; null: it holds none.</summary>
    /// <returns>The file's path, for the protocol services.</returns>
    internal string? SaveRoots(string tenant, string pem)
    {
        var roots = new X509Certificate2Collection();
        try
        {
            roots.ImportFromPem(pem);
        }
        catch (CryptographicException)
        {
            return null;
        }

        if (roots.Count == 0)
        {
            return null;
        }

        var text = string.Join('\n', roots.Select(root => root.ExportCertificatePem())) + "\n";
        OwnerOnlyFiles.EnsureFolder(Path.Combine(Folder, tenant));
        var path = Path.Combine(Folder, tenant, $"roots-{Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(text)))[..16]}.pem");
        Write(path, text);
        return path;
    }

    /// <summary>Whether the certificate is for the key that was made here.</summary>
    internal bool BelongsTo(string tenant, string id, X509Certificate2 certificate)
    {
        if (!File.Exists(GetKeyPath(tenant, id)))
        {
            return false;
        }

        var pem = File.ReadAllText(GetKeyPath(tenant, id));
        if (certificate.GetRSAPublicKey() is { } rsaPublic)
        {
            using (rsaPublic)
            using (var rsa = RSA.Create())
            {
                return TryImport(rsa, pem) && rsa.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(rsaPublic.ExportSubjectPublicKeyInfo());
            }
        }

        using var ecPublic = certificate.GetECDsaPublicKey();
        using var ec = ECDsa.Create();
        return ecPublic is not null && TryImport(ec, pem) && ec.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(ecPublic.ExportSubjectPublicKeyInfo());
    }

    private static bool TryImport(AsymmetricAlgorithm key, string pem)
    {
        try
        {
            key.ImportFromPem(pem);
            return true;
        }
        catch (Exception wrong) when (wrong is CryptographicException or ArgumentException)
        {
            return false;
        }
    }

    private static void Write(string path, string text)
    {
        var draft = path + ".new";
        OwnerOnlyFiles.EnsureFile(draft);
        using (var stream = new FileStream(draft, FileMode.Truncate, FileAccess.Write))
        using (var writer = new StreamWriter(stream))
        {
            writer.Write(text);
            writer.Flush();
            stream.Flush(flushToDisk: true);
        }

        File.Move(draft, path, overwrite: true);
    }
}

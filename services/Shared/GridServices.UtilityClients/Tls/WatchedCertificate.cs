using System.Security.Cryptography.X509Certificates;
using NodaTime;

namespace GridServices.UtilityClients.Tls;

/// <summary>A certificate file whose end is told beforehand.</summary>
/// <param name="Use">What it serves for, after "The": "client certificate". The label of its metric, which names no file and no tenant.</param>
/// <param name="Path">The file.</param>
/// <param name="Read">Reads what is in it; throws <see cref="CertificateFileException"/>.</param>
/// <param name="Remedy">What to do before it ends: "put a new one in its place".</param>
/// <param name="Consequence">What happens once it has ended: "nothing is sent until a new one is in its place".</param>
public sealed record WatchedCertificate(string Use, string Path, Func<IReadOnlyList<X509Certificate2>> Read, string Remedy, string Consequence)
{
    /// <summary>A certificate of ours, with its key.</summary>
    public static WatchedCertificate Own(string use, CertificatePaths paths, CertificateFileRules rules, string remedy, string consequence)
    {
        ArgumentNullException.ThrowIfNull(paths);

        // Whom we trust is watched for itself: a fault there is none of this file.
        return new(use, paths.ClientCertificate!, () => ReadOwn(paths with { TrustedRoots = null }, rules), remedy, consequence) { AreAllInUse = true };
    }

    /// <summary>Certificates of the other side that are trusted: its roots, or the very one it has.</summary>
    public static WatchedCertificate Trusted(string use, string path, CertificateFileRules rules, string remedy, string consequence) =>
        new(use, path, () => [.. ClientCertificateFiles.Load(new CertificatePaths { TrustedRoots = path }, rules).Trust!], remedy, consequence);

    /// <summary>True: the file's certificates are one chain, which ends with the first of them; false: any of them may be the one in use.</summary>
    public bool AreAllInUse { get; init; }

    /// <summary>
    /// The end that matters: of a chain the first; of others the next that ends, and one that has ended counts only where all have.
    /// </summary>
    /// <exception cref="CertificateFileException">The file can't be used.</exception>
    public Instant EndAt(Instant now)
    {
        var ends = Read().Select(CertificateDetails.GetNotAfter).Order().ToList();
        return AreAllInUse ? ends[0] : ends.Find(end => end > now) is var next && next != default ? next : ends[^1];
    }

    // Ours and the intermediates above it. The root is the other side's to know, and what else is in the file serves nobody.
    private static List<X509Certificate2> ReadOwn(CertificatePaths paths, CertificateFileRules rules)
    {
        using var files = ClientCertificateFiles.Load(paths, rules);
        List<X509Certificate2> path = [X509CertificateLoader.LoadCertificate(files.Certificate!.RawData)];
        while (path.Count <= files.Chain.Count && files.Chain.FirstOrDefault(c => !ClientCertificateFiles.IsRoot(c) && IsIssuedBy(path[^1], c)) is { } above)
        {
            path.Add(above);
        }

        return path;
    }

    private static bool IsIssuedBy(X509Certificate2 certificate, X509Certificate2 issuer) =>
        certificate.IssuerName.RawData.AsSpan().SequenceEqual(issuer.SubjectName.RawData);
}

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
        return new(use, paths.ClientCertificate!, () => ReadOwn(paths with { TrustedRoots = null }, rules), remedy, consequence);
    }

    /// <summary>Certificates of the other side that are trusted: its roots, or the very one it has.</summary>
    public static WatchedCertificate Trusted(string use, string path, CertificateFileRules rules, string remedy, string consequence) =>
        new(use, path, () => [.. ClientCertificateFiles.Load(new CertificatePaths { TrustedRoots = path }, rules).Trust!], remedy, consequence);

    /// <summary>
    /// The end that matters: of several certificates the next that ends, as any of them may be the one in use; one that has ended counts only where all have.
    /// </summary>
    /// <exception cref="CertificateFileException">The file can't be used.</exception>
    public Instant EndAt(Instant now)
    {
        var ends = Read().Select(CertificateDetails.EndOf).Order().ToList();
        return ends.Find(end => end > now) is var next && next != default ? next : ends[^1];
    }

    private static IReadOnlyList<X509Certificate2> ReadOwn(CertificatePaths paths, CertificateFileRules rules)
    {
        using var files = ClientCertificateFiles.Load(paths, rules);
        return [X509CertificateLoader.LoadCertificate(files.Certificate!.RawData)];
    }
}

using System.Security.Cryptography.X509Certificates;
using GridServices.Contracts;

namespace GridServices.Ieee2030Dot5.Service.Transport;

/// <summary>Certificates never to be trusted, wherever they stand in a chain: certificates of IEEE 2030.5 don't expire and are not revoked.</summary>
internal sealed class DenyList
{
    private readonly List<string> _prints = [];

    public static DenyList Empty { get; } = new();

    /// <summary>One LFDI or SHA-256 fingerprint per line, with or without colons; what follows a # is a remark.</summary>
    /// <exception cref="CertificateFileException">A file can't be read, or a line is neither.</exception>
    public static DenyList Load(params IEnumerable<string?> paths)
    {
        var list = new DenyList();
        foreach (var path in paths.OfType<string>())
        {
            list.Add(path);
        }

        return list;
    }

    public bool Contains(X509Certificate2 certificate)
    {
        var print = _prints.Count > 0 ? CertificateFingerprint.Compute(certificate) : string.Empty;
        return _prints.Exists(p => print.StartsWith(p, StringComparison.Ordinal));
    }

    private void Add(string path)
    {
        try
        {
            var number = 0;
            foreach (var line in File.ReadLines(path))
            {
                number++;
                var written = line.Split('#')[0].Trim();
                if (written.Length > 0)
                {
                    _prints.Add(CertificateFingerprint.Normalize(written) ?? throw new CertificateFileException(
                        $"line {number} of the deny list {path}, '{SafeText.Line(written)}', is neither an LFDI (40 hex digits) nor a SHA-256 fingerprint (64); correct it or put a # before it."));
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CertificateFileException($"The deny list {path} can't be read: {SafeText.Line(e.Message)}", e);
        }
    }
}

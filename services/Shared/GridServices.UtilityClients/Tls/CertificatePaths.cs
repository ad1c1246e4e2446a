using GridServices.Wire;

namespace GridServices.UtilityClients.Tls;

/// <summary>The certificate files of one connection: paths only, no secret is in it.</summary>
public record CertificatePaths
{
    /// <summary>PEM (certificate, optionally followed by its intermediates), or PFX where the protocol allows it.</summary>
    public string? ClientCertificate { get; init; }

    /// <summary>PEM key; null: in the certificate's own file.</summary>
    public string? ClientKey { get; init; }

    /// <summary>A file whose first line is the password of the key or PFX.</summary>
    public string? ClientKeyPasswordFile { get; init; }

    /// <summary>PEM bundle of roots and intermediates. When given, the system's own trust is not used.</summary>
    public string? TrustedRoots { get; init; }

    /// <summary>Other files whose change makes a new connection: deny lists.</summary>
    public ValueList<string> Lists { get; init; } = [];
}

/// <summary>When the files of a connection were last written, to see that they were exchanged.</summary>
public sealed record FileStamps(ValueList<long> Files)
{
    public static FileStamps From(CertificatePaths paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        return new(new string?[] { paths.ClientCertificate, paths.ClientKey, paths.TrustedRoots }.Concat(paths.Lists).Select(GetStamp).ToValueList());
    }

    // A folder that can't be looked into, or a share that is away for a while, is like a file that is not there: reading it says why.
    private static long GetStamp(string? path)
    {
        try
        {
            return path is null ? 0 : HashCode.Combine(File.GetLastWriteTimeUtc(path).Ticks, new FileInfo(path) is { Exists: true } f ? f.Length : -1);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return -1;
        }
    }
}

/// <summary>A certificate file can't be used; the message says which, why, and how to fix it.</summary>
public sealed class CertificateFileException : Exception
{
    public CertificateFileException(string message)
        : base(message)
    {
    }

    public CertificateFileException(string message, Exception inner)
        : base(message, inner)
    {
    }

    /// <summary>The member of the transport that names the file; null: not known.</summary>
    public string? Member { get; init; }
}

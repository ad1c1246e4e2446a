using System.Collections.Frozen;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace GridServices.Ieee2030Dot5.Certificates;

/// <summary>One certificate of a chain, with the extensions the profile speaks of decoded once.</summary>
internal sealed class ChainLink(X509Certificate2 certificate, int depth)
{
    public const string BasicConstraints = "2.5.29.19";
    public const string KeyUsage = "2.5.29.15";
    public const string Policies = "2.5.29.32";
    public const string SubjectAltName = "2.5.29.17";
    public const string AuthorityKey = "2.5.29.35";
    public const string SubjectKey = "2.5.29.14";
    public const string NameConstraints = "2.5.29.30";
    public const string PolicyMappings = "2.5.29.33";
    public const string AnyPolicy = "2.5.29.32.0";

    private const string P256 = "1.2.840.10045.3.1.7";
    private const string EcdsaSha256 = "1.2.840.10045.4.3.2";

    private static readonly FrozenSet<string> Understood = FrozenSet.Create(StringComparer.Ordinal,
        BasicConstraints, KeyUsage, Policies, SubjectAltName, AuthorityKey, SubjectKey, "2.5.29.37");

    public X509Certificate2 Certificate { get; } = certificate;

    public int Depth { get; } = depth;

    /// <summary>Null where it is missing or malformed.</summary>
    public X509BasicConstraintsExtension? Basic => Legible<X509BasicConstraintsExtension>(e => e.CertificateAuthority);

    /// <summary>Null where it is missing or malformed.</summary>
    public X509KeyUsageExtension? Usage => Legible<X509KeyUsageExtension>(e => e.KeyUsages);

    /// <summary>True where an extension that has to be read can't be.</summary>
    public bool IsMalformed =>
        (Extension(BasicConstraints) is not null && Basic is null) || (Extension(KeyUsage) is not null && Usage is null);

    public bool IsSelfIssued => Certificate.SubjectName.RawData.AsSpan().SequenceEqual(Certificate.IssuerName.RawData);

    public bool HasEmptySubject => Certificate.SubjectName.RawData is [0x30, 0x00];

    public bool SignsByEcdsaSha256 => string.Equals(Certificate.SignatureAlgorithm.Value, EcdsaSha256, StringComparison.Ordinal);

    public bool HasKeyOnP256
    {
        get
        {
            try
            {
                using var key = Certificate.GetECDsaPublicKey();
                return string.Equals(key?.ExportParameters(includePrivateParameters: false).Curve.Oid.Value, P256, StringComparison.Ordinal);
            }
            catch (CryptographicException)
            {
                return false;
            }
        }
    }

    public X509Extension? Extension(string oid) => Certificate.Extensions[oid];

    public IEnumerable<string> UnknownCritical =>
        Certificate.Extensions.Where(e => e.Critical && e.Oid?.Value is not (NameConstraints or PolicyMappings) && !Understood.Contains(e.Oid?.Value ?? string.Empty))
            .Select(e => e.Oid?.Value ?? "?");

    /// <summary>The policy OIDs; empty where the extension is missing, null where it is malformed.</summary>
    public IReadOnlyList<string>? PolicyOids
    {
        get
        {
            if (Extension(Policies) is not { } extension)
            {
                return [];
            }

            try
            {
                var oids = new List<string>();
                var sequence = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
                while (sequence.HasData)
                {
                    oids.Add(sequence.ReadSequence().ReadObjectIdentifier());
                }

                return oids;
            }
            catch (AsnContentException)
            {
                return null;
            }
        }
    }

    // The extension decodes itself when first asked; a stranger's may be anything.
    private T? Legible<T>(Func<T, object> ask)
        where T : X509Extension
    {
        try
        {
            var extension = Certificate.Extensions.OfType<T>().FirstOrDefault();
            return extension is not null && ask(extension) is not null ? extension : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}

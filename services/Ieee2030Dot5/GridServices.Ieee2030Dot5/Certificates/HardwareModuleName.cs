using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace GridServices.Ieee2030Dot5.Certificates;

/// <summary>What a device's certificate names instead of a subject (RFC 4108): the manufacturer's type and the serial number.</summary>
/// <param name="HardwareType">OID.</param>
/// <param name="SerialNumber">Hex.</param>
public sealed record HardwareModuleName(string HardwareType, string SerialNumber)
{
    private const string Oid = "1.3.6.1.5.5.7.8.4";
    private const string SubjectAltName = "2.5.29.17";

    /// <summary>The hardware module name among a certificate's alternative names; false where there is none or it is malformed.</summary>
    public static bool TryRead(X509Certificate2 certificate, [NotNullWhen(true)] out HardwareModuleName? name)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        name = certificate.Extensions[SubjectAltName] is { } extension ? Read(extension.RawData) : null;
        return name is not null;
    }

    private static HardwareModuleName? Read(byte[] names)
    {
        try
        {
            var sequence = new AsnReader(names, AsnEncodingRules.DER).ReadSequence();
            while (sequence.HasData)
            {
                if (!sequence.PeekTag().HasSameClassAndValue(new Asn1Tag(TagClass.ContextSpecific, 0)))
                {
                    sequence.ReadEncodedValue();
                    continue;
                }

                var other = sequence.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0, isConstructed: true));
                if (string.Equals(other.ReadObjectIdentifier(), Oid, StringComparison.Ordinal))
                {
                    var value = other.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0, isConstructed: true)).ReadSequence();
                    return new HardwareModuleName(value.ReadObjectIdentifier(), Convert.ToHexString(value.ReadOctetString()));
                }
            }

            return null;
        }
        catch (AsnContentException)
        {
            return null;
        }
    }
}

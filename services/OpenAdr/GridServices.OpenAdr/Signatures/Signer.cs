using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using static GridServices.OpenAdr.Signatures.Dsig;
using static GridServices.OpenAdr.Signatures.SignedPayload;

namespace GridServices.OpenAdr.Signatures;

/// <summary>Whom a signature names: the certificates of its KeyInfo and the key of the signer's. A claim: who is trusted is decided anew for each message.</summary>
/// <param name="certificates">The certificates of KeyInfo, DER, in their order.</param>
/// <param name="leaf">The signer's own certificate.</param>
/// <param name="others">What came with it.</param>
internal sealed class Signer(IReadOnlyList<byte[]> certificates, X509Certificate2 leaf, X509Certificate2Collection others)
{
    // OpenSSL's keys don't promise to be used by two threads at once; push and poll may bring two messages of one signer.
    private readonly Lock _lock = new();
    private readonly Lazy<(RSA? Rsa, ECDsa? Ec)> _key = new(() => (leaf.GetRSAPublicKey(), leaf.GetECDsaPublicKey()));

    public X509Certificate2 Leaf => leaf;

    public X509Certificate2Collection Others => others;

    /// <summary>SHA-256 of the signer's certificate, hexadecimal.</summary>
    public string Hash { get; } = leaf.GetCertHashString(HashAlgorithmName.SHA256);

    /// <summary>True: another message's KeyInfo holds these very certificates, byte for byte, in this order.</summary>
    public bool IsNamedBy(IReadOnlyList<byte[]> other) =>
        other.Count == certificates.Count && certificates.Zip(other, (one, two) => one.AsSpan().SequenceEqual(two)).All(same => same);

    /// <param name="method">The signature's algorithm.</param>
    /// <param name="signed">The bytes that were signed.</param>
    /// <param name="signature">PKCS #1 v1.5 of RSA, or r and s of ECDSA side by side.</param>
    /// <exception cref="GridServices.Wire.WireFormatException">The algorithm is not one for this key.</exception>
    public bool HasSigned(string method, byte[] signed, byte[] signature)
    {
        lock (_lock)
        {
            return (method, _key.Value.Rsa, _key.Value.Ec) switch
            {
                (RsaSha256, { } key, _) => key.VerifyData(signed, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
                (EcdsaSha256, _, { } key) => key.VerifyData(signed, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation),
                _ => throw Refuse(Contracts.ErrorClass.AlgConfusion, "the signature's algorithm does not fit the key of the signer's certificate"),
            };
        }
    }
}

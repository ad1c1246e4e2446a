using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GridServices.Contracts;
using GridServices.OpenAdr.Codec;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Signatures;
using NodaTime;

namespace GridServices.OpenAdr.Tests.Signatures;

/// <summary>Chains of three, of which KeyInfo states the signer alone: what the handshake showed counts, and what is missing or wrong is named.</summary>
public sealed class SignerTrustTests(SignerTrustTests.ChainOfThree chain) : IClassFixture<SignerTrustTests.ChainOfThree>
{
    private static readonly Instant Now = Instant.FromUtc(2027, 1, 15, 18, 0);
    private readonly X509Certificate2 _root = chain.Root, _middle = chain.Middle, _leaf = chain.Leaf;

    /// <summary>Made once for all tests, which only read it: three RSA keys take longer than any of them.</summary>
    public sealed class ChainOfThree : IDisposable
    {
        public ChainOfThree()
        {
            Middle = Authority("Middle", Root);
            Leaf = SignerTrustTests.Leaf(Middle);
        }

        public X509Certificate2 Root { get; } = Authority("Root", null);

        public X509Certificate2 Middle { get; }

        public X509Certificate2 Leaf { get; }

        public void Dispose()
        {
            Root.Dispose();
            Middle.Dispose();
            Leaf.Dispose();
        }
    }

    [Fact]
    public void An_intermediate_that_came_by_TLS_alone_counts()
    {
        var read = Read(_leaf, [_root], shown: [_middle]);
        Assert.True(read.Message is not null, read.Refusal?.ToString());
        Assert.NotNull(Read(_leaf, [_root, _middle], shown: []).Message);
    }

    [Fact]
    public void Without_it_the_refusal_names_who_is_missing()
    {
        var refusal = Read(_leaf, [_root], shown: []).Refusal!;
        Assert.Equal(ErrorClass.AuthnUntrusted, refusal.Class);
        Assert.Contains("CN=Middle is neither in profile.trustedRoots nor was it sent along", refusal.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_an_authority_changed_its_root_the_way_by_the_new_one_is_found_though_the_old_one_comes_first()
    {
        using var old = Authority("Old root", null);
        using var before = Again(_middle, old);
        Assert.Null(IssuerPath.Missing(_leaf, [before, _middle], [_root]));
        Assert.Null(IssuerPath.Missing(_leaf, [_middle, before], [_root]));
        Assert.Equal("CN=Old root", IssuerPath.Missing(_leaf, [before], [_root]));
        var read = Read(_leaf, [_root], shown: [before, _middle]);
        Assert.True(read.Message is not null, read.Refusal?.ToString());
    }

    [Fact]
    public void Names_are_the_same_whatever_their_string_types()
    {
        // RFC 5280 section 7.1. The issuer is written as UTF8String, the authority's own name as PrintableString.
        using var leaf = Leaf(_middle, new X500DistinguishedName([0x30, 0x11, 0x31, 0x0F, 0x30, 0x0D, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0C, 0x06, .. "Middle"u8]));
        Assert.NotEqual(_middle.SubjectName.RawData, leaf.IssuerName.RawData);
        Assert.Null(IssuerPath.Missing(leaf, [_middle], [_root]));
        Assert.Null(IssuerPath.Missing(leaf, [], [_middle]));
        var read = Read(leaf, [_root], shown: [_middle]);
        Assert.True(read.Message is not null, read.Refusal?.ToString());
    }

    [Fact]
    public void A_circle_of_names_ends()
    {
        using var one = Authority("One", null);
        using var two = Authority("Two", one);
        using var again = Again(one, two);
        using var leaf = Leaf(two);
        Assert.NotNull(IssuerPath.Missing(leaf, [again, two], [_root]));
    }

    [Fact]
    public void What_is_shown_is_not_trusted_for_that()
    {
        using var foreign = Authority("Foreign", null);
        using var middle = Authority("Middle", foreign);
        using var leaf = Leaf(middle);
        Assert.Equal(ErrorClass.AuthnUntrusted, Read(leaf, [_root], shown: [middle, foreign]).Refusal!.Class);

        // Namesakes of those who are trusted.
        using var root = Authority("Root", null);
        using var other = Authority("Middle", root);
        using var forged = Leaf(other);
        var refusal = Read(forged, [_root], shown: [other, root]).Refusal!;
        Assert.Equal(ErrorClass.AuthnUntrusted, refusal.Class);
        Assert.Contains("was not issued by a trusted root", refusal.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_weak_key_counts_wherever_in_the_chain_it_is() // OpenADR 2.0b rule 68
    {
        using var weak = Authority("Weak", _root, bits: 1024);
        using var leaf = Leaf(weak);
        var refusal = Read(leaf, [_root], shown: [weak]).Refusal!;
        Assert.Equal(ErrorClass.AuthnWeakKey, refusal.Class);
        Assert.Contains("a certificate above the signer's has an RSA key of 1024 bits", refusal.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void An_intermediate_that_has_ended_is_told_as_that() // OpenADR 2.0b rule 516
    {
        using var ended = Authority("Ended", _root, until: Now - Duration.FromDays(1));
        using var leaf = Leaf(ended);
        var refusal = Read(leaf, [_root], shown: [ended]).Refusal!;
        Assert.Equal(ErrorClass.AuthnExpired, refusal.Class);
        Assert.Contains("the certificate above the signer's (CN=Ended) is valid from", refusal.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void What_one_ven_has_taken_is_refused_to_another()
    {
        var nonces = new SignerNonces();
        var signed = MessageSigner.Sign(new OadrRequestReregistration("ven-1"), _leaf, Now, new byte[16]);
        ReadOutcome As(string receiver) => OadrXml.Read(signed, null, Check([_root, _middle], []) with { Nonces = (signer, stamp) => nonces.Refusal(signer, stamp, receiver, Specimens.Window, Now) });
        Assert.NotNull(As("default/a").Message);
        Assert.Equal(ErrorClass.ReplayNonce, As("default/b").Refusal!.Class);
    }

    private static ReadOutcome Read(X509Certificate2 signer, X509Certificate2Collection roots, X509Certificate2Collection shown) =>
        OadrXml.Read(MessageSigner.Sign(new OadrRequestReregistration("ven-1"), signer, Now, new byte[16]), null, Check(roots, shown));

    private static SignatureCheck Check(X509Certificate2Collection roots, X509Certificate2Collection shown) =>
        new(new SignatureVerifier(Specimens.Window, false, Specimens.Chain(roots, "vtn.example").Validate), IsRequired: true, Now) { Shown = shown };

    private static X509Certificate2 Authority(string name, X509Certificate2? issuer, int bits = 2048, Instant? until = null)
    {
        using var key = RSA.Create(bits);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return Issue(request, key, issuer, until);
    }

    /// <summary>The same name and key under another issuer.</summary>
    private static X509Certificate2 Again(X509Certificate2 authority, X509Certificate2 issuer)
    {
        using var key = RSA.Create(authority.GetRSAPrivateKey()!.ExportParameters(true));
        var request = new CertificateRequest(authority.SubjectName, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return Issue(request, key, issuer, null);
    }

    private static X509Certificate2 Leaf(X509Certificate2 issuer, X500DistinguishedName? issuerName = null)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=vtn.example", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("vtn.example");
        request.CertificateExtensions.Add(names.Build());
        return Issue(request, key, issuer, null, issuerName);
    }

    private static X509Certificate2 Issue(CertificateRequest request, RSA key, X509Certificate2? issuer, Instant? until, X500DistinguishedName? issuerName = null)
    {
        var (from, to) = ((Now - Duration.FromDays(30)).ToDateTimeOffset(), (until ?? Now + Duration.FromDays(30)).ToDateTimeOffset());
        using var bare = request.Create(
            issuerName ?? issuer?.SubjectName ?? request.SubjectName, X509SignatureGenerator.CreateForRSA(issuer?.GetRSAPrivateKey() ?? key, RSASignaturePadding.Pkcs1), from, to, RandomNumberGenerator.GetBytes(12));
        using var withKey = bare.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
    }
}

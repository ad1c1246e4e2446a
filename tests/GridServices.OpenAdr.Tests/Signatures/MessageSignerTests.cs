using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using GridServices.Contracts;
using GridServices.OpenAdr.Codec;
using GridServices.OpenAdr.Messages;
using GridServices.Testing;
using NodaTime;

namespace GridServices.OpenAdr.Tests.Signatures;

/// <summary>What we sign is good for us, for another program, and for nobody once it is changed.</summary>
public sealed class MessageSignerTests
{
    private static readonly Instant Now = Instant.FromUtc(2027, 1, 15, 18, 0);

    private static readonly OadrMessage[] Messages =
    [
        new OadrResponse(new EiResponse(200, "a < b & \"c\"\t> ü", "rq-0"), "ven-1"),
        new OadrQueryRegistration("rq-1"),
        new OadrRequestEvent("rq-2", "ven-1", 5),
    ];

    public static TheoryData<int, bool> All()
    {
        var rows = new TheoryData<int, bool>();
        for (var i = 0; i < Messages.Length; i++)
        {
            rows.Add(i, true);
            rows.Add(i, false);
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_signed_message_is_verified_and_read_back_equal(int message, bool rsa)
    {
        using var certificate = Certificate(rsa);
        var read = Specimens.Read(Sign(Messages[message], certificate), Specimens.Pinned([certificate]), Now);
        Assert.True(read.Message is not null, read.Refusal?.ToString());
        Assert.Equal(Messages[message], read.Message);
        Assert.Equal(Now, read.Stamp!.SentAt);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Another_program_verifies_it_too(int message, bool rsa)
    {
        using var certificate = Certificate(rsa);
        var folder = Directory.CreateTempSubdirectory("signed-").FullName;
        var (signed, pem) = (Path.Combine(folder, "signed.xml"), Path.Combine(folder, "own.pem"));
        await File.WriteAllBytesAsync(signed, Sign(Messages[message], certificate), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(pem, certificate.ExportCertificatePem(), TestContext.Current.CancellationToken);
        var (code, said) = await XmlsecAsync("--verify", "--trusted-pem", pem, "--id-attr:Id", "http://openadr.org/oadr-2.0b/2012/07:oadrSignedObject",
            "--id-attr:Id", "http://www.w3.org/2000/09/xmldsig#:SignatureProperty", signed);
        Directory.Delete(folder, recursive: true);
        Assert.True(code == 0, said);
    }

    /// <summary>Every kind of message, whole: Green Button feeds bring namespaces of their own.</summary>
    [Fact]
    public void Every_message_there_is_can_be_signed_and_is_verified_and_read_back_equal()
    {
        using var certificate = Certificate(rsa: false);
        foreach (var message in Tests.Messages.Specimens.MessageTypes.Select(new Tests.Messages.Specimens(Tests.Messages.Fill.Everything).Message))
        {
            var read = Specimens.Read(Sign(message, certificate), Specimens.Pinned([certificate]), Now);
            Assert.True(read.Message is not null, $"{message.Name}: {read.Refusal}");
            Assert.Equal(message, read.Message);
        }
    }

    [Fact]
    public void A_text_that_XML_cannot_hold_is_not_signed()
    {
        using var certificate = Certificate(rsa: false);
        Assert.Throws<System.Xml.XmlException>(() => Sign(new OadrQueryRegistration("rq\uffff"), certificate));
    }

    /// <summary>Test signers state their root beside their certificate, or a certificate twice, and OpenSSL makes each self-signed one an authority.</summary>
    [Fact]
    public void The_signers_certificate_is_found_among_those_that_KeyInfo_holds()
    {
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var named = new CertificateRequest("CN=old root", rootKey, HashAlgorithmName.SHA256);
        using var root = named.CreateSelfSigned(Now.ToDateTimeOffset().AddYears(-5), Now.ToDateTimeOffset().AddYears(5));
        using var leafKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var asked = new CertificateRequest("CN=ven-1", leafKey, HashAlgorithmName.SHA256);
        asked.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var bare = asked.Create(root.SubjectName, X509SignatureGenerator.CreateForECDsa(rootKey), Now.ToDateTimeOffset().AddYears(-1), Now.ToDateTimeOffset().AddYears(1), [1, 2, 3]);
        using var leaf = bare.CopyWithPrivateKey(leafKey);
        var signed = Encoding.UTF8.GetString(Sign(Messages[1], leaf));
        foreach (var more in new[] { root, leaf })
        {
            var beside = signed.Replace("</ds:X509Data>", $"<ds:X509Certificate>{Convert.ToBase64String(more.RawData)}</ds:X509Certificate></ds:X509Data>", StringComparison.Ordinal);
            Assert.NotEqual(signed, beside);
            var read = Specimens.Read(Encoding.UTF8.GetBytes(beside), Specimens.Pinned([leaf]), Now);
            Assert.True(read.Message is not null, read.Refusal?.ToString());
        }
    }

    /// <summary>Every single character of what is signed counts.</summary>
    [Fact]
    public void A_changed_message_is_refused()
    {
        using var certificate = Certificate(rsa: false);
        var signed = Encoding.UTF8.GetString(Sign(new OadrRequestEvent("rq-2", "ven-1", 5), certificate));
        foreach (var (from, to) in new[] { ("ven-1", "ven-2"), (">5<", ">6<"), ("rq-2", "rq-3"), ("2027-01-15T18:00:00Z", "2027-01-15T18:00:01Z"), ("oadrRequestEvent>", "oadrRequestEvent> ") })
        {
            Assert.Contains(from, signed, StringComparison.Ordinal);
            var read = Specimens.Read(Encoding.UTF8.GetBytes(signed.Replace(from, to, StringComparison.Ordinal)), Specimens.Pinned([certificate]), Now);
            Assert.Equal(ErrorClass.AuthnSignature, read.Refusal?.Class);
        }
    }

    [Fact]
    public void The_window_of_time_is_kept_to_both_ways()
    {
        using var certificate = Certificate(rsa: false);
        var signed = Sign(new OadrPoll("ven-1"), certificate);
        foreach (var (offset, good) in new[] { (-301, false), (-300, true), (0, true), (300, true), (301, false) })
        {
            var read = Specimens.Read(signed, Specimens.Pinned([certificate]), Now + Duration.FromSeconds(offset));
            Assert.Equal(good ? null : ErrorClass.ReplayWindow, read.Refusal?.Class);
        }
    }

    [Fact]
    public void An_unsigned_message_is_refused_only_where_signatures_are_required()
    {
        using var certificate = Certificate(rsa: false);
        var unsigned = OadrXml.Write(new OadrPoll("ven-1"));
        Assert.Equal(ErrorClass.AuthnUnsigned, Specimens.Read(unsigned, Specimens.Pinned([certificate]), Now).Refusal?.Class);
        Assert.NotNull(Specimens.Read(unsigned, Specimens.Pinned([certificate]), Now, required: false).Message);
    }

    private static byte[] Sign(OadrMessage message, X509Certificate2 certificate) => MessageSigner.Sign(message, certificate, Now, new byte[16]);

    private static X509Certificate2 Certificate(bool rsa)
    {
        using var rsaKey = rsa ? RSA.Create(2048) : null;
        using var ecKey = rsa ? null : ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = rsaKey is not null
            ? new CertificateRequest("CN=ven-1", rsaKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest("CN=ven-1", ecKey!, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(Now.ToDateTimeOffset().AddYears(-5), Now.ToDateTimeOffset().AddYears(5));
    }

    private static async Task<(int Code, string Said)> XmlsecAsync(params string[] arguments)
    {
        if (!File.Exists("/usr/bin/xmlsec1"))
        {
            SkipTest.Because("xmlsec1 is not installed (Debian package xmlsec1)");
        }

        using var xmlsec = Process.Start(new ProcessStartInfo("/usr/bin/xmlsec1", arguments) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true })!;
        var said = xmlsec.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await xmlsec.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await xmlsec.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (xmlsec.ExitCode, await said);
    }
}

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Registry.Identifiers;
using NodaTime;

namespace GridServices.Operations.Tests.Enrollments;

public sealed class CertificateTests
{
    private static readonly Instant End = Sample.At("2027-06-01T00:00:00Z");

    [Theory]
    [InlineData(61, null, CertificateState.Installed)]
    [InlineData(60, 60, CertificateState.Installed)]
    [InlineData(31, 60, CertificateState.Installed)]
    [InlineData(30, 30, CertificateState.Expiring)]
    [InlineData(8, 30, CertificateState.Expiring)]
    [InlineData(7, 7, CertificateState.Expiring)]
    [InlineData(1, 1, CertificateState.Expiring)]
    [InlineData(0, 0, CertificateState.Expired)]
    public void It_is_told_60_30_7_and_1_days_before_the_end(int days, int? alarm, CertificateState state)
    {
        var certificate = Sample.Certificate with { NotAfter = End };
        Assert.Equal((alarm, state), (CertificateWatch.FindAlarm(certificate, End - Duration.FromDays(days)), CertificateWatch.GetState(certificate, End - Duration.FromDays(days))));
    }

    [Theory]
    [InlineData(CertificateState.CsrMade)]
    [InlineData(CertificateState.Sent)]
    [InlineData(CertificateState.Revoked)]
    public void What_the_clock_does_not_decide_stays(CertificateState state)
    {
        var certificate = Sample.Certificate with { State = state, NotAfter = End };
        Assert.Equal((state, null), (CertificateWatch.GetState(certificate, End), CertificateWatch.FindAlarm(certificate, End)));
    }

    [Fact]
    public void A_device_certificate_without_end_never_expires()
    {
        var certificate = Sample.Certificate with { NotAfter = null };
        Assert.Equal((CertificateState.Installed, null), (CertificateWatch.GetState(certificate, Sample.At("2200-01-01T00:00:00Z")), CertificateWatch.FindAlarm(certificate, Sample.At("2200-01-01T00:00:00Z"))));
    }

    [Fact]
    public void An_OpenADR_certificate_gives_its_fingerprint_and_a_2030_5_one_LFDI_and_SFDI()
    {
        using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var made = SelfSigned(new CertificateRequest("CN=site-1", ec, HashAlgorithmName.SHA256));
        var pem = Encoding.ASCII.GetBytes(made.ExportCertificatePem());
        var openAdr = CertificateReader.Read(Empty(CertificateKind.OpenAdrEc), pem, out var refusal)!;
        Assert.Null(refusal);
        Assert.Equal(("CN=site-1", "CN=site-1", CertificateState.Installed, "/keys/k"), (openAdr.Subject, openAdr.Issuer, openAdr.State, openAdr.KeyRef));
        Assert.Equal(string.Join(':', Convert.ToHexString(SHA256.HashData(made.RawData))[^20..].Chunk(2).Select(p => new string(p))), openAdr.Fingerprint10);
        Assert.Equal((Sample.At("2027-01-01T00:00:00Z"), (Instant?)Sample.At("2028-01-01T00:00:00Z"), null), (openAdr.NotBefore, openAdr.NotAfter, openAdr.Lfdi));

        var device = CertificateReader.Read(Empty(CertificateKind.Ieee2030Dot5Device), made.RawData, out _)!;
        Assert.Equal(Convert.ToHexString(SHA256.HashData(made.RawData))[..40], device.Lfdi);
        Assert.Equal(IdentifierVerdict.Valid, DeviceIdentifiers.CheckPair(device.Lfdi!, device.Sfdi!).Verdict);
        Assert.Null(device.Fingerprint10);
    }

    [Fact]
    public void A_key_of_the_wrong_kind_is_named()
    {
        using var rsa = RSA.Create(2048);
        using var made = SelfSigned(new CertificateRequest("CN=site-1", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        Assert.NotNull(CertificateReader.Read(Empty(CertificateKind.OpenAdrRsa), made.RawData, out _));
        Assert.Null(CertificateReader.Read(Empty(CertificateKind.Ieee2030Dot5Device), made.RawData, out var refusal));
        Assert.Contains("RSA key", refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----")]
    [InlineData("-----BEGIN CERTIFICATE-----")]
    public void What_is_no_certificate_is_refused(string text)
    {
        Assert.Null(CertificateReader.Read(Empty(CertificateKind.OpenAdrEc), Encoding.ASCII.GetBytes(text), out var refusal));
        Assert.Contains("no certificate", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_renewed_certificate_is_a_new_identity_and_the_utility_is_to_be_told_first()
    {
        var held = Sample.Certificate with { Lfdi = "3E4F", Fingerprint10 = null };
        var change = Assert.Single(CertificateWatch.Renewal(held, held with { Lfdi = "4F3E" }));
        Assert.Equal(("certificate.lfdiChanges", "4F3E"), (change.Code, change.Subject));
        Assert.Contains("tell the utility first", change.Text, StringComparison.Ordinal);
        Assert.Empty(CertificateWatch.Renewal(held, held));
        Assert.Equal("certificate.fingerprintChanges", Assert.Single(CertificateWatch.Renewal(Sample.Certificate, Sample.Certificate with { Fingerprint10 = "00" })).Code);
    }

    private static Certificate Empty(CertificateKind kind) => Sample.Certificate with { Kind = kind, Subject = string.Empty, Issuer = null, Fingerprint10 = null, NotAfter = null, KeyRef = "/keys/k", State = CertificateState.Sent };

    private static X509Certificate2 SelfSigned(CertificateRequest request) =>
        request.CreateSelfSigned(new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2028, 1, 1, 0, 0, 0, TimeSpan.Zero));
}

using System.Diagnostics;
using GridServices.Contracts;
using GridServices.Testing;
using GridServices.OpenAdr.Service.Transport;
using NodaTime;

namespace GridServices.OpenAdr.Service.Tests.Transport;

public sealed class FingerprintTests
{
    [Theory]
    [InlineData(KeyKind.Rsa)]
    [InlineData(KeyKind.Ec)]
    public async Task It_is_the_tail_of_what_openssl_prints(KeyKind kind) // OpenADR 2.0b 10.5.1
    {
        using var pki = new PrivatePki(kind);
        using var certificate = pki.Issue("ven-1");
        var path = pki.Write("ven.pem", certificate);
        string printed;
        try
        {
            using var openssl = Process.Start(new ProcessStartInfo("openssl", ["x509", "-in", path, "-noout", "-fingerprint", "-sha256"]) { RedirectStandardOutput = true, UseShellExecute = false })!;
            printed = (await openssl.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).Trim();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            SkipTest.Because("openssl is not installed");
            throw;
        }

        var fingerprint = Fingerprint.Compute(certificate);
        Assert.Equal(29, fingerprint.Length);
        Assert.EndsWith(fingerprint, printed, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(31, null)]
    [InlineData(29.9, 30)]
    [InlineData(6.9, 7)]
    [InlineData(0.9, 1)]
    [InlineData(-1, 1)]
    public void Expiry_is_warned_of_at_30_7_and_1_days(double daysLeft, int? threshold) => // OpenADR 2.0b 10.4
        Assert.Equal(threshold, CertificateExpiryMonitor.Threshold(Duration.FromDays(daysLeft)));

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("two\r\nlines\u2028three\u0000", "two\\u000d\\u000alines\\u2028three\\u0000")]
    [InlineData(null, "")]
    public void Foreign_text_becomes_one_line(string? text, string line) => Assert.Equal(line, SafeText.Line(text));
}

using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GridServices.FrequencyResponse.Service.Mqtt;
using GridServices.Testing;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Tests.Mqtt;

/// <summary>Whom the line trusts, and that certificates are let go.</summary>
public sealed class BrokerCertificatesTests
{
    private static readonly DateTimeOffset Now = SystemClock.Instance.GetCurrentInstant().ToDateTimeOffset();
    private const string Server = "1.3.6.1.5.5.7.3.1";
    private const string Client = "1.3.6.1.5.5.7.3.2";

    [Theory]
    [InlineData(Server, true)]
    [InlineData(Client, false)]
    [InlineData(null, true)]
    public void A_certificate_for_clients_alone_is_no_brokers(string? usage, bool isTrusted)
    {
        using var root = Root();
        using var shown = Issued(root, usage);
        Assert.Equal(isTrusted, BrokerCertificates.IsTrusted(shown, null, SslPolicyErrors.RemoteCertificateChainErrors, [root]));

        // A name that does not fit is none either way, nor is one of another root.
        Assert.False(BrokerCertificates.IsTrusted(shown, null, SslPolicyErrors.RemoteCertificateNameMismatch, [root]));
        using var other = Root();
        Assert.False(BrokerCertificates.IsTrusted(shown, null, SslPolicyErrors.RemoteCertificateChainErrors, [other]));
    }

    [Fact]
    public void What_was_read_for_the_connection_before_is_let_go()
    {
        var folder = TestFolders.Create();
        using var root = Root();
        using var own = Issued(root, Client);
        var broker = new BrokerOptions { Broker = "mqtts://b", ClientCertificate = Path.Combine(folder, "own.pem"), ClientKey = Path.Combine(folder, "own.key"), TrustedRoots = Path.Combine(folder, "roots.pem") };
        File.WriteAllText(broker.ClientCertificate, own.ExportCertificatePem());
        File.WriteAllText(broker.ClientKey, own.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(broker.TrustedRoots, root.ExportCertificatePem());
        using var held = new HeldCertificates();
        held.Renew(broker);
        var (first, trusted) = (held.Own!, held.Trusted![0]);
        held.Renew(broker);
        Assert.Equal((IntPtr.Zero, IntPtr.Zero), (first.Handle, trusted.Handle));
        Assert.True(held.Own!.HasPrivateKey);

        // A file that can't be read leaves what is held.
        File.Delete(broker.ClientKey);
        Assert.Throws<IOException>(() => held.Renew(broker));
        Assert.NotEqual(IntPtr.Zero, held.Own!.Handle);
        TestFolders.Remove(folder);
    }

    private static X509Certificate2 Root()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=root {Guid.NewGuid():N}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(Now.AddDays(-1), Now.AddDays(30));
    }

    private static X509Certificate2 Issued(X509Certificate2 root, string? usage)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=b", key, HashAlgorithmName.SHA256);
        if (usage is not null)
        {
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        }

        using var issued = request.Create(root, Now.AddHours(-1), Now.AddDays(7), [1, 2, 3, 4]);
        return issued.CopyWithPrivateKey(key);
    }
}

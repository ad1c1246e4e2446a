using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using GridServices.FrequencyResponse.Instructions;
using GridServices.UtilityClients.Tls;
using MQTTnet;
using MQTTnet.Formatter;

namespace GridServices.FrequencyResponse.Service.Mqtt;

/// <summary>How we come to the broker: one session that outlives the connection, so that what is published meanwhile waits for us.</summary>
internal static class BrokerConnection
{
    private const uint MostPacketBytes = 64 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly CertificateFileRules Rules = new("Mqtt", AllowsPfx: true, _ => null, roots => roots.Count == 0 ? "no certificate" : null);

    /// <summary>Files are read for each connection: what was exchanged counts from the next one on.</summary>
    /// <exception cref="CertificateFileException">A file can't be used.</exception>
    /// <exception cref="IOException">The password's file can't be read.</exception>
    public static MqttClientOptions Options(BrokerOptions broker)
    {
        var options = new MqttClientOptionsBuilder()
            .WithProtocolVersion(MqttProtocolVersion.V500)
            .WithTcpServer(broker.Address!.IdnHost.Trim('[', ']'), broker.Port)
            .WithClientId(broker.ClientId)
            .WithCleanStart(false)

            // An instruction that is older can't be running any more.
            .WithSessionExpiryInterval((uint)InstructionRules.LongestActivation.TotalSeconds)
            .WithKeepAlivePeriod(TimeSpan.FromSeconds(broker.KeepAliveSeconds))
            .WithTimeout(Patience)
            .WithMaximumPacketSize(MostPacketBytes);
        if (broker.UserName is { } user)
        {
            options.WithCredentials(user, File.ReadLines(broker.PasswordFile!).FirstOrDefault() ?? string.Empty);
        }

        return (broker.IsTls ? options.WithTlsOptions(tls => Secure(tls, broker, ClientCertificateFiles.Load(broker.Files, Rules))) : options).Build();
    }

    private static void Secure(MqttClientTlsOptionsBuilder tls, BrokerOptions broker, ClientCertificateFiles files)
    {
        tls.UseTls()
            .WithSslProtocols(SslProtocols.Tls12 | SslProtocols.Tls13)
            .WithTargetHost(broker.Address!.IdnHost.Trim('[', ']'))
            .WithRevocationMode(X509RevocationMode.NoCheck)
            .WithCertificateValidationHandler(shown => IsTrusted(shown, files.Trust));
        if (files.Certificate is { } own)
        {
            tls.WithClientCertificates([own, .. files.Chain]);
        }
    }

    private static bool IsTrusted(MqttClientCertificateValidationEventArgs shown, X509Certificate2Collection? trust)
    {
        if (trust is null || shown.Certificate is null)
        {
            return shown.SslPolicyErrors == SslPolicyErrors.None;
        }

        using var chain = new X509Chain { ChainPolicy = TrustedChain.Policy(trust) };
        chain.ChainPolicy.ExtraStore.AddRange(shown.Chain?.ChainPolicy.ExtraStore ?? []);
        return (shown.SslPolicyErrors & ~SslPolicyErrors.RemoteCertificateChainErrors) == SslPolicyErrors.None && chain.Build(new X509Certificate2(shown.Certificate));
    }
}

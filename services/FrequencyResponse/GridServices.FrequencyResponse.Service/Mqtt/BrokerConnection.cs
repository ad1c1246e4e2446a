using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using GridServices.FrequencyResponse.Instructions;
using MQTTnet;
using MQTTnet.Formatter;

namespace GridServices.FrequencyResponse.Service.Mqtt;

/// <summary>How we come to the broker: one session that outlives the connection, so that what is published meanwhile waits for us.</summary>
internal static class BrokerConnection
{
    private const uint MostPacketBytes = 64 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Files are read for each connection: what was exchanged counts from the next one on.</summary>
    /// <param name="broker">The settings.</param>
    /// <param name="held">Where the certificates are held; absent: nobody lets go of them.</param>
    /// <exception cref="IOException">A file can't be used.</exception>
    public static MqttClientOptions Options(BrokerOptions broker, HeldCertificates? held = null)
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

        return (broker.IsTls ? options.WithTlsOptions(tls => Secure(tls, broker, held ?? new HeldCertificates())) : options).Build();
    }

    private static void Secure(MqttClientTlsOptionsBuilder tls, BrokerOptions broker, HeldCertificates held)
    {
        held.Renew(broker);
        var trusted = held.Trusted;
        tls.UseTls()
            .WithSslProtocols(SslProtocols.Tls12 | SslProtocols.Tls13)
            .WithTargetHost(broker.Address!.IdnHost.Trim('[', ']'))
            .WithRevocationMode(X509RevocationMode.NoCheck)
            .WithCertificateValidationHandler(shown => BrokerCertificates.IsTrusted(shown.Certificate, shown.Chain, shown.SslPolicyErrors, trusted));
        if (held.Own is { } own)
        {
            tls.WithClientCertificates([own]);
        }
    }
}

using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace GridServices.Adapters.Service.Mqtt;

/// <summary>How we come to a broker: MQTT 3.1.1, which every one of them speaks. Files are read for each connection.</summary>
internal static class BrokerConnection
{
    /// <summary>What MQTTnet waits where it is given no token, and what we wait where it is.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <exception cref="IOException">A file can't be read.</exception>
    public static MqttClientOptions Options(string name, MqttPlan plan)
    {
        var broker = plan.Broker;
        var options = new MqttClientOptionsBuilder()
            .WithProtocolVersion(MqttProtocolVersion.V311)
            .WithTcpServer(broker.Host, broker.Port)
            .WithClientId(broker.GetClientId(name))
            .WithCleanSession()
            .WithKeepAlivePeriod(TimeSpan.FromSeconds(broker.KeepAliveSeconds))
            .WithTimeout(Patience);
        if (plan.OnlineTopic is { } topic)
        {
            options.WithWillTopic(topic).WithWillPayload("0").WithWillRetain().WithWillQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce);
        }

        if (broker.UserName is { } user)
        {
            options.WithCredentials(user, File.ReadLines(broker.PasswordFile!).FirstOrDefault() ?? string.Empty);
        }

        return (broker.IsTls ? options.WithTlsOptions(tls => Secure(tls, broker)) : options).Build();
    }

    private static void Secure(MqttClientTlsOptionsBuilder tls, BrokerSettings broker)
    {
        tls.UseTls().WithSslProtocols(SslProtocols.Tls12 | SslProtocols.Tls13).WithTargetHost(broker.Host).WithRevocationMode(X509RevocationMode.NoCheck);
        if (broker.TrustedRoots is { } file)
        {
            var roots = new X509Certificate2Collection();
            roots.ImportFromPemFile(file);
            tls.WithTrustChain(roots);
        }

        if (broker.ClientCertificate is { } own)
        {
            tls.WithClientCertificates([X509Certificate2.CreateFromPemFile(own, broker.ClientKey)]);
        }
    }
}

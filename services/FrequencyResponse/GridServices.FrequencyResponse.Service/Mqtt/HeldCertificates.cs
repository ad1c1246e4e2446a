using System.Security.Cryptography.X509Certificates;

namespace GridServices.FrequencyResponse.Service.Mqtt;

/// <summary>The certificates of the latest connection: read anew for each, and those before are let go, however long the broker is away.</summary>
internal sealed class HeldCertificates : IDisposable
{
    /// <summary>With its key; null where none is named.</summary>
    public X509Certificate2? Own { get; private set; }

    /// <summary>Null: the system's trust.</summary>
    public X509Certificate2Collection? Trusted { get; private set; }

    /// <summary>Reads the files; what was held before is gone where that succeeds.</summary>
    /// <exception cref="IOException">A file can't be read, or doesn't hold what it should; the message says which.</exception>
    public void Renew(BrokerOptions broker)
    {
        var trusted = BrokerCertificates.Trusted(broker);
        X509Certificate2? own;
        try
        {
            own = BrokerCertificates.Own(broker);
        }
        catch (IOException)
        {
            DisposeAll(trusted);
            throw;
        }

        Dispose();
        (Own, Trusted) = (own, trusted);
    }

    public void Dispose()
    {
        Own?.Dispose();
        DisposeAll(Trusted);
        (Own, Trusted) = (null, null);
    }

    private static void DisposeAll(X509Certificate2Collection? certificates)
    {
        foreach (var certificate in certificates ?? [])
        {
            certificate.Dispose();
        }
    }
}

using System.Security.Cryptography.X509Certificates;
using GridServices.UtilityClients.Tls;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace GridServices.UtilityClients.Listening;

/// <summary>Who is at the other end of a connection to a listener.</summary>
/// <param name="Certificate">The client certificate, with which the handshake was done.</param>
/// <param name="Others">Sent along with it.</param>
public sealed record ListenerPeer(X509Certificate2 Certificate, X509Certificate2Collection Others)
{
    private static readonly object Key = new();

    /// <summary>Tells this caller from others: SHA-256 of its certificate, hex digits.</summary>
    public string Print { get; } = Certificate.GetCertHashString(System.Security.Cryptography.HashAlgorithmName.SHA256);

    /// <summary>Tells apart all that was shown: the same certificate may come with other intermediates.</summary>
    public string Shown { get; } = string.Join(' ', Others.Select(o => o.Thumbprint).Prepend(Certificate.GetCertHashString(System.Security.Cryptography.HashAlgorithmName.SHA256)));

    /// <summary>A copy: what the handshake holds ends with it.</summary>
    public static ListenerPeer From(X509Certificate2 presented, X509Chain? chain) => new(Copy(presented), PeerCertificates.CopyIntermediates(presented, chain));

    /// <summary>Null: the connection's handshake left none.</summary>
    public static ListenerPeer? Find(HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        return http.Features.Get<IConnectionItemsFeature>()?.Items.TryGetValue(Key, out var peer) == true ? (ListenerPeer?)peer : null;
    }

    public void AddTo(IDictionary<object, object?> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        items[Key] = this;
    }

    private static X509Certificate2 Copy(X509Certificate2 certificate) => X509CertificateLoader.LoadCertificate(certificate.RawData);
}

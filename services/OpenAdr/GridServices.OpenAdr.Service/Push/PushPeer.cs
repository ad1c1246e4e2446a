using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections.Features;

namespace GridServices.OpenAdr.Service.Push;

/// <summary>Who is at the other end of a connection to the listener.</summary>
/// <param name="Certificate">The client certificate, with which the handshake was done.</param>
/// <param name="Others">Sent along with it.</param>
internal sealed record PushPeer(X509Certificate2 Certificate, X509Certificate2Collection Others)
{
    private static readonly object Key = new();

    /// <summary>A copy: what the handshake holds ends with it.</summary>
    public static PushPeer Of(X509Certificate2 presented, X509Chain? chain) => new(
        Copy(presented), [.. chain?.ChainPolicy.ExtraStore.Select(Copy) ?? []]);

    public static PushPeer? Of(HttpContext http) =>
        http.Features.Get<IConnectionItemsFeature>()?.Items.TryGetValue(Key, out var peer) == true ? (PushPeer?)peer : null;

    public void KeepIn(IDictionary<object, object?> items) => items[Key] = this;

    private static X509Certificate2 Copy(X509Certificate2 certificate) => X509CertificateLoader.LoadCertificate(certificate.RawData);
}

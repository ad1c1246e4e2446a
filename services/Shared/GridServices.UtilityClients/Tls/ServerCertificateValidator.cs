using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using NodaTime;

namespace GridServices.UtilityClients.Tls;

/// <summary>A protocol's own rules for a server's certificate.</summary>
public interface IServerCertificatePolicy
{
    /// <summary>Why the server is refused, one line; null: it is accepted.</summary>
    /// <param name="leaf">Null: it presented none.</param>
    /// <param name="chain">As it was built; null without a leaf.</param>
    /// <param name="elements">The certificates of <paramref name="chain"/>, leaf first.</param>
    /// <param name="errors">What .NET found; names are not checked there.</param>
    string? Refuse(X509Certificate2? leaf, X509Chain? chain, IReadOnlyList<X509Certificate2> elements, SslPolicyErrors errors);
}

/// <summary>Validates the server's certificate in a handshake by a protocol's policy and keeps the result for people.</summary>
/// <param name="policy">The protocol's.</param>
/// <param name="trust">What the file of trusted roots holds; null: the system's trust.</param>
public sealed class ServerCertificateValidator(IServerCertificatePolicy policy, X509Certificate2Collection? trust)
{
    /// <summary>Why the last handshake was refused; null when it was not.</summary>
    public string? Refusal { get; private set; }

    /// <summary>When the first certificate of the chain last seen ends.</summary>
    public Instant? ExpiresAt { get; private set; }

    /// <summary>The chain last seen, leaf first.</summary>
    public IReadOnlyList<CertificateDetails> Chain { get; private set; } = [];

    /// <summary>What the server sent along with its certificate in the last handshake.</summary>
    public X509Certificate2Collection Shown { get; private set; } = [];

    /// <summary>The client side of a handshake: the same for an engine's own traffic, for the doctor's probe and for self-tests.</summary>
    /// <param name="certificate">Ours; null: none is shown.</param>
    /// <param name="intermediates">Sent along, because servers often know the root alone.</param>
    /// <param name="protocols">TLS versions.</param>
    /// <param name="suites">Null: the system's choice. On Windows always the system's (Schannel has no such setting).</param>
    public SslClientAuthenticationOptions Options(
        X509Certificate2? certificate, X509Certificate2Collection intermediates, SslProtocols protocols, IReadOnlyList<TlsCipherSuite>? suites)
    {
        var options = new SslClientAuthenticationOptions
        {
            EnabledSslProtocols = protocols,
            CertificateChainPolicy = TrustedChain.Policy(trust),
            RemoteCertificateValidationCallback = (_, presented, chain, errors) => Accept(presented, chain, errors),
            AllowRenegotiation = false,
        };
        if (certificate is not null)
        {
            options.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, intermediates, offline: true);
        }

        if (suites is not null && !OperatingSystem.IsWindows())
        {
            options.CipherSuitesPolicy = new CipherSuitesPolicy(suites);
        }

        return options;
    }

    internal bool Accept(X509Certificate? presented, X509Chain? chain, SslPolicyErrors errors)
    {
        IReadOnlyList<X509Certificate2> elements = [.. chain?.ChainElements.Select(e => e.Certificate) ?? []];
        Chain = [.. elements.Select(CertificateDetails.From)];
        ExpiresAt = Chain.Count > 0 ? Chain.Min(c => c.NotAfter) : null;
        var leaf = presented as X509Certificate2;
        Shown = leaf is null ? [] : PeerCertificates.CopyIntermediates(leaf, chain);
        Refusal = policy.Refuse(leaf, chain, elements, errors);
        return Refusal is null;
    }
}

using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using GridServices.Hosting;
using GridServices.Ieee2030Dot5.Certificates;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Transport;

/// <summary>Judges the server's certificate in a handshake and remembers the verdict in words.</summary>
/// <param name="host">The URL's host.</param>
/// <param name="transport">What is asked of the certificate.</param>
/// <param name="trust">What the file of trusted roots holds; empty: the system's trust.</param>
/// <param name="denied">Whom never to trust.</param>
internal sealed class ServerTrust(string host, DerTransport transport, X509Certificate2Collection trust, DenyList denied)
{
    // CSIP COMM-004: SERCA -> device up to SERCA -> MCA -> MICA -> device
    private const int ShortestChain = 2;
    private const int LongestChain = 4;
    private const string SubjectAltName = "2.5.29.17";

    /// <summary>Why the last handshake was refused; null when it was not.</summary>
    public string? Refusal { get; private set; }

    /// <summary>When the first certificate of the chain last seen ends.</summary>
    public Instant? ExpiresAt { get; private set; }

    /// <summary>The chain last seen, leaf first.</summary>
    public IReadOnlyList<CertificateSummary> Chain { get; private set; } = [];

    /// <summary>What the chain last seen breaks of the standard's certificate rules.</summary>
    public IReadOnlyList<CertificateFault> Faults { get; private set; } = [];

    /// <summary>True where the last server was accepted though neither its name nor a pin ties it to the URL: any device of the same PKI could stand there.</summary>
    public bool IsAnonymous { get; private set; }

    public X509ChainPolicy ChainPolicy()
    {
        var policy = new X509ChainPolicy
        {
            // IEEE 2030.5 devices have no revocation to ask: certificates never expire and are shut out by deny lists.
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        if (trust.Count > 0)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            foreach (var certificate in trust)
            {
                (ClientIdentity.IsRoot(certificate) ? policy.CustomTrustStore : policy.ExtraStore).Add(certificate);
            }
        }

        return policy;
    }

    public bool Accept(X509Certificate? presented, X509Chain? chain, SslPolicyErrors errors)
    {
        var elements = chain?.ChainElements.Select(e => e.Certificate).ToList() ?? [];
        Chain = [.. elements.Select(CertificateSummary.Of)];
        ExpiresAt = Chain.Count > 0 ? Chain.Min(c => c.NotAfter) : null;
        Faults = DeviceCertificateRules.Check(elements, CertificateRole.Server);
        Refusal = presented is X509Certificate2 leaf && chain is not null
            ? Complaint(leaf, elements, chain, errors)
            : "the server presented no certificate";
        return Refusal is null;
    }

    private string? Complaint(X509Certificate2 leaf, List<X509Certificate2> elements, X509Chain chain, SslPolicyErrors errors) =>
        ListComplaint(leaf, elements)
        ?? (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) ? ChainComplaint(chain) : null)
        ?? DepthComplaint(elements.Count)
        ?? NameComplaint(leaf)
        ?? RulesComplaint();

    private string? ListComplaint(X509Certificate2 leaf, List<X509Certificate2> elements)
    {
        if (elements.Append(leaf).FirstOrDefault(denied.Holds) is { } refused)
        {
            return $"the certificate {CertificatePrint.Of(refused)[..CertificatePrint.LfdiDigits]} in the server's chain is on the deny list";
        }

        return transport.ServerPin is { } pin && !CertificatePrint.Matches(pin, leaf)
            ? $"the server is {CertificatePrint.Of(leaf)[..CertificatePrint.LfdiDigits]}, not the one in transport.serverPin; if the utility has a new certificate, put its LFDI there"
            : null;
    }

    private static string? DepthComplaint(int length) => length switch
    {
        < ShortestChain => "the server's certificate is signed by itself; it must come from the utility's PKI",
        > LongestChain => $"the server's chain has {length} certificates, more than the {LongestChain} of the IEEE 2030.5 PKI",
        _ => null,
    };

    private string? NameComplaint(X509Certificate2 leaf)
    {
        var expected = transport.ExpectedHostName ?? host;
        var isAsked = transport.ServerName == DerServerName.HostName || (transport.ServerName == DerServerName.Auto && HasName(leaf));
        IsAnonymous = !isAsked && transport.ServerPin is null;
        return isAsked && !leaf.MatchesHostname(expected, allowWildcards: true, allowCommonName: false)
            ? $"the server's certificate ({OneLine.Of(leaf.Subject)}) is not for {expected}; if it is the right server, give a name from its certificate in transport.expectedHostName, or set transport.serverName to pinned and give its LFDI in transport.serverPin"
            : null;
    }

    private static bool HasName(X509Certificate2 leaf) => leaf.Extensions.FirstOrDefault(e => e.Oid?.Value == SubjectAltName) is { } extension
        && new X509SubjectAlternativeNameExtension(extension.RawData, extension.Critical) is var names
        && (names.EnumerateDnsNames().Any() || names.EnumerateIPAddresses().Any());

    private string? RulesComplaint() => transport.CertificateRules == DerCertificateRules.Enforce && Faults.FirstOrDefault(f => f.Refused) is { } fault
        ? $"the server's chain breaks the certificate rules of IEEE 2030.5 ({fault.Rule}): {ChainWords.Of(fault.Depth, "the server's certificate")}: {fault.Detail}"
        : null;

    private string ChainComplaint(X509Chain chain)
    {
        var status = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, s) => all | s.Status);
        if (status.HasFlag(X509ChainStatusFlags.NotTimeValid))
        {
            return "the server's certificate, or one above it, has expired or is not valid yet; check this machine's clock, then tell the utility";
        }

        if (chain.ChainElements.Count == 1 && ClientIdentity.IsRoot(chain.ChainElements[0].Certificate))
        {
            return DepthComplaint(1)!;
        }

        var issuer = OneLine.Of(chain.ChainElements[^1].Certificate.Issuer);
        const X509ChainStatusFlags NoRoot = X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.NotSignatureValid;
        return (status & NoRoot) != X509ChainStatusFlags.NoError
            ? $"the server's chain ends at '{issuer}', which {(trust.Count > 0 ? "is not in transport.trustedRoots" : "this machine does not trust")}; "
                + "give the root of the utility's PKI there, and its intermediates too where the server does not send them"
            : $"the server's certificate chain is not valid ({status})";
    }
}

using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Certificates;
using GridServices.Ieee2030Dot5.Configuration;

namespace GridServices.Ieee2030Dot5.Service.Transport;

/// <summary>IEEE 2030.5's rules for a server's certificate: deny list, pin, chain, name, and the standard's certificate rules.</summary>
/// <param name="host">The URL's host.</param>
/// <param name="transport">What is asked of the certificate.</param>
/// <param name="hasTrust">True: the configuration names trusted roots; false: the system's count.</param>
/// <param name="denied">Whom never to trust.</param>
internal sealed class ServerCertificatePolicy(string host, DerTransport transport, bool hasTrust, DenyList denied) : IServerCertificatePolicy
{
    // CSIP COMM-004: SERCA -> device up to SERCA -> MCA -> MICA -> device
    private const int ShortestChain = 2;
    private const int LongestChain = 4;
    private const string SubjectAltName = "2.5.29.17";

    /// <summary>What the chain last seen breaks of the standard's certificate rules.</summary>
    public IReadOnlyList<CertificateFault> Faults { get; private set; } = [];

    /// <summary>True where the last server was accepted though neither its name nor a pin ties it to the URL: any device of the same PKI could stand there.</summary>
    public bool IsAnonymous { get; private set; }

    public string? Refuse(X509Certificate2? leaf, X509Chain? chain, IReadOnlyList<X509Certificate2> elements, SslPolicyErrors errors)
    {
        Faults = DeviceCertificateRules.Check(elements, CertificateRole.Server);
        return leaf is null || chain is null ? "the server presented no certificate" : FindProblem(leaf, elements, chain, errors);
    }

    private string? FindProblem(X509Certificate2 leaf, IReadOnlyList<X509Certificate2> elements, X509Chain chain, SslPolicyErrors errors) =>
        ListComplaint(leaf, elements)
        ?? (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) ? ChainComplaint(chain) : null)
        ?? DepthComplaint(elements.Count)
        ?? NameComplaint(leaf)
        ?? RulesComplaint();

    private string? ListComplaint(X509Certificate2 leaf, IReadOnlyList<X509Certificate2> elements)
    {
        if (elements.Append(leaf).FirstOrDefault(denied.Contains) is { } refused)
        {
            return $"the certificate {CertificateFingerprint.Compute(refused)[..CertificateFingerprint.LfdiDigits]} in the server's chain is on the deny list";
        }

        return transport.ServerPin is { } pin && !CertificateFingerprint.Matches(pin, leaf)
            ? $"the server is {CertificateFingerprint.Compute(leaf)[..CertificateFingerprint.LfdiDigits]}, not the one in transport.serverPin; if the utility has a new certificate, put its LFDI there"
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
            ? $"the server's certificate ({SafeText.Line(leaf.Subject)}) is not for {expected}; if it is the right server, give a name from its certificate in transport.expectedHostName, or set transport.serverName to pinned and give its LFDI in transport.serverPin"
            : null;
    }

    private static bool HasName(X509Certificate2 leaf) => leaf.Extensions.FirstOrDefault(e => e.Oid?.Value == SubjectAltName) is { } extension
        && new X509SubjectAlternativeNameExtension(extension.RawData, extension.Critical) is var names
        && (names.EnumerateDnsNames().Any() || names.EnumerateIPAddresses().Any());

    private string? RulesComplaint() => transport.CertificateRules == DerCertificateRules.Enforce && Faults.FirstOrDefault(f => f.Refused) is { } fault
        ? $"the server's chain breaks the certificate rules of IEEE 2030.5 ({fault.Rule}): {ChainText.Describe(fault.Depth, "the server's certificate")}: {fault.Detail}"
        : null;

    private string ChainComplaint(X509Chain chain)
    {
        var status = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, s) => all | s.Status);
        if (status.HasFlag(X509ChainStatusFlags.NotTimeValid))
        {
            return "the server's certificate, or one above it, has expired or is not valid yet; check this machine's clock, then tell the utility";
        }

        if (chain.ChainElements.Count == 1 && ClientCertificateFiles.IsRoot(chain.ChainElements[0].Certificate))
        {
            return DepthComplaint(1)!;
        }

        var issuer = SafeText.Line(chain.ChainElements[^1].Certificate.Issuer);
        const X509ChainStatusFlags NoRoot = X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.NotSignatureValid;
        return (status & NoRoot) != X509ChainStatusFlags.NoError
            ? $"the server's chain ends at '{issuer}', which {(hasTrust ? "is not in transport.trustedRoots" : "this machine does not trust")}; "
                + "give the root of the utility's PKI there, and its intermediates too where the server does not send them"
            : $"the server's certificate chain is not valid ({status})";
    }
}

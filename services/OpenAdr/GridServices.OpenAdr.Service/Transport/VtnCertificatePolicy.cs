using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using GridServices.Contracts;

namespace GridServices.OpenAdr.Service.Transport;

/// <summary>OpenADR 2.0b's rules for a VTN's certificate: its name, a trusted and valid chain, keys that are long enough.</summary>
internal sealed class VtnCertificatePolicy(string expectedName) : IServerCertificatePolicy
{
    public string? Refuse(X509Certificate2? leaf, X509Chain? chain, IReadOnlyList<X509Certificate2> elements, SslPolicyErrors errors)
    {
        if (leaf is null || chain is null)
        {
            return "the VTN presented no certificate";
        }

        // The name is checked here and not by SslStream, so that an expected name can differ from the URL's host.
        if (!leaf.MatchesHostname(expectedName, allowWildcards: true, allowCommonName: true))
        {
            return $"the VTN's certificate ({SafeText.Line(leaf.Subject)}) is not for the host {expectedName}; "
                + "if that is the right VTN, set profile.expectedHostName to a name in its certificate";
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
        {
            return DescribeChain(chain);
        }

        return elements.Select(KeySize.FindProblem).FirstOrDefault(c => c is not null) is { } weak ? $"the VTN's certificate chain has {weak}" : null;
    }

    private static string DescribeChain(X509Chain chain)
    {
        var status = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, s) => all | s.Status);

        // OpenADR 2.0b rule 516: no application traffic with an expired counterparty.
        if (status.HasFlag(X509ChainStatusFlags.NotTimeValid))
        {
            return "the VTN's certificate, or one above it, has expired or is not valid yet";
        }

        // NotSignatureValid: issued by a namesake of the root that is trusted.
        const X509ChainStatusFlags NoRoot = X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.NotSignatureValid;
        return status.HasFlag(X509ChainStatusFlags.PartialChain) && chain.ChainElements is [.., var last]
            ? $"the VTN's certificate was not issued by a trusted root, or an intermediate is missing: {SafeText.Line(last.Certificate.Issuer)} is neither in profile.trustedRoots nor does the VTN send it; give it there, with the VTN's root"
            : (status & NoRoot) != X509ChainStatusFlags.NoError
            ? "the VTN's certificate was not issued by a trusted root; give the VTN's root in profile.trustedRoots"
            : $"the VTN's certificate chain is not valid ({status})";
    }
}

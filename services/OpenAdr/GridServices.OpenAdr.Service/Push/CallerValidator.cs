using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using GridServices.Contracts;
using GridServices.OpenAdr.Service.Transport;
using GridServices.OpenAdr.Signatures;
using GridServices.UtilityClients.Listening;
using NodaTime;

namespace GridServices.OpenAdr.Service.Push;

/// <summary>Why a caller is not a VTN.</summary>
/// <param name="Why">For the service's own log.</param>
/// <param name="Concern">
/// What it may have to do with the VTN, in words for those who run its VENs; null: nothing. A caller whose certificate merely comes from the same authority
/// is named by its fingerprint alone: it may be anybody's.
/// </param>
internal sealed record CallerRefusal(string Why, string? Concern);

/// <summary>Judges callers by the certificates and the name of one VTN. What was found is kept: a good caller until its chain ends, a refusal for ten seconds.</summary>
internal sealed class CallerValidator
{
    private const int MostRefusals = 256;
    private static readonly Duration RefusalKept = Duration.FromSeconds(10);
    private readonly Lock _lock = new();
    private readonly string _name;
    private readonly X509Certificate2Collection? _roots;
    private readonly SignerTrust? _pinned;
    private readonly SignerTrust _chain;
    private readonly Dictionary<string, CallerRefusal> _refusals = new(StringComparer.Ordinal);
    private Instant _refusalsSince;

    public CallerValidator(X509Certificate2Collection pinned, X509Certificate2Collection? roots, string name)
    {
        (_name, _roots, Key) = (name, roots, ComputeKey(pinned, roots, name));
        _pinned = pinned.Count > 0 ? Trust(pinned) : null;
        _chain = Trust([]);
        SignerTrust Trust(X509Certificate2Collection only) => new(only, roots, name, KeySize.FindProblem, "the caller");
    }

    /// <summary>The same for the same certificates and name, in whatever files they are.</summary>
    public string Key { get; }

    /// <summary>Null: the caller is the VTN.</summary>
    public CallerRefusal? Validate(ListenerPeer peer, Instant now)
    {
        lock (_lock)
        {
            if (now < _refusalsSince || now - _refusalsSince >= RefusalKept || _refusals.Count >= MostRefusals)
            {
                _refusals.Clear();
                _refusalsSince = now;
            }

            if (_refusals.TryGetValue(peer.Shown, out var known))
            {
                return known;
            }

            if ((_pinned is { } pinned && pinned.Validate(peer.Certificate, peer.Others, now) is null) || _chain.Validate(peer.Certificate, peer.Others, now) is not { } refusal)
            {
                return null;
            }

            return _refusals[peer.Shown] = new CallerRefusal(refusal.Detail, Concern(peer, refusal));
        }
    }

    private string? Concern(ListenerPeer peer, SignerRefusal refusal) =>
        peer.Certificate.MatchesHostname(_name, allowWildcards: true, allowCommonName: true) ? refusal.Detail
        : IsIssued(peer, refusal.Error)
            ? $"a caller's certificate (fingerprint {Fingerprint.Format(peer.Print)}) comes from the trusted roots and is not for {_name}; if it is the VTN's, set profile.expectedHostName to a name in it, or give it in profile.vtnCertificate"
            : null;

    /// <summary>True where the profile's own roots are above the caller's certificate, ended or not.</summary>
    private bool IsIssued(ListenerPeer peer, ErrorClass error)
    {
        if (_roots is null || error == ErrorClass.AuthnUntrusted)
        {
            return false;
        }

        if (error == ErrorClass.AuthnSubject)
        {
            // All but the name was found good.
            return true;
        }

        using var chain = new X509Chain { ChainPolicy = TrustedChain.Policy(_roots) };
        chain.ChainPolicy.ExtraStore.AddRange(IssuerPath.Useful(peer.Others, _roots));
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid;
        return IssuerPath.Missing(peer.Certificate, peer.Others, _roots) is null && chain.Build(peer.Certificate);
    }

    private static string ComputeKey(X509Certificate2Collection pinned, X509Certificate2Collection? roots, string name)
    {
        var prints = pinned.Select(Print).Append(roots is null ? "system" : "roots").Concat((roots ?? []).Select(Print)).Append(name);
        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', prints))));

        static string Print(X509Certificate2 certificate) => certificate.GetCertHashString(HashAlgorithmName.SHA256);
    }
}

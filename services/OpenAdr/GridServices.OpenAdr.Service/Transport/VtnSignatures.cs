using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GridServices.OpenAdr.Codec;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Signatures;
using NodaTime;

namespace GridServices.OpenAdr.Service.Transport;

/// <summary>Signs what goes to one VTN with the client certificate, and verifies what comes from it; new certificate files are read within ten seconds.</summary>
/// <param name="profile">With <see cref="VenProfile.Signatures"/> on.</param>
/// <param name="quirks">Whether exclusive canonicalization is taken.</param>
/// <param name="host">The VTN's host, unless the profile names another.</param>
/// <param name="receiver">Tells the VEN apart from all others.</param>
/// <param name="nonces">Of all VENs.</param>
internal sealed class VtnSignatures(VenProfile profile, VenQuirks quirks, string host, string receiver, SignerNonces nonces)
{
    private const int NonceBytes = 18;
    private static readonly Duration FileCheckInterval = Duration.FromSeconds(10);
    private readonly TlsProfile _paths = TlsProfile.From(profile) with { Lists = profile.VtnCertificate is { } pinned ? [pinned] : [] };
    private readonly Lock _lock = new();
    private Loaded? _loaded;
    private Instant _checkedAt;

    /// <exception cref="CertificateFileException">The files can't be used.</exception>
    public byte[] Sign(OadrMessage message, Instant now)
    {
        var own = Current(now).Own;

        // OpenADR 2.0b rule 516: nothing is sent once our own certificate has ended.
        return CertificateDetails.GetNotAfter(own) > now
            ? MessageSigner.Sign(message, own, now, RandomNumberGenerator.GetBytes(NonceBytes))
            : throw new CertificateFileException($"our own client certificate {profile.ClientCertificate} expired at {CertificateDetails.GetNotAfter(own)}; put a new one in its place");
    }

    /// <param name="now">By our clock.</param>
    /// <param name="shown">What the VTN showed in the handshake besides its certificate.</param>
    /// <exception cref="CertificateFileException">The files can't be used.</exception>
    public SignatureCheck Check(Instant now, X509Certificate2Collection shown) => new(Current(now).Verifier, profile.Signatures == SignatureMode.Require, now)
    {
        Shown = shown,
        Nonces = (signer, stamp) => nonces.Refusal(signer, stamp, receiver, profile.ReplayWindow, now),
    };

    private Loaded Current(Instant now)
    {
        lock (_lock)
        {
            if (_loaded is null || now < _checkedAt || now - _checkedAt >= FileCheckInterval)
            {
                var stamps = FileStamps.From(_paths);
                _loaded = _loaded is { } kept && kept.Stamps == stamps ? kept : Renew(stamps);
                _checkedAt = now;
            }

            return _loaded;
        }
    }

    // New files that can't be used leave those in use that work; the connection tells of them.
    private Loaded Renew(FileStamps stamps)
    {
        try
        {
            return Load(stamps);
        }
        catch (CertificateFileException) when (_loaded is not null)
        {
            return _loaded;
        }
    }

    private Loaded Load(FileStamps stamps)
    {
        var files = VtnTls.Load(_paths);
        var own = files.Certificate ?? throw new CertificateFileException("profile.signatures needs profile.clientCertificate: its key signs the messages.");
        var trust = new SignerTrust(VtnTls.LoadPinned(profile.VtnCertificate), files.Trust, profile.ExpectedHostName ?? host, KeySize.FindProblem);
        return new Loaded(own, new SignatureVerifier(profile.ReplayWindow, quirks.ExclusiveCanonicalization, trust.Validate), stamps);
    }

    private sealed record Loaded(X509Certificate2 Own, SignatureVerifier Verifier, FileStamps Stamps);
}

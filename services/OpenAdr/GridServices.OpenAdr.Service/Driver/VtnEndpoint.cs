using System.Security.Cryptography.X509Certificates;
using GridServices.OpenAdr.Codec;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Service.Transport;
using GridServices.OpenAdr.Signatures;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Service.Driver;

/// <summary>A VEN's configuration as far as its line to the VTN goes, worked out once.</summary>
internal sealed class VtnEndpoint
{
    /// <summary>Bytes of a kept answer at most: thousands of VENs keep one each.</summary>
    private const int MostKept = 4_096;

    private readonly Dictionary<OadrServiceName, Uri> _urls;
    private readonly Dictionary<OadrServiceName, (int? Status, string Sha256)> _refusals = [];
    private readonly bool _wrapped;
    private readonly VtnSignatures? _signatures;
    private readonly XmlLimits _readLimits;
    private (OadrMessage Message, byte[] Body)? _lastPoll;
    private (byte[] Body, ReadOutcome Outcome, string Sha256)? _lastAnswer;

    /// <param name="id">The VEN.</param>
    /// <param name="config">Its configuration.</param>
    /// <param name="nonces">Of the signed messages of all VENs.</param>
    public VtnEndpoint(EngineId id, VenConfig config, SignerNonces nonces)
    {
        VtnUrl = config.VtnUrl;
        Tls = TlsProfile.From(config.Profile);
        Limits = new ExchangeLimits { Timeout = config.Profile.RequestTimeout.ToTimeSpan(), MaxReplyBytes = config.Profile.MaxReplyBytes };
        _readLimits = OadrXml.DefaultLimits with { MaxBytes = Math.Max(OadrXml.DefaultLimits.MaxBytes, config.Profile.MaxReplyBytes) };
        _wrapped = config.Profile.Form == MessageForm.Wrapped;
        _signatures = config.Profile.Signatures == SignatureMode.Off ? null : new VtnSignatures(config.Profile, config.Quirks, new Uri(config.VtnUrl).IdnHost, id.ToString(), nonces);
        var prefix = config.VtnUrl.TrimEnd('/');

        // OpenADR 2.0b rule 511
        _urls = Enum.GetValues<OadrServiceName>().ToDictionary(s => s, s => new Uri($"{prefix}/{s}"));
    }

    /// <summary>As it was configured.</summary>
    public string VtnUrl { get; }

    public TlsProfile Tls { get; }

    public ExchangeLimits Limits { get; }

    public Uri GetUrl(OadrServiceName service) => _urls[service];

    /// <summary>True unless the last refusal at this service was the same page.</summary>
    public bool IsNewRefusal(OadrServiceName service, int? status, string sha256)
    {
        var isNew = !_refusals.TryGetValue(service, out var last) || last != (status, sha256);
        _refusals[service] = (status, sha256);
        return isNew;
    }

    /// <summary>What is asked of a reply's signature; null: nothing.</summary>
    /// <param name="now">By our clock.</param>
    /// <param name="shown">What the VTN showed in the handshake besides its certificate.</param>
    /// <exception cref="CertificateFileException">The certificate files can't be used.</exception>
    public SignatureCheck? SignatureCheck(Instant now, X509Certificate2Collection shown) => _signatures?.Check(now, shown);

    /// <summary>Unsigned polls are all alike: the last one's bytes serve the next. What is signed is signed anew whenever it is sent.</summary>
    /// <exception cref="CertificateFileException">The certificate files can't be used.</exception>
    public byte[] Encode(OadrMessage message, Instant now)
    {
        if (_signatures is not null)
        {
            return _signatures.Sign(message, now);
        }

        if (message is OadrPoll && _lastPoll is { } last && last.Message.Equals(message))
        {
            return last.Body;
        }

        var body = OadrXml.Write(message, _wrapped);
        if (message is OadrPoll)
        {
            _lastPoll = (message, body);
        }

        return body;
    }

    /// <summary>
    /// What the VTN answered, and the SHA-256 of it. "Nothing new" to a poll is the same bytes each time, and means the same: it is read once. What must
    /// be verified is read each time.
    /// </summary>
    public (ReadOutcome Outcome, string Sha256) Decode(OadrMessage request, byte[] body, SignatureCheck? check)
    {
        var isPlainPoll = check is null && request is OadrPoll;
        if (isPlainPoll && _lastAnswer is { } last && last.Body.AsSpan().SequenceEqual(body))
        {
            return (last.Outcome, last.Sha256);
        }

        var (outcome, sha256) = (OadrXml.Read(body, _readLimits, check), JournalRow.ComputeHash(body));
        if (isPlainPoll && body.Length <= MostKept && outcome.Message is OadrResponse { Response.IsSuccess: true })
        {
            _lastAnswer = (body, outcome, sha256);
        }

        return (outcome, sha256);
    }
}

using System.Net;
using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;
using NodaTime;

namespace GridServices.OpenAdr.Service.Registry;

/// <summary>The core's rules for a VEN, and those of the line to its VTN: URL, transport, certificates. Every rule is checked, none stops the others.</summary>
internal sealed class VenRules
{
    // OpenADR 2.0b 9.1.6
    private static readonly Duration LeastTimeout = Duration.FromSeconds(5);
    private static readonly Duration LongestTimeout = Duration.FromMinutes(10);

    private static readonly Duration LeastWindow = Duration.FromSeconds(10);
    private static readonly Duration LongestWindow = Duration.FromHours(1);

    private readonly List<ConfigFault> _faults = [];
    private readonly List<string> _warnings = [];

    public IReadOnlyList<ConfigFault> Faults => _faults;

    public IReadOnlyList<string> Warnings => _warnings;

    public static VenRules Check(VenConfig config, bool isPushOffered, TenantFiles files)
    {
        var rules = new VenRules();
        rules._faults.AddRange(VenConfigRules.Check(config));
        if (Uri.TryCreate(config.VtnUrl, UriKind.Absolute, out var url))
        {
            rules.Url(url);
            rules.Profile(config.Profile, url, config.Transport, files);
        }

        if (config.Transport == VenTransport.Push && !isPushOffered)
        {
            rules.Fail("/transport", "push needs the listener, which is off: set Push:Listen and Push:Certificate in the settings of this service and restart it, or write pull");
        }

        rules._warnings.AddRange(VenConfigRules.Warnings(config));
        return rules;
    }

    private void Url(Uri url)
    {
        const string At = "/vtnUrl";
        if (url.UserInfo.Length > 0)
        {
            Fail(At, "must not carry a user name or password; a VTN knows its VENs by their client certificates");
        }

        if (url.Query.Length > 0 || url.Fragment.Length > 0)
        {
            Fail(At, "must end with the path, without ? or #");
        }

        if (url.AbsolutePath.TrimEnd('/').Split('/')[^1] is "EiEvent" or "EiReport" or "EiRegisterParty" or "EiOpt" or "OadrPoll")
        {
            Fail(At, "must be the base URL that EiEvent, EiReport… are appended to; leave the service's name out");
        }

        if (url.Scheme == Uri.UriSchemeHttp && !IsLoopback(url))
        {
            _warnings.Add($"/vtnUrl: plain http to {url.Host}: anybody on the way can read and forge events; use https with a client certificate");
        }
    }

    private static bool IsLoopback(Uri url) => url.IsLoopback || (IPAddress.TryParse(url.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private void Profile(VenProfile profile, Uri url, VenTransport transport, TenantFiles files)
    {
        if (profile.RequestTimeout < LeastTimeout || profile.RequestTimeout > LongestTimeout)
        {
            Fail("/profile/requestTimeout", $"must lie between {TimeText.Format(LeastTimeout)} and {TimeText.Format(LongestTimeout)}");
        }

        if (profile.MaxReplyBytes is < 4096 or > 16 * 1024 * 1024)
        {
            Fail("/profile/maxReplyBytes", "must lie between 4096 and 16777216");
        }

        if (profile.ClientKey is not null && profile.ClientCertificate is null)
        {
            Fail("/profile/clientKey", "needs clientCertificate beside it");
        }

        Signatures(profile, transport);
        if (profile.Signatures == SignatureMode.Off && url.Scheme == Uri.UriSchemeHttp && (profile.ClientCertificate ?? profile.ClientKey ?? profile.TrustedRoots) is not null)
        {
            _warnings.Add("/profile: certificates are given but vtnUrl is plain http, so they are not used; write https");
        }

        Files(profile, files);
    }

    private void Signatures(VenProfile profile, VenTransport transport)
    {
        if (profile.ReplayWindow < LeastWindow || profile.ReplayWindow > LongestWindow)
        {
            Fail("/profile/replayWindow", $"must lie between {TimeText.Format(LeastWindow)} and {TimeText.Format(LongestWindow)}");
        }

        if (profile.Signatures != SignatureMode.Off && profile.ClientCertificate is null)
        {
            Fail("/profile/signatures", "needs clientCertificate beside it: its key signs the messages");
        }

        if (profile.Signatures != SignatureMode.Off && profile.Form == MessageForm.Bare)
        {
            Fail("/profile/form", "must be wrapped where messages are signed");
        }

        if (profile.Signatures == SignatureMode.Off && profile.VtnCertificate is not null && transport == VenTransport.Pull)
        {
            _warnings.Add("/profile/vtnCertificate: signatures are off, so it is not used; set signatures to sign or require");
        }
    }

    /// <summary>Files that don't serve are better named now than at the first handshake; another tenant's are not looked at.</summary>
    private void Files(VenProfile profile, TenantFiles tenantFiles)
    {
        (string Member, string? Path)[] files =
        [
            ("clientCertificate", profile.ClientCertificate), ("clientKey", profile.ClientKey),
            ("clientKeyPasswordFile", profile.ClientKeyPasswordFile), ("trustedRoots", profile.TrustedRoots), ("vtnCertificate", profile.VtnCertificate),
        ];
        var foreign = files.Where(f => f.Path is not null && tenantFiles.Refusal(f.Path) is not null).ToList();
        foreign.ForEach(f => Fail($"/profile/{f.Member}", tenantFiles.Refusal(f.Path!)!));
        var missing = files.Except(foreign).Where(f => f.Path is not null && !File.Exists(f.Path)).ToList();
        missing.ForEach(f => Fail($"/profile/{f.Member}", $"there is no file {SafeText.Line(f.Path)} that this service can read"));
        if (foreign.Count + missing.Count > 0)
        {
            return;
        }

        try
        {
            using var loaded = Transport.VtnTls.Load(Transport.TlsProfile.From(profile));
            Transport.VtnTls.LoadPinned(profile.VtnCertificate);
        }
        catch (CertificateFileException e)
        {
            Fail("/profile", e.Message.TrimEnd('.'));
        }
    }

    private void Fail(string pointer, string detail) => _faults.Add(new ConfigFault(ErrorClass.Configuration, pointer, detail));
}

using System.Net;
using GridServices.Contracts;
using NodaTime;

namespace GridServices.OpenAdr.Service.Registry;

/// <summary>What a well-formed VEN must also fulfil. Every rule is checked, none stops the others.</summary>
internal sealed class VenRules
{
    private const int MaxName = 128;
    private const int MaxSites = 20_000;
    private static readonly Duration LeastInterval = Duration.FromMilliseconds(50);
    private static readonly Duration LongestInterval = Duration.FromDays(1);

    // OpenADR 2.0b 9.1.6
    private static readonly Duration LeastTimeout = Duration.FromSeconds(5);

    private readonly List<ConfigFault> _faults = [];
    private readonly List<string> _warnings = [];

    public IReadOnlyList<ConfigFault> Faults => _faults;

    public IReadOnlyList<string> Warnings => _warnings;

    public static VenRules Check(VenConfig config)
    {
        var rules = new VenRules();
        rules.Url(config);
        rules.Names(config);
        rules.Sites(config);
        rules.Times(config);
        rules.Profile(config);
        new ProgramRules(rules.Fail).Check(config.Programs);
        rules.Reports(config);
        return rules;
    }

    private void Url(VenConfig config)
    {
        const string At = "/vtnUrl";
        if (!Uri.TryCreate(config.VtnUrl, UriKind.Absolute, out var url) || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps))
        {
            Fail(ErrorClass.Configuration, At, "must be an http or https URL such as https://vtn.example/OpenADR2/Simple/2.0b");
            return;
        }

        if (url.UserInfo.Length > 0)
        {
            Fail(ErrorClass.Configuration, At, "must not carry a user name or password; a VTN knows its VENs by their client certificates");
        }

        if (url.Query.Length > 0 || url.Fragment.Length > 0)
        {
            Fail(ErrorClass.Configuration, At, "must end with the path, without ? or #");
        }

        if (url.AbsolutePath.TrimEnd('/').Split('/')[^1] is "EiEvent" or "EiReport" or "EiRegisterParty" or "EiOpt" or "OadrPoll")
        {
            Fail(ErrorClass.Configuration, At, "must be the base URL that EiEvent, EiReport… are appended to; leave the service's name out");
        }

        if (url.Scheme == Uri.UriSchemeHttp && !IsLoopback(url))
        {
            _warnings.Add($"/vtnUrl: plain http to {url.Host}: anybody on the way can read and forge events; use https with a client certificate");
        }
    }

    private static bool IsLoopback(Uri url) => url.IsLoopback || (IPAddress.TryParse(url.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private void Names(VenConfig config)
    {
        PlainText("/venName", config.VenName);
        if (config.VenId is not null)
        {
            PlainText("/venId", config.VenId);
        }

        if (config.PinVenId && config.VenId is null)
        {
            Fail(ErrorClass.Configuration, "/pinVenId", "needs venId: without one there is nothing to hold the VTN to");
        }

        if (config.Transport == VenTransport.Push)
        {
            Fail(ErrorClass.Configuration, "/transport", "push is not offered by this version; write pull");
        }
    }

    private void Sites(VenConfig config)
    {
        if (config.SiteId is null && config.Sites.Count == 0)
        {
            Fail(ErrorClass.SchemaInvalid, "/siteId", "is missing: name the site this VEN is for, or list several under sites");
        }

        if (config.SiteId is not null && config.Sites.Count > 0)
        {
            Fail(ErrorClass.Configuration, "/siteId", "stands beside sites; write either one siteId or the list");
        }

        if (config.Sites.Count > MaxSites)
        {
            Fail(ErrorClass.LimitCount, "/sites", $"{config.Sites.Count} sites; at most {MaxSites} in one VEN");
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (site, i) in config.AllSites().Select((s, i) => (s, i)))
        {
            var at = config.SiteId is null ? $"/sites/{i}/siteId" : "/siteId";
            Identifier(at, site.SiteId);
            if (!seen.Add(site.SiteId))
            {
                Fail(ErrorClass.DuplicateId, at, $"{Transport.OneLine.Of(site.SiteId)} is listed twice");
            }

            NotNegative($"/sites/{i}/referenceW", site.ReferenceW);
        }
    }

    private void Times(VenConfig config)
    {
        Within("/pollInterval", config.PollInterval, LeastInterval, LongestInterval);
        Within("/pollFloor", config.PollFloor, LeastInterval, LongestInterval);
        Within("/pollCeiling", config.PollCeiling, LeastInterval, LongestInterval);
        Within("/maxBackOff", config.MaxBackOff, Duration.FromSeconds(1), LongestInterval);
        Within("/registerAgainAfter", config.RegisterAgainAfter, Duration.FromSeconds(1), LongestInterval);
        if (config.PollFloor > config.PollCeiling)
        {
            Fail(ErrorClass.Configuration, "/pollFloor", "is longer than pollCeiling");
        }
    }

    private void Profile(VenConfig config)
    {
        var profile = config.Profile;
        Within("/profile/requestTimeout", profile.RequestTimeout, LeastTimeout, Duration.FromMinutes(10));
        if (profile.MaxReplyBytes is < 4096 or > 16 * 1024 * 1024)
        {
            Fail(ErrorClass.Configuration, "/profile/maxReplyBytes", "must lie between 4096 and 16777216");
        }

        if (profile.ClientKey is not null && profile.ClientCertificate is null)
        {
            Fail(ErrorClass.Configuration, "/profile/clientKey", "needs clientCertificate beside it");
        }

        if (config.VtnUrl.StartsWith("http:", StringComparison.OrdinalIgnoreCase) && (profile.ClientCertificate ?? profile.TrustedRoots) is not null)
        {
            _warnings.Add("/profile: certificates are given but vtnUrl is plain http, so they are not used; write https");
        }

        Files(profile);
    }

    /// <summary>Files that don't serve are better named now than at the first handshake.</summary>
    private void Files(VenProfile profile)
    {
        try
        {
            using var identity = Transport.ClientIdentity.Load(Transport.TlsProfile.Of(profile));
        }
        catch (Transport.IdentityException e)
        {
            Fail(ErrorClass.Configuration, "/profile", e.Message);
        }
    }

    private void Reports(VenConfig config)
    {
        if (config.ReportBufferPoints is < 100 or > 10_000)
        {
            Fail(ErrorClass.Configuration, "/reportBufferPoints", "must lie between 100 (the standard's least) and 10000");
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        var sites = config.AllSites().Select(s => s.SiteId).ToHashSet(StringComparer.Ordinal);
        foreach (var (report, i) in config.Reports.Select((r, i) => (r, i)))
        {
            var at = $"/reports/{i}";
            PlainText(at + "/rId", report.RId);
            if (!seen.Add(report.RId))
            {
                Fail(ErrorClass.DuplicateId, at + "/rId", $"{Transport.OneLine.Of(report.RId)} is used twice; rIDs are unique in a VEN");
            }

            Source(at, report);
            ReportSite(at, report, sites);
            Within(at + "/samplingInterval", report.SamplingInterval, Duration.FromSeconds(1), LongestInterval);
            Within(at + "/maxSamplingInterval", report.MaxSamplingInterval, report.SamplingInterval, LongestInterval);
        }
    }

    private void Source(string at, ReportConfig report)
    {
        string[] known = [ReportSources.NetPowerW, ReportSources.EnergyImportWh, ReportSources.EnergyExportWh];
        if (report.Kind == ReportKind.TelemetryUsage && (report.Source is null || !known.Contains(report.Source, StringComparer.Ordinal)))
        {
            var near = report.Source is null ? null : Spelling.Nearest(report.Source, known);
            Fail(ErrorClass.Configuration, at + "/source", near is null ? $"must be one of {string.Join(", ", known)}" : $"is not known; did you mean {near}?");
        }
    }

    private void ReportSite(string at, ReportConfig report, HashSet<string> sites)
    {
        if (report.SiteId is null && sites.Count > 1)
        {
            Fail(ErrorClass.Configuration, at + "/siteId", "is missing: with several sites a report says which one it measures");
        }
        else if (report.SiteId is not null && !sites.Contains(report.SiteId))
        {
            Fail(ErrorClass.UnknownId, at + "/siteId", $"{Transport.OneLine.Of(report.SiteId)} is not a site of this VEN");
        }
    }

    private void Identifier(string at, string text)
    {
        if (!Identifiers.IsSafe(text))
        {
            Fail(ErrorClass.SemanticId, at, "must have 1 to 128 of A-Z a-z 0-9 . _ : ~ - , begin with a letter, digit or _ and hold no '..'");
        }
    }

    private void PlainText(string at, string text)
    {
        if (!Identifiers.IsPlainText(text, MaxName))
        {
            Fail(ErrorClass.SemanticText, at, $"must have 1 to {MaxName} characters, none of them a control, zero-width or direction character");
        }
    }

    private void NotNegative(string at, long? value)
    {
        if (value < 0)
        {
            Fail(ErrorClass.SemanticNumber, at, "must not be negative");
        }
    }

    private void Within(string at, Duration? value, Duration least, Duration most)
    {
        if (value is { } duration && (duration < least || duration > most))
        {
            Fail(ErrorClass.Configuration, at, $"must lie between {TimeText.Of(least)} and {TimeText.Of(most)}");
        }
    }

    private void Fail(ErrorClass error, string pointer, string detail) => _faults.Add(new ConfigFault(error, pointer, detail));
}

using System.Net.Sockets;
using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Service.Driver;
using GridServices.OpenAdr.Service.Hub;
using GridServices.OpenAdr.Service.Transport;
using GridServices.UtilityClients.Doctor;
using NodaTime;

namespace GridServices.OpenAdr.Service.Doctor;

/// <summary>Looks at a VEN's line to its VTN as a person would: name, socket, handshake, certificates, clock, registration.</summary>
internal sealed class VenDoctor(IClock clock, PushInspector pushes)
{
    private static readonly Duration SkewAlarm = Duration.FromSeconds(2);

    public async Task<DoctorReport> ExamineAsync(VenView ven, CancellationToken ct)
    {
        var now = clock.GetCurrentInstant();
        var url = new Uri(ven.Config.VtnUrl);
        var advice = new List<string>();
        var profile = TlsProfile.From(ven.Config.Profile);
        using var files = DoctorAdvice.Load(() => VtnTls.Load(profile), advice);
        var own = files?.Certificate is { } certificate ? CertificateDetails.From(certificate) : null;
        if (OwnAdvice(own, url, now) is { } dated)
        {
            advice.Add(dated);
        }

        var probe = await ConnectionProbe.TryAsync(url, Plan(profile, files, url), advice, ct);
        // Another authority than the utility's roots may be right; where the line fails it is the first thing to look at.
        if (files is not null && url.Scheme == Uri.UriSchemeHttps && (probe.Problem is not null || ven.State.Registration is null) && DoctorAdvice.CheckIssuer(files, "VTN") is { } issuer)
        {
            advice.Add(issuer);
        }

        advice.AddRange(ExpiryAdvice.Describe(VenCertificates.ForVtn(ven.Config.Profile), now));
        var push = await pushes.InspectAsync(ven, now, advice, ct);
        CheckLine(ven, now, advice);
        return new DoctorReport
        {
            At = now,
            VtnUrl = ven.Config.VtnUrl,
            Certificate = own is null ? null : CertificateSummary.From(own),
            VenFingerprint = own is null ? null : Fingerprint.Format(own.Sha256),
            Probe = ProbeReport.From(probe),
            Push = push,
            ClockSkewS = ven.ClockSkew is { } skew ? Math.Round(skew.TotalSeconds, 1) : null,
            LastHeardAt = ven.HeardAt,
            Status = UpstreamRule.Classify(ven, now).Status,
            LastProblem = ven.Problem,
            Advice = DoctorAdvice.OrNothing(advice),
        };
    }

    private static string? OwnAdvice(CertificateDetails? own, Uri url, Instant now) => own switch
    {
        not null when url.Scheme == Uri.UriSchemeHttp =>
            "A client certificate is configured but vtnUrl is plain http, so it is not used: write https:// if the VTN knows its VENs by certificate.",
        null => url.Scheme == Uri.UriSchemeHttps ? "No client certificate is configured; most VTNs ask for one (profile.clientCertificate)." : null,
        _ => DoctorAdvice.CheckOwnCertificate(own, "client certificate", "ask for a new one", now),
    };

    private static void CheckLine(VenView ven, Instant now, List<string> advice)
    {
        if (ven.State.Registration is null)
        {
            advice.Add(ven.State.Plan.Paused
                ? "The VEN is not registered because a person ended the registration; POST actions/register to start again."
                : "The VEN is not registered yet.");
        }

        if (ven.Faulted)
        {
            advice.Add("This VEN's own processing failed, an internal fault, and is tried again: see this service's log for it, tell the makers, and look at GET …/messages for what came from the VTN before it.");
        }
        else if (ven.Problem is not null)
        {
            advice.Add($"The last {(ven.Config.Transport == VenTransport.Push ? "request for events" : "poll")} or registration failed: {Clause(ven.Problem)}.");
        }

        advice.AddRange(VenHealth.Check(ven.State).Where(f => !f.IsLine || ven.Problem is null).Select(f => f.Advice));

        foreach (var stuck in ven.State.Owed.Where(o => o.ParkedAt is not null).Take(5))
        {
            advice.Add($"{Session.PendingRequestText.Describe(stuck)} is parked since {stuck.ParkedAt}: the VTN does not take it ({Clause(stuck.Problem ?? "no reason known")}). Tell the VTN's operator, then POST actions/resend.");
        }

        if (ven.VtnSigns && ven.Config.Profile.Signatures == SignatureMode.Off)
        {
            advice.Add("The VTN signs its messages, and profile.signatures is off: nobody verifies them, and a VTN that wants signatures too will refuse this VEN. Set profile.signatures to sign, or to require.");
        }

        else if (SignatureHint.Find(ven.Config, ven.State, ven.Problem) is { } unsigned)
        {
            advice.Add(unsigned);
        }

        if (ven.ClockSkew is { } skew && (skew > SkewAlarm || skew < -SkewAlarm))
        {
            advice.Add($"The VTN's clock is {Math.Abs(skew.TotalSeconds):F0} s {(skew > Duration.Zero ? "ahead of" : "behind")} ours; check both clocks (NTP): events start by the clock.");
        }

        advice.AddRange(DoctorAdvice.DescribeAlarms(ven.Notes, now));
    }

    private static ProbePlan Plan(TlsProfile profile, ClientCertificateFiles? files, Uri url)
    {
        var server = files is null ? null : VtnTls.Validator(profile, files, url.IdnHost);
        return new ProbePlan(
            server,
            server is null ? null : VtnTls.Options(profile, files!, server),
            (fault, _) => Clause(VtnTls.IsPlainHttpPort(fault) ? VtnConnection.PlainHint : server?.Refusal ?? fault.InnerException?.Message ?? fault.Message),
            PlainProblemAsync);
    }

    /// <summary>Asks for nothing in particular: a TLS port answers even that with an alert, a hang-up, or HTTP 400.</summary>
    private static async Task<string?> PlainProblemAsync(TcpClient tcp, Uri url, CancellationToken ct)
    {
        var answer = new byte[12];
        var length = 0;
        try
        {
            var stream = tcp.GetStream();
            await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"OPTIONS * HTTP/1.1\r\nHost: {url.Authority}\r\nConnection: close\r\n\r\n"), ct);
            length = await stream.ReadAtLeastAsync(answer, answer.Length, throwOnEndOfStream: false, ct);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            length = 0;
        }

        var isHttp = answer.AsSpan(0, length).StartsWith("HTTP/"u8);
        return isHttp && !answer.AsSpan(0, length).EndsWith(" 400"u8)
            ? null
            : "the port takes connections but gives no proper answer to plain HTTP; if it speaks TLS, write https:// in vtnUrl";
    }

    private static string Clause(string text) => UtilityConnection.Clause(text);
}

/// <summary>What the doctor found.</summary>
public sealed record DoctorReport
{
    public required Instant At { get; init; }
    public required string VtnUrl { get; init; }

    /// <summary>What the VTN's operator asks for: last ten bytes of SHA-256 of our certificate.</summary>
    public string? VenFingerprint { get; init; }

    public CertificateSummary? Certificate { get; init; }
    public required ProbeReport Probe { get; init; }

    /// <summary>The other direction; absent for a VEN that pulls.</summary>
    public PushReport? Push { get; init; }

    /// <summary>Positive: the VTN's clock is ahead; to a second or so.</summary>
    public double? ClockSkewS { get; init; }

    public Instant? LastHeardAt { get; init; }
    public required UpstreamStatus Status { get; init; }
    public string? LastProblem { get; init; }

    /// <summary>What to do, in plain words.</summary>
    public required IReadOnlyList<string> Advice { get; init; }
}

/// <summary>A connection made just now.</summary>
public sealed record ProbeReport
{
    public required bool Reachable { get; init; }
    public string? TlsProtocol { get; init; }
    public string? CipherSuite { get; init; }

    /// <summary>The VTN's chain, leaf first.</summary>
    public IReadOnlyList<CertificateSummary> Chain { get; init; } = [];

    public string? Problem { get; init; }

    internal static ProbeReport From(ProbeResult probe) => new()
    {
        Reachable = probe.Reachable,
        TlsProtocol = probe.TlsProtocol,
        CipherSuite = probe.CipherSuite,
        Chain = [.. probe.Chain.Select(CertificateSummary.From)],
        Problem = probe.Problem,
    };
}

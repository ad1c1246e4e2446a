using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.OpenAdr.Service.Driver;
using GridServices.OpenAdr.Service.Hub;
using GridServices.OpenAdr.Service.Transport;
using NodaTime;

namespace GridServices.OpenAdr.Service.Doctor;

/// <summary>Looks at a VEN's line to its VTN as a person would: name, socket, handshake, certificates, clock, registration.</summary>
internal sealed class VenDoctor(IClock clock)
{
    private static readonly TimeSpan ProbeTime = TimeSpan.FromSeconds(10);
    private static readonly Duration SkewAlarm = Duration.FromSeconds(2);

    public async Task<DoctorReport> ExamineAsync(VenView ven, CancellationToken ct)
    {
        var now = clock.GetCurrentInstant();
        var url = new Uri(ven.Config.VtnUrl);
        var advice = new List<string>();
        var identity = Load(TlsProfile.Of(ven.Config.Profile), advice);
        using (identity)
        {
            var own = identity?.Certificate is { } certificate ? CertificateSummary.Of(certificate) : null;
            JudgeOwn(own, url, now, advice);
            var probe = await ProbeAsync(url, TlsProfile.Of(ven.Config.Profile), identity, advice, ct);
            JudgeLine(ven, now, advice);
            return new DoctorReport
            {
                At = now,
                VtnUrl = ven.Config.VtnUrl,
                Certificate = own,
                VenFingerprint = own?.Fingerprint,
                Probe = probe,
                ClockSkewS = ven.ClockSkew is { } skew ? Math.Round(skew.TotalSeconds, 1) : null,
                LastHeardAt = ven.HeardAt,
                Status = UpstreamRule.Of(ven, now).Status,
                LastProblem = ven.Problem,
                Advice = advice.Count > 0 ? advice : ["Nothing is wrong that can be seen from here."],
            };
        }
    }

    private static ClientIdentity? Load(TlsProfile profile, List<string> advice)
    {
        try
        {
            return ClientIdentity.Load(profile);
        }
        catch (IdentityException e)
        {
            advice.Add(e.Message);
            return null;
        }
    }

    private static void JudgeOwn(CertificateSummary? own, Uri url, Instant now, List<string> advice)
    {
        switch (own)
        {
            case not null when url.Scheme == Uri.UriSchemeHttp:
                advice.Add("A client certificate is configured but vtnUrl is plain http, so it is not used: write https:// if the VTN knows its VENs by certificate.");
                break;
            case null when url.Scheme == Uri.UriSchemeHttps:
                advice.Add("No client certificate is configured; most VTNs ask for one (profile.clientCertificate).");
                break;
            case { NotAfter: var end } when end <= now:
                advice.Add($"Our client certificate ended at {end}: nothing is sent until a new one lies in its place.");
                break;
            case { NotBefore: var start } when start > now:
                advice.Add($"Our client certificate is valid only from {start}; check this machine's clock.");
                break;
            case { NotAfter: var end } when end - now < Duration.FromDays(30):
                advice.Add($"Our client certificate ends at {end}, in {(end - now).TotalDays:F0} days; ask for a new one.");
                break;
        }
    }

    private static void JudgeLine(VenView ven, Instant now, List<string> advice)
    {
        if (ven.State.Registration is null)
        {
            advice.Add(ven.State.Plan.Paused
                ? "The VEN is not registered because a person ended the registration; POST actions/register to start again."
                : "The VEN is not registered yet.");
        }

        if (ven.Problem is not null)
        {
            advice.Add($"The last poll or registration failed: {Clause(ven.Problem)}.");
        }

        advice.AddRange(VenHealth.Of(ven.State).Where(f => !f.IsLine || ven.Problem is null).Select(f => f.Advice));

        foreach (var stuck in ven.State.Owed.Where(o => o.ParkedAt is not null).Take(5))
        {
            advice.Add($"{Registration.OwedText.Of(stuck)} is parked since {stuck.ParkedAt}: the VTN does not take it ({Clause(stuck.Problem ?? "no reason known")}). Tell the VTN's operator, then POST actions/resend.");
        }

        if (ven.VtnSigns)
        {
            advice.Add("The VTN signs its messages. This version neither verifies signatures nor signs its own: what protects the line is TLS. A VTN that demands signatures will refuse this VEN.");
        }

        if (ven.ClockSkew is { } skew && (skew > SkewAlarm || skew < -SkewAlarm))
        {
            advice.Add($"The VTN's clock is {Math.Abs(skew.TotalSeconds):F0} s {(skew > Duration.Zero ? "ahead of" : "behind")} ours; check both clocks (NTP): events start by the clock.");
        }

        var alarms = ven.Notes.Where(n => n.Level == NoteLevel.Alarm && now - n.At < Duration.FromDays(1)).TakeLast(3);
        advice.AddRange(alarms.Select(a => $"Alarm at {a.At}: {a.Text}"));
    }

    private static async Task<ProbeReport> ProbeAsync(Uri url, TlsProfile profile, ClientIdentity? identity, List<string> advice, CancellationToken ct)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        deadline.CancelAfter(ProbeTime);
        using var tcp = new TcpClient();
        try
        {
            await tcp.ConnectAsync(url.IdnHost, url.Port, deadline.Token);
        }
        catch (Exception e) when (e is SocketException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            var why = e is SocketException s ? OneLine.Of(s.Message) : $"no connection within {ProbeTime.TotalSeconds} s";
            advice.Add($"{url.Host}:{url.Port} can't be reached: {Clause(why)}. Check the URL, DNS and the firewall.");
            return new ProbeReport { Reachable = false, Problem = why };
        }

        if (url.Scheme == Uri.UriSchemeHttp)
        {
            return await PlainAsync(tcp, url, advice, deadline.Token);
        }

        return identity is null
            ? new ProbeReport { Reachable = true, Problem = "no handshake was tried: our own certificate files don't serve" }
            : await HandshakeAsync(tcp, url, profile, identity, advice, deadline.Token);
    }

    /// <summary>Asks for nothing in particular: a TLS port answers even that with an alert, a hang-up, or HTTP 400.</summary>
    private static async Task<ProbeReport> PlainAsync(TcpClient tcp, Uri url, List<string> advice, CancellationToken ct)
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
        if (isHttp && !answer.AsSpan(0, length).EndsWith(" 400"u8))
        {
            return new ProbeReport { Reachable = true };
        }

        const string Why = "the port takes connections but gives no proper answer to plain HTTP; if it speaks TLS, write https:// in vtnUrl";
        advice.Add($"{url.Host}:{url.Port}: {Why}.");
        return new ProbeReport { Reachable = true, Problem = Why };
    }

    private static string Clause(string text) => OneLine.Of(text).TrimEnd(' ', '.');

    private static async Task<ProbeReport> HandshakeAsync(
        TcpClient tcp, Uri url, TlsProfile profile, ClientIdentity identity, List<string> advice, CancellationToken ct)
    {
        var trust = new ServerTrust(profile.ExpectedHostName ?? url.IdnHost, identity.Trust);
        var options = TlsHandshake.Options(profile, identity, trust);
        options.TargetHost = url.IdnHost;
        await using var tls = new SslStream(tcp.GetStream());
        try
        {
            await tls.AuthenticateAsClientAsync(options, ct);
            return new ProbeReport
            {
                Reachable = true,
                TlsProtocol = tls.SslProtocol.ToString(),
                CipherSuite = tls.NegotiatedCipherSuite.ToString(),
                Chain = trust.Chain,
            };
        }
        catch (Exception e) when (e is AuthenticationException or IOException or OperationCanceledException)
        {
            var why = Clause(TlsHandshake.SaysPlainPort(e) ? VtnConnection.PlainHint : trust.Refusal ?? e.InnerException?.Message ?? e.Message);
            advice.Add($"The TLS handshake fails: {why}.");
            return new ProbeReport { Reachable = true, Problem = why, Chain = trust.Chain };
        }
    }
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
}
